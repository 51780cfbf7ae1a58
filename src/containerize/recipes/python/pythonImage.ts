import path from 'node:path';
import type { ConfigChanges, ContainerizeWarning } from '../../../api.ts';
import type { PathFilter } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import { OciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ImageBlueprint, LayerBlueprint } from '../../blueprint.ts';
import { both, withoutNames } from '../folder/pathFilters.ts';
import { ProjectFolder } from '../projectFolder.ts';
import type { BuildContext } from '../recipe.ts';
import { consoleScripts, neededDistributions } from './distributions.ts';
import { hostPlatform, installFolder } from './pipSteps.ts';
import { codeFor, type Entry, entryOf, modulePath } from './pythonEntry.ts';
import type { PythonProject } from './pythonProject.ts';
import { requirementFiles } from './requirementFiles.ts';
import { type Environment, environmentOf, localRecords, packagesFilter, packageWarnings } from './sitePackages.ts';

/** What one image is made of. */
export interface PythonProgram {
  readonly project: PythonProject;
  /** Which of several scripts. */
  readonly script: string | undefined;
  /** Of Python 3. */
  readonly minor: number;
}

interface Packages {
  /** The absolute path of a site-packages folder. */
  readonly root: string;
  /** Absent: in the images of all platforms. */
  readonly platform?: string;
  /** Absent: all. */
  readonly files?: ReadonlySet<string>;
}

/** The virtual environment of a project where it can be packed as it is; undefined where packages must be installed. */
export async function environmentFor(
  { folder, needs, source }: PythonProject,
  minor: number,
  { platforms }: BuildContext,
  io: Io,
  host = hostPlatform(),
): Promise<(Environment & { readonly files: ReadonlySet<string> }) | undefined> {
  const found = source === 'none' ? undefined : await environmentOf(folder, io);
  if (found?.minor !== minor || needs === undefined) return undefined;
  const needed = await neededDistributions(folder, found.site, needs, io);
  if (needed === undefined || needed.missing.length > 0) return undefined;
  const { files } = needed;
  const isPure = ![...files].some((file) => /\.so(?:\.|$)|\.pyd$|\.dylib$/.test(file));
  return isPure || platforms.every((one) => one === host) ? { ...found, files } : undefined;
}

/**
 * The image of a Python program: installed packages in one layer, for each platform where they differ, the program in the next.
 * @throws OciError not-found where packages are not installed yet, or nothing can be started
 */
export async function pythonImage(program: PythonProgram, build: BuildContext, io: Io): Promise<ImageBlueprint> {
  const { project, minor, script } = program;
  const packages = await packagesOf(project, minor, build, io);
  const entry = await entryOf(project, script, io);
  if (entry === undefined) throw noProgram(project);
  const { config, notes } = await configOf(project, entry, packages, io);
  const warnings: ContainerizeWarning[] = [...notes, ...brokenWarnings(project)];
  for (const { root, platform, files } of packages) {
    for (const one of platform === undefined ? build.platforms : [platform]) {
      warnings.push(...(await packageWarnings(root, { platform: one, minor, ...(files && { files }) }, io)));
    }
  }
  return {
    layers: [...(await packagesLayers(packages, io)), appLayer(project, build.filter)],
    config,
    programs: [],
    warnings,
    materials: packages.flatMap(installedIn),
    lockFiles: await locksOf(project, io),
  };
}

/** The files that name its packages. */
async function locksOf({ folder, file, source }: PythonProject, io: Io): Promise<readonly string[]> {
  if (file === undefined) return [];
  if (source !== 'requirements') return [folder.path(file)];
  return [...(await requirementFiles(folder, file, io)).keys()].map((one) => folder.path(one));
}

/** What says which packages are in the image: a lock file names those for other systems too. */
function installedIn({ root, files }: Packages): readonly string[] {
  if (files === undefined) return [root];
  return [...files].filter((file) => file.endsWith('.dist-info/METADATA')).map((file) => path.join(root, file));
}

async function packagesOf(
  project: PythonProject,
  minor: number,
  build: BuildContext,
  io: Io,
): Promise<readonly Packages[]> {
  const isEmpty = !['poetry', 'uv', 'pdm'].includes(project.source) && project.needs?.length === 0;
  if (project.source === 'none' || isEmpty) return [];
  const environment = await environmentFor(project, minor, build, io);
  if (environment !== undefined) return [{ root: project.folder.path(environment.site), files: environment.files }];
  const found: Packages[] = [];
  for (const platform of build.platforms) {
    const root = await installFolder(project, minor, platform, build, io);
    if (!(await isInstalled(root, io))) throw notInstalled(project, platform);
    found.push({ root, platform });
  }
  return found;
}

async function isInstalled(root: string, io: Io): Promise<boolean> {
  return (await openFolder(root))?.list('.', io).then((entries) => entries.length > 0) ?? false;
}

async function openFolder(root: string): Promise<ProjectFolder | undefined> {
  return ProjectFolder.open(root).catch(() => undefined);
}

async function packagesLayers(packages: readonly Packages[], io: Io): Promise<readonly LayerBlueprint[]> {
  const layers: LayerBlueprint[] = [];
  for (const { root, platform, files } of packages) {
    const filter = packagesFilter(files, await localRecords(await ProjectFolder.open(root), '.', io));
    const placed = [{ from: root, to: '/app/site-packages', filter }];
    layers.push({ name: 'dependencies', ...(platform === undefined ? {} : { platform }), files: placed });
  }
  return layers;
}

const left = withoutNames(
  new Set([
    '__pycache__',
    '.venv',
    'venv',
    '.git',
    '.hg',
    '.svn',
    '.mypy_cache',
    '.pytest_cache',
    '.ruff_cache',
    '.tox',
    '.nox',
    // PDM keeps the path of this machine's Python in them, and packages for it.
    '.pdm-python',
    '.pdm.toml',
    '.pdm-build',
    '__pypackages__',
    '.ipynb_checkpoints',
    '.DS_Store',
    'node_modules',
  ]),
);

function appLayer({ folder }: PythonProject, filter: PathFilter | undefined): LayerBlueprint {
  const own: PathFilter = {
    keeps: (place, isFolder) => left.keeps(place, isFolder) && !/\.py[co]$|\.egg-info(?:\/|$)/.test(place),
    enters: (place) => left.enters(place) && !place.endsWith('.egg-info'),
  };
  return { name: 'app', files: [{ from: folder.root, to: '/app', filter: both(filter, own) }] };
}

async function configOf(
  { folder }: PythonProject,
  entry: Entry,
  packages: readonly Packages[],
  io: Io,
): Promise<{ readonly config: ConfigChanges; readonly notes: readonly ContainerizeWarning[] }> {
  const env = [`PYTHONPATH=${await modulePath(folder)}`, 'PYTHONUNBUFFERED=1', 'PYTHONDONTWRITEBYTECODE=1'];
  const rest = { workdir: '/app', env };
  if (entry.kind === 'python') {
    return { config: { ...rest, env: [...env, ...entry.env], entrypoint: ['python3', ...entry.args] }, notes: [] };
  }
  if (entry.kind === 'shell') {
    // Procfiles leave the port to whoever runs them.
    const port = entry.line.includes('$PORT') || entry.line.includes('${PORT') ? ['PORT=8080'] : [];
    const line = await shellLine(entry.line, packages, io);
    const text = 'The web process of the Procfile needs a shell: the base must have /bin/sh.';
    const config = { ...rest, env: [...env, ...port], entrypoint: ['/bin/sh', '-c', line] };
    return { config, notes: [{ code: 'note', text }] };
  }
  const [word = '', ...args] = entry.words;
  const target = await commandTarget(packages, word, io);
  const start = target === undefined ? [word, ...args] : ['python3', '-c', codeFor(target), ...args];
  const text = `No installed package has the command ${escapeText(word)}: the base must have it.`;
  return {
    config: { ...rest, env: [...env, ...entry.env], entrypoint: start },
    notes: target === undefined ? [{ code: 'note', text }] : [],
  };
}

/** Commands of packages are on no PATH of the image; what one line starts takes the shell's place, and so gets the signals. */
async function shellLine(line: string, packages: readonly Packages[], io: Io): Promise<string> {
  const [, word = '', rest = ''] = /^([\w.-]+)(.*)$/s.exec(line) ?? [];
  const target = word === '' ? undefined : await commandTarget(packages, word, io);
  const own = target === undefined ? line : `python3 -c '${codeFor(target)}'${rest}`;
  return /[;&|\n]/.test(line) || word === '' ? own : `exec ${own}`;
}

async function commandTarget(packages: readonly Packages[], word: string, io: Io): Promise<string | undefined> {
  for (const { root } of packages) {
    const folder = await openFolder(root);
    const found = folder === undefined ? undefined : (await consoleScripts(folder, '.', io)).get(word);
    if (found !== undefined) return found;
  }
  return undefined;
}

function brokenWarnings({ isBroken, unsupported }: PythonProject): readonly ContainerizeWarning[] {
  const warnings: ContainerizeWarning[] = [];
  if (isBroken) warnings.push({ code: 'note', text: 'pyproject.toml cannot be read; what it says is not known.' });
  if (unsupported.length > 0) {
    // Without the address, which may hold a password.
    const names = unsupported
      .slice(0, 5)
      .map((one) => /^[\w.-]{1,80}/.exec(one.replace(/^@/, ''))?.[0] ?? 'one without a name');
    const text = `Packages from addresses and paths are left out: ${escapeText(names.join(', '))}. List them in a requirements.txt.`;
    warnings.push({ code: 'not-supported', text });
  }
  return warnings;
}

function notInstalled({ folder, file }: PythonProject, platform: string): OciError {
  return new OciError(
    'not-found',
    `the packages that ${escapeText(file ?? 'the project')} of ${escapeText(folder.root)} names are not installed for ` +
      `${platform}. Let them be installed by the build.`,
  );
}

function noProgram({ folder }: PythonProject): OciError {
  return new OciError(
    'not-found',
    `it is not known what starts ${escapeText(folder.root)}: give it a main.py, a __main__.py, "[project.scripts]" in ` +
      'pyproject.toml or a Procfile.',
  );
}
