import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { isObject, type JsonObject, stringList } from '../../oci/json.ts';
import { parseToml } from '../toml.ts';
import { ProjectFolder } from './projectFolder.ts';
import { rustMembers } from './rustMembers.ts';

/** A package of Cargo and where it is. */
export interface RustPackage {
  readonly name: string;
  /** Below the folder that was looked at, with `/`; `.` for that itself. */
  readonly folder: string;
  readonly manifest: JsonObject;
}

export interface RustWorkspace {
  /** The absolute path of the folder with Cargo.lock and target: the workspace's, which may be above. */
  readonly root: string;
  readonly hasLock: boolean;
  /** The folder's own package first. */
  readonly packages: readonly RustPackage[];
}

const maxParents = 64;

/** The packages of a folder with a Cargo.toml (The Cargo Book, The Manifest Format, Workspaces); undefined for others. */
export async function rustWorkspace(folder: ProjectFolder, io: Io): Promise<RustWorkspace | undefined> {
  const manifest = await readManifest(folder, '.', io);
  if (manifest === undefined) return undefined;
  const workspace = manifest['workspace'];
  const folders = isObject(workspace)
    ? await rustMembers(folder, stringList(workspace['members']), stringList(workspace['exclude']), io)
    : [];
  const packages: RustPackage[] = [];
  for (const member of new Set(['.', ...folders])) {
    const found = packageOf(member, member === '.' ? manifest : await readManifest(folder, member, io));
    if (found !== undefined && packages.every(({ name }) => name !== found.name)) packages.push(found);
  }
  const root = isObject(workspace) ? folder.root : await rootAbove(folder, manifest, io);
  const hasLock = await (await ProjectFolder.open(root)).has('Cargo.lock');
  return { root, hasLock, packages };
}

function packageOf(folder: string, manifest: JsonObject | undefined): RustPackage | undefined {
  const own = manifest?.['package'];
  const name = isObject(own) ? own['name'] : undefined;
  return manifest !== undefined && isCrateName(name) ? { name, folder, manifest } : undefined;
}

/** Names that Cargo takes of packages and programs; with these a path cannot lead elsewhere. */
export function isCrateName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9_][\w-]{0,200}$/.test(name);
}

/** Undefined too for one that is no TOML: Cargo will say what is wrong with it. */
async function readManifest(folder: ProjectFolder, relative: string, io: Io): Promise<JsonObject | undefined> {
  try {
    const name = path.posix.join(relative, 'Cargo.toml');
    const text = await folder.text(name, io);
    return text === undefined ? undefined : parseToml(text, name);
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}

/** The workspace that a package without one of its own is in: the nearest above that does not leave it out. */
async function rootAbove(folder: ProjectFolder, manifest: JsonObject, io: Io): Promise<string> {
  let at = folder.root;
  const own = manifest['package'];
  const named = isObject(own) && typeof own['workspace'] === 'string' ? own['workspace'] : undefined;
  if (named !== undefined) at = path.join(path.resolve(at, named), 'member');
  for (let level = 0; level < maxParents && path.dirname(at) !== at; level += 1) {
    at = path.dirname(at);
    const workspace = await workspaceIn(at, io);
    if (workspace !== undefined) return isLeftOut(folder.root, at, workspace) ? folder.root : at;
  }
  return folder.root;
}

async function workspaceIn(directory: string, io: Io): Promise<JsonObject | undefined> {
  try {
    const found = (await readManifest(await ProjectFolder.open(directory), '.', io))?.['workspace'];
    return isObject(found) ? found : undefined;
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}

function isLeftOut(member: string, root: string, workspace: JsonObject): boolean {
  const relative = path.relative(root, member).replaceAll(path.sep, '/');
  const excluded = stringList(workspace['exclude']).map((one) => path.posix.normalize(one).replace(/\/$/, ''));
  return excluded.some((one) => relative === one || relative.startsWith(`${one}/`));
}
