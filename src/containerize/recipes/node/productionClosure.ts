import type { Io } from '../../../content/store.ts';
import { OciError } from '../../../errors.ts';
import { escapeText } from '../../../oci/reference.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import { type Found, InstalledPackages } from './installed.ts';
import { type PackageJson, readPackageJson } from './packageJson.ts';

/** A package that is needed when the program runs. Paths are relative to the project's folder, with `/`. */
export interface NeededPackage extends Omit<Found, 'links'> {
  readonly json: PackageJson;
  /** The package whose optional dependency it is: of several such one may be enough. Absent where it must be there. */
  readonly optionalOf?: string;
}

/** What a package needs when it runs, without its development dependencies: as `npm ci --omit=dev` would install it. */
export interface Closure {
  readonly packages: readonly NeededPackage[];
  /** Symbolic links by which packages are found. */
  readonly links: readonly string[];
  /** Names that are not installed, and what needs them. */
  readonly missing: readonly { readonly name: string; readonly by: string }[];
  /** Names whose links lead out of the project's folder. */
  readonly outside: readonly string[];
}

const maxPackages = 50_000;

/** Follows the dependencies of the package in the folder `start` through what is installed. @throws OciError too-large above 50,000 packages */
export async function productionClosure(
  folder: ProjectFolder,
  start: string,
  json: PackageJson,
  io: Io,
): Promise<Closure> {
  const installed = new InstalledPackages(folder);
  const packages = new Map<string, NeededPackage>();
  const links = new Set<string>();
  const missing: { name: string; by: string }[] = [];
  const outside = new Set<string>();
  const waiting: { readonly place: string; readonly json: PackageJson }[] = [{ place: start, json }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { name, isOptional } of needsOf(next.json)) {
      io.signal.throwIfAborted();
      const found = await installed.find(name, next.place);
      if (found === 'outside') outside.add(name);
      if (found === 'missing' && !isOptional) missing.push({ name, by: next.place });
      if (typeof found === 'string') continue;
      for (const link of found.links) links.add(link);
      if (packages.has(found.place) || found.place === start) continue;
      if (packages.size >= maxPackages) throw tooMany(folder);
      const needed = await read(folder, found, isOptional ? next.place : undefined, io);
      packages.set(found.place, needed);
      waiting.push(needed);
    }
  }
  for (const link of await commandLinks(installed, packages)) links.add(link);
  return { packages: [...packages.values()], links: [...links], missing, outside: [...outside] };
}

function needsOf(json: PackageJson): readonly { readonly name: string; readonly isOptional: boolean }[] {
  return [
    ...json.dependencies.map((name) => ({ name, isOptional: false })),
    ...json.optional.map((name) => ({ name, isOptional: true })),
  ];
}

async function read(
  folder: ProjectFolder,
  { place, from }: Found,
  optionalOf: string | undefined,
  io: Io,
): Promise<NeededPackage> {
  const json = (await readPackageJson(folder, from, io)) ?? nothing;
  return { place, from, json, ...(optionalOf === undefined ? {} : { optionalOf }) };
}

/** A folder that Node takes for a package though it has no package.json. */
const nothing: PackageJson = {
  isExtension: false,
  bin: new Map(),
  scripts: {},
  dependencies: [],
  optional: [],
  devDependencies: [],
  workspaces: [],
  os: [],
  cpu: [],
  bundles: false,
};

/** Links to the commands of packages that are needed; those of others would lead nowhere. */
async function commandLinks(
  installed: InstalledPackages,
  packages: ReadonlyMap<string, NeededPackage>,
): Promise<readonly string[]> {
  const modules = new Set([...packages.keys()].flatMap((place) => modulesOf(place) ?? []));
  const found: string[] = [];
  for (const folder of modules) {
    for (const { link, target } of await installed.commands(folder)) {
      const parts = target.split('/');
      if (parts.some((_, length) => packages.has(parts.slice(0, length + 1).join('/')))) found.push(link);
    }
  }
  return found;
}

/** The node_modules folder that a package lies in; undefined for one of the workspace itself. */
export function modulesOf(place: string): string | undefined {
  const end = `/${place}`.lastIndexOf('/node_modules/');
  return end < 0 ? undefined : place.slice(0, end + 'node_modules'.length);
}

function tooMany(folder: ProjectFolder): OciError {
  return new OciError(
    'too-large',
    `${escapeText(folder.root)} needs more than ${maxPackages} packages; choose one package of the workspace instead.`,
  );
}
