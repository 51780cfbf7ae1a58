import type { FileOnDisk, PathFilter } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import { isObject } from '../../../oci/json.ts';
import { plainJson } from '../../plainJson.ts';
import { isFile, readableText } from '../folder/onDisk.ts';
import { ancestorsOf, below, both, filesWhere, outputRules, withoutNames } from '../folder/pathFilters.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { BuildContext } from '../recipe.ts';
import { appRoot } from './dependencyLayer.ts';
import { cleanPath } from './startCommand.ts';

/** What is no part of any program: packages, which have a layer of their own, histories, caches and settings of tools. */
const left: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  '.DS_Store',
  '.pnpm-store',
  '.turbo',
  '.parcel-cache',
  '.nyc_output',
  '.github',
  '.husky',
  '.idea',
  '.vscode',
]);
/** Next.js keeps what its server for development writes, and what it measured, beside what is deployed. */
const leftPlaces: ReadonlySet<string> = new Set([
  '.next/cache',
  '.next/dev',
  '.next/diagnostics',
  '.next/trace',
  '.next/trace-build',
  '.next/types',
  '.yarn/cache',
  '.yarn/unplugged',
  '.yarn/install-state.gz',
]);
const typescript = /\.[cm]?tsx?$|\.tsbuildinfo$|(?:^|\/)tsconfig[^/]*\.json$/;

/** A package of the user's own: where it is below the project's folder, and which folder in it a compiler wrote. */
export interface OwnPackage {
  readonly at: string;
  readonly place: string;
  /** The folder with what was compiled, where sources are left out; relative to the package. */
  readonly output?: string;
}

/** The user's own files of a package, without sources that were compiled. */
export function ownFiles(
  folder: ProjectFolder,
  { at, place, output }: OwnPackage,
  filter: PathFilter | undefined,
): FileOnDisk {
  const rules = both(below(filter, at), ownFilter(output));
  return { from: folder.path(at), to: place === '.' ? appRoot : `${appRoot}/${place}`, filter: rules };
}

/** The files of a folder that a build wrote, ignore rules or not. */
export async function outputFiles(
  folder: ProjectFolder,
  at: string,
  to: string,
  build: BuildContext,
): Promise<FileOnDisk> {
  const place = (await folder.real(at)) ?? at;
  const name = at.slice(at.lastIndexOf('/') + 1);
  const stays = (path: string): boolean => !leftPlaces.has(`${name}/${path}`) && !path.endsWith('.DS_Store');
  return { from: folder.path(place), to, filter: both(outputRules(build, place), { keeps: stays, enters: stays }) };
}

function ownFilter(output: string | undefined): PathFilter {
  const named = withoutNames(left);
  const enters = (path: string): boolean => named.enters(path) && !leftPlaces.has(path);
  if (output === undefined) return { keeps: (path) => enters(path), enters };
  return filesWhere((path) => enters(path) && (path.startsWith(`${output}/`) || !isSource(path)), enters);
}

/** Pieces of films end in .ts too. */
function isSource(path: string): boolean {
  return typescript.test(path) && !/(?:^|\/)(?:public|static|assets|media)\//.test(path);
}

/** True where a filter leaves a file in. */
export function reaches(filter: PathFilter | undefined, path: string): boolean {
  if (filter === undefined) return true;
  return filter.keeps(path, false) && ancestorsOf(path).every((one) => filter.keeps(one, true) || filter.enters(one));
}

/** The folder that holds what was compiled from TypeScript, by the file that is started. */
export async function compiledInto(
  folder: ProjectFolder,
  at: string,
  file: string | undefined,
): Promise<string | undefined> {
  const clean = cleanPath(file ?? '');
  if (clean === undefined || typescript.test(clean) || !clean.includes('/')) return undefined;
  const [first = ''] = clean.split('/', 1);
  return first !== 'src' && (await isFile(folder, inside(at, 'tsconfig.json'))) ? first : undefined;
}

/** `compilerOptions.outDir` of a package's tsconfig.json. */
export async function typescriptOutput(folder: ProjectFolder, at: string, io: Io): Promise<string | undefined> {
  const text = await readableText(folder, inside(at, 'tsconfig.json'), io);
  const options = member(parsed(text ?? ''), 'compilerOptions');
  const output = member(options, 'outDir');
  return typeof output === 'string' ? cleanPath(output) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(plainJson(text.replace(/^\uFEFF/, '')));
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A path in a package, relative to the project's folder. */
export function inside(at: string, file: string): string {
  return at === '.' ? file : `${at}/${file}`;
}
