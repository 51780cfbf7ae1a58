import type { Io } from '../../../content/store.ts';
import { isOciError } from '../../../errors.ts';
import { isObject, type JsonObject, stringList, stringMap } from '../../../oci/json.ts';
import { parseToml } from '../../toml.ts';
import { isFile } from '../folder/onDisk.ts';
import { readJsonFile } from '../node/packageJson.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import { type Locked, lockedByPipenv } from './lockedPackages.ts';
import { lockedByPylock } from './pylock.ts';
import {
  isPlainRequirement,
  normalName,
  parseRequirement,
  type Requirement,
  requirementsOf,
} from './requirementNames.ts';

/** Where it stands what a project needs. */
export type DependencySource = 'uv' | 'poetry' | 'pdm' | 'pipfile' | 'pylock' | 'requirements' | 'pyproject' | 'none';

/** What of a project's files decides how it is packed. */
export interface PythonProject {
  readonly folder: ProjectFolder;
  readonly name?: string;
  /** `requires-python`: a range; empty for all. */
  readonly range: string;
  /** Commands and what they call: `package.module:function`. */
  readonly scripts: ReadonlyMap<string, string>;
  readonly source: DependencySource;
  /** The file of the source, relative to the folder; absent for `none`. */
  readonly file?: string;
  /** What it needs itself; undefined where only its tool can say. */
  readonly needs?: readonly Requirement[];
  /** As pip takes them: of `pyproject`, `pipfile` and `pylock`. */
  readonly specifiers: readonly string[];
  /** Of `pipfile` and `pylock`: the same, with what their files must be. */
  readonly locked?: readonly Locked[];
  /** What had to be left out of `specifiers`. */
  readonly unsupported: readonly string[];
  /** Its pyproject.toml is broken. */
  readonly isBroken: boolean;
}

const maxNames = 5_000;

/** Reads what says how a Python project is built; undefined for a folder without any such file. */
export async function readPythonProject(folder: ProjectFolder, io: Io): Promise<PythonProject | undefined> {
  const toml = await readPyproject(folder, io);
  const isBroken = toml === 'broken';
  const pyproject: JsonObject = toml === undefined || isBroken ? {} : toml;
  const project = objectAt(pyproject, 'project');
  const poetry = objectAt(pyproject, 'tool', 'poetry');
  const source = await sourceOf(folder, { project, poetry });
  const name = project['name'] ?? poetry['name'];
  const hasFile = toml !== undefined || source !== 'none' || (await hasProgram(folder, io));
  if (!hasFile) return undefined;
  return {
    folder,
    ...(typeof name === 'string' ? { name } : {}),
    range: rangeOf(project, poetry) || (source === 'pipfile' ? await pipenvRange(folder, io) : ''),
    scripts: scriptsOf(project, poetry),
    source,
    isBroken,
    ...(await neededBy(folder, source, { project, poetry }, io)),
  };
}

async function readPyproject(folder: ProjectFolder, io: Io): Promise<JsonObject | 'broken' | undefined> {
  try {
    const text = await folder.text('pyproject.toml', io);
    return text === undefined ? undefined : parseToml(text, 'pyproject.toml');
  } catch (error) {
    if (isOciError(error)) return 'broken';
    throw error;
  }
}

interface Tables {
  readonly project: JsonObject;
  readonly poetry: JsonObject;
}

async function sourceOf(folder: ProjectFolder, { project, poetry }: Tables): Promise<DependencySource> {
  if (await isFile(folder, 'uv.lock')) return 'uv';
  if ((await isFile(folder, 'poetry.lock')) || isObject(poetry['dependencies'])) return 'poetry';
  if (await isFile(folder, 'pdm.lock')) return 'pdm';
  if (await isFile(folder, 'Pipfile.lock')) return 'pipfile';
  if (await isFile(folder, 'pylock.toml')) return 'pylock';
  if (await isFile(folder, 'requirements.txt')) return 'requirements';
  return stringList(project['dependencies']).length > 0 ? 'pyproject' : 'none';
}

async function hasProgram(folder: ProjectFolder, io: Io): Promise<boolean> {
  return (await folder.list('.', io)).some(({ name, kind }) => kind === 'file' && name.endsWith('.py'));
}

type Needed = Pick<PythonProject, 'file' | 'needs' | 'specifiers' | 'locked' | 'unsupported'>;

async function neededBy(folder: ProjectFolder, source: DependencySource, tables: Tables, io: Io): Promise<Needed> {
  const texts = stringList(tables.project['dependencies']).slice(0, maxNames);
  const none = { specifiers: [], unsupported: [] };
  switch (source) {
    case 'none':
      return { ...none, needs: [] };
    case 'pyproject':
      return { ...none, ...split(texts), ...allRequirements(texts), file: 'pyproject.toml' };
    case 'uv':
    case 'pdm':
      return { ...none, ...allRequirements(texts), file: `${source}.lock` };
    case 'poetry': {
      const own = Object.keys(objectAt(tables.poetry, 'dependencies')).filter((one) => one.toLowerCase() !== 'python');
      const file = (await isFile(folder, 'poetry.lock')) ? 'poetry.lock' : 'pyproject.toml';
      return { ...none, ...allRequirements([...texts, ...own]), file };
    }
    case 'pipfile': {
      const found = lockedNeeds(lockedByPipenv(await readJsonFile(folder, 'Pipfile.lock', io)));
      return { ...found, file: 'Pipfile.lock' };
    }
    case 'pylock': {
      const found = lockedNeeds(lockedByPylock((await folder.text('pylock.toml', io)) ?? ''));
      return { ...found, file: 'pylock.toml' };
    }
    case 'requirements': {
      const needs = requirementsOf((await folder.text('requirements.txt', io)) ?? '');
      return { ...none, ...(needs === undefined ? {} : { needs }), file: 'requirements.txt' };
    }
  }
}

function allRequirements(texts: readonly string[]): { readonly needs?: readonly Requirement[] } {
  const needs = texts.map(parseRequirement);
  return needs.every((one) => one !== undefined) ? { needs } : {};
}

function lockedNeeds(all: readonly Locked[]): Needed {
  const found = split(all.map(({ specifier }) => specifier));
  const taken = new Set(found.specifiers);
  return {
    ...found,
    ...allRequirements(found.specifiers),
    locked: all.filter(({ specifier }) => taken.has(specifier)),
  };
}

function split(texts: readonly string[]): {
  readonly specifiers: readonly string[];
  readonly unsupported: readonly string[];
} {
  return {
    specifiers: texts.filter(isPlainRequirement),
    unsupported: texts.filter((one) => !isPlainRequirement(one)),
  };
}

function rangeOf(project: JsonObject, poetry: JsonObject): string {
  const found = project['requires-python'] ?? objectAt(poetry, 'dependencies')['python'];
  return typeof found === 'string' ? found : '';
}

/** What the section `[requires]` of a Pipfile asks for, as its lock file repeats it. */
async function pipenvRange(folder: ProjectFolder, io: Io): Promise<string> {
  const requires = objectAt((await readJsonFile(folder, 'Pipfile.lock', io)) ?? {}, '_meta', 'requires');
  const found = requires['python_full_version'] ?? requires['python_version'];
  return typeof found === 'string' ? found : '';
}

const scriptName = /^[\w.-]{1,200}$/;
const objectReference = /^[A-Za-z_][\w.]{0,200}(?::[A-Za-z_][\w.]{0,200})?$/;

/** The command named as the project comes first. */
function scriptsOf(project: JsonObject, poetry: JsonObject): ReadonlyMap<string, string> {
  const all = { ...stringMap(poetry['scripts']), ...stringMap(project['scripts']) };
  const named = project['name'] ?? poetry['name'];
  const own = (name: string): number => (typeof named === 'string' && normalName(name) === normalName(named) ? 0 : 1);
  const entries = Object.entries(all)
    .slice(0, 100)
    .filter(([name, target]) => scriptName.test(name) && objectReference.test(target.replace(/\s+/g, '')))
    .map(([name, target]) => [name, target.replace(/\s+/g, '')] as const);
  return new Map(entries.sort(([a], [b]) => own(a) - own(b)));
}

function objectAt(value: JsonObject, ...names: readonly string[]): JsonObject {
  let at: JsonObject = value;
  for (const name of names) {
    const next: unknown = Object.hasOwn(at, name) ? at[name] : undefined;
    at = isObject(next) ? next : {};
  }
  return at;
}
