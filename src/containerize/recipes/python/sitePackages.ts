import type { ContainerizeWarning } from '../../../api.ts';
import type { PathFilter } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import { parsePlatform } from '../../../oci/platform.ts';
import { filesWhere } from '../folder/pathFilters.ts';
import { isFolder } from '../folder/onDisk.ts';
import { nativeFiles, runsOn } from '../node/nativeAddons.ts';
import type { ProjectFolder } from '../projectFolder.ts';

/** The packages of a virtual environment. */
export interface Environment {
  /** Relative to the project's folder. */
  readonly site: string;
  /** Of Python 3. */
  readonly minor: number;
}

/** The virtual environment of a project in its usual places; undefined where there is none that images can use. */
export async function environmentOf(folder: ProjectFolder, io: Io): Promise<Environment | undefined> {
  for (const name of ['.venv', 'venv']) {
    for (const { name: version, kind } of await folder.list(`${name}/lib`, io)) {
      const minor = /^python3\.(\d{1,2})$/.exec(version)?.[1];
      const site = `${name}/lib/${version}/site-packages`;
      if (kind === 'folder' && minor !== undefined && (await isFolder(folder, site)))
        return { site, minor: Number(minor) };
    }
  }
  return undefined;
}

/** Compiled files hold the times of their sources; commands, addresses and editable installs hold paths of this machine. */
const left =
  /(?:^|\/)__pycache__(?:\/|$)|\.py[co]$|^[^/]+\.dist-info\/direct_url\.json$|^bin(?:\/|$)|(?:^|\/)\.lock$|^__editable__[^/]*$|^[^/]+\.egg-link$/;

/** Of packages from folders and addresses: lists with the digest of an address, which holds a path of this machine. */
export async function localRecords(folder: ProjectFolder, site: string, io: Io): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { name, kind } of await folder.list(site, io)) {
    const isLocal = kind === 'folder' && name.endsWith('.dist-info');
    if (isLocal && (await folder.has(`${site}/${name}/direct_url.json`))) found.add(`${name}/RECORD`);
  }
  return found;
}

/** What of installed packages goes into an image: all, or some files, without some lists. */
export function packagesFilter(files: ReadonlySet<string> | undefined, lists: ReadonlySet<string>): PathFilter {
  return filesWhere(
    (path) => !left.test(path) && !lists.has(path) && (files === undefined || files.has(path)),
    (path) => !left.test(path),
  );
}

const maxPaths = 100;

/** Warns of packages with machine code for another platform or another version of Python than the image's. */
export async function packageWarnings(
  root: string,
  {
    platform,
    minor,
    files,
  }: { readonly platform: string; readonly minor: number; readonly files?: ReadonlySet<string> },
  io: Io,
): Promise<readonly ContainerizeWarning[]> {
  const all = await nativeFiles(
    root,
    (name) => /\.so(?:\.\d+)*$|\.pyd$|\.dylib$/.test(name),
    (name) => name !== '__pycache__',
    io,
  );
  const found = files === undefined ? all : all.filter(({ path }) => files.has(path));
  const wanted = parsePlatform(platform);
  const foreign = found.filter(({ path, platforms }) =>
    platforms.length === 0 ? /\.(?:pyd|dylib)$/.test(path) : !platforms.some((one) => runsOn(one, wanted)),
  );
  const other = found.filter(({ path }) => !isForVersion(path, minor));
  const warnings: ContainerizeWarning[] = [];
  if (foreign.length > 0) {
    const text = `Python packages with machine code are not for ${platform} and will not load there. Build without a virtual environment, or on such a machine.`;
    warnings.push({ code: 'not-supported', text, paths: pathsOf(foreign) });
  }
  if (other.length > 0) {
    const has = /\.cpython-3(\d{1,2})-/.exec(other[0]?.path ?? '')?.[1] ?? '';
    const text =
      `Python packages were built for Python 3.${has} and will not load in 3.${minor}. Take the base python:3.${has}-slim, ` +
      `or install them with Python 3.${minor}.`;
    warnings.push({ code: 'not-supported', text, paths: pathsOf(other) });
  }
  return warnings;
}

function isForVersion(path: string, minor: number): boolean {
  const tag = /\.cpython-3(\d{1,2})-/.exec(path)?.[1];
  return tag === undefined || Number(tag) === minor;
}

function pathsOf(files: readonly { readonly path: string }[]): readonly string[] {
  return files.slice(0, maxPaths).map(({ path }) => path);
}
