import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerizeWarning } from '../../../api.ts';
import type { Io } from '../../../content/store.ts';
import { matchesPlatform, parsePlatform, type Platform } from '../../../oci/platform.ts';
import { describeBinary } from '../../describeBinary.ts';
import { LocalFile } from '../../localFile.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { NeededPackage } from './productionClosure.ts';

/** A file with machine code and the platforms it runs on. */
export interface NativeFile {
  /** Relative to the folder it was looked for in, with `/`. */
  readonly path: string;
  readonly platforms: readonly string[];
}

const maxFolders = 100_000;
const maxNative = 2_000;
const maxPaths = 100;

/** The files of a folder with these endings and what they run on. Links are not followed. Looks at no more than 2,000. */
export async function nativeFiles(
  root: string,
  isNative: (name: string) => boolean,
  enters: (name: string) => boolean,
  io: Io,
): Promise<readonly NativeFile[]> {
  const found: NativeFile[] = [];
  const folders = [''];
  let count = 0;
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    io.signal.throwIfAborted();
    if (++count > maxFolders) break;
    const entries = await readdir(path.join(root, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const below = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory() && enters(entry.name)) folders.push(below);
      if (!entry.isFile() || !isNative(entry.name) || found.length >= maxNative) continue;
      found.push({ path: below, platforms: await platformsOf(path.join(root, below), io) });
    }
  }
  return found;
}

async function platformsOf(file: string, io: Io): Promise<readonly string[]> {
  const source = await LocalFile.open(file, io);
  try {
    return (await describeBinary(source, file, io)).platforms;
  } finally {
    await source.close();
  }
}

interface Candidates {
  readonly files: NativeFile[];
  /** What the packages that are alternatives say of themselves. */
  readonly limits: { readonly os: readonly string[]; readonly cpu: readonly string[] }[];
  readonly names: string[];
}

/** Warns of packages with machine code of which none is for a platform that the image is made for. */
export async function nativeWarnings(
  folder: ProjectFolder,
  packages: readonly NeededPackage[],
  platforms: readonly string[],
  io: Io,
): Promise<readonly ContainerizeWarning[]> {
  const groups = new Map<string, Candidates>();
  for (const { place, from, json, optionalOf } of packages) {
    const root = folder.path(from);
    const found = await nativeFiles(
      root,
      (name) => name.endsWith('.node'),
      (name) => name !== 'node_modules',
      io,
    );
    const isLimited = json.os.length > 0 || json.cpu.length > 0;
    if (found.length === 0 && !isLimited) continue;
    // Packages that are for one platform each are alternatives to each other, chosen by the one that names them.
    const key = isLimited && optionalOf !== undefined ? optionalOf : place;
    const group = groups.get(key) ?? { files: [], limits: [], names: [] };
    groups.set(key, group);
    group.files.push(...found.map((one) => ({ ...one, path: `${place}/${one.path}` })));
    if (isLimited) group.limits.push(json);
    group.names.push(place);
  }
  return platforms.flatMap((platform) => {
    const wrong = [...groups.values()].filter((group) => !fits(group, parsePlatform(platform)));
    return wrong.length === 0 ? [] : [warning(platform, wrong)];
  });
}

function fits({ files, limits }: Candidates, wanted: Platform): boolean {
  // A file that says nothing of platforms is not taken for a wrong one.
  if (files.some(({ platforms }) => platforms.length === 0 || platforms.some((one) => runsOn(one, wanted)))) {
    return true;
  }
  return files.length === 0 && limits.some(({ os, cpu }) => allows(os, wanted.os) && allows(cpu, cpuOf(wanted)));
}

/** True where a binary of one platform runs on another; variants are left to the processor. */
export function runsOn(offered: string, wanted: Platform): boolean {
  const { os, architecture } = wanted;
  return matchesPlatform({ os, architecture }, parsePlatform(offered));
}

function allows(list: readonly string[], name: string): boolean {
  if (list.includes(`!${name}`)) return false;
  return list.every((one) => one.startsWith('!')) || list.includes(name) || list.includes('any');
}

const cpus: Readonly<Record<string, string>> = { amd64: 'x64', '386': 'ia32', ppc64le: 'ppc64' };

function cpuOf({ architecture }: Platform): string {
  return cpus[architecture] ?? architecture;
}

function warning(platform: string, wrong: readonly Candidates[]): ContainerizeWarning {
  const paths = wrong.flatMap(({ files, names }) => (files.length > 0 ? files.map((one) => one.path) : names));
  return {
    code: 'not-supported',
    text:
      `Packages with machine code are not for ${platform} and will not load there. Install for it, with npm: ` +
      `"npm ci --os=linux --cpu=${cpuOf(parsePlatform(platform))}", or make the image on such a machine.`,
    paths: paths.slice(0, maxPaths),
  };
}
