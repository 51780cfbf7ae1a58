import type { Io } from '../../../content/store.ts';
import { isOciError } from '../../../errors.ts';
import { isObject, type JsonObject, stringList, stringMap } from '../../../oci/json.ts';
import type { ProjectFolder } from '../projectFolder.ts';

/** What of a package.json decides how a package is built and started. */
export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly main?: string;
  /** What others get of `exports` where they import the package by its name. */
  readonly exported?: string;
  readonly packageManager?: string;
  /** `engines.node`: a range. */
  readonly node?: string;
  /** It is an extension of an editor, which no `node` starts. */
  readonly isExtension: boolean;
  /** Commands and the files they start. */
  readonly bin: ReadonlyMap<string, string>;
  readonly scripts: Readonly<Record<string, string>>;
  /** Names that must be installed. */
  readonly dependencies: readonly string[];
  /** Names that are used where they are installed: optional ones and peers. */
  readonly optional: readonly string[];
  readonly devDependencies: readonly string[];
  /** Globs of folders, relative to the package. */
  readonly workspaces: readonly string[];
  /** Where it may be installed; empty for everywhere. */
  readonly os: readonly string[];
  readonly cpu: readonly string[];
  /** It brings packages in its own node_modules. */
  readonly bundles: boolean;
}

const maxNames = 10_000;
/** Of `exports`: how deep conditions stand in each other, and how many beside each other. */
const maxDepth = 3;
const maxConditions = 20;

/** The package.json of a folder below the project's; undefined where there is none, or it cannot be understood. */
export async function readPackageJson(folder: ProjectFolder, at: string, io: Io): Promise<PackageJson | undefined> {
  const value = await readJsonFile(folder, at === '.' ? 'package.json' : `${at}/package.json`, io);
  return value === undefined ? undefined : packageJson(value);
}

/** A JSON object in a file below the project's folder; undefined where there is none. */
export async function readJsonFile(folder: ProjectFolder, at: string, io: Io): Promise<JsonObject | undefined> {
  try {
    const text = await folder.text(at, io);
    // Of a name that stands twice the last counts, as for Node and npm: packages of that kind are published.
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isOciError(error, 'too-large', 'forbidden', 'invalid-reference')) {
      return undefined;
    }
    throw error;
  }
}

/** Reads a package.json; members of a wrong kind are left out. */
export function packageJson(value: JsonObject): PackageJson {
  const { name, version, main, packageManager, engines, workspaces } = value;
  const optional = new Set(names(value['optionalDependencies']));
  const node = isObject(engines) ? engines['node'] : undefined;
  const members = isObject(workspaces) ? workspaces['packages'] : workspaces;
  const exported = exportedFile(value['exports'], 0);
  const bundled = value['bundleDependencies'] ?? value['bundledDependencies'];
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof main === 'string' && main !== '' ? { main } : {}),
    ...(exported === undefined ? {} : { exported }),
    ...(typeof packageManager === 'string' ? { packageManager } : {}),
    ...(typeof node === 'string' ? { node } : {}),
    isExtension: isObject(engines) && typeof engines['vscode'] === 'string',
    bin: commands(value['bin'], typeof name === 'string' ? name : ''),
    scripts: stringMap(value['scripts']),
    // npm takes what stands in both for optional.
    dependencies: names(value['dependencies']).filter((one) => !optional.has(one)),
    optional: [...optional, ...names(value['peerDependencies'])],
    devDependencies: names(value['devDependencies']),
    workspaces: stringList(members),
    os: stringList(value['os']),
    cpu: stringList(value['cpu']),
    bundles: bundled === true || (Array.isArray(bundled) && bundled.length > 0),
  };
}

/** The first JavaScript file of `exports`, under whatever path and conditions: types are none. */
function exportedFile(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return /\.[cm]?js$/.test(value) ? value : undefined;
  if (!isObject(value) || depth > maxDepth) return undefined;
  for (const one of Object.values(value).slice(0, maxConditions)) {
    const found = exportedFile(one, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function names(value: unknown): readonly string[] {
  return isObject(value) ? Object.keys(value).slice(0, maxNames) : [];
}

function commands(value: unknown, name: string): ReadonlyMap<string, string> {
  if (typeof value === 'string') return new Map([[name.slice(name.lastIndexOf('/') + 1), value]]);
  return new Map(Object.entries(stringMap(value)).slice(0, maxNames));
}
