import { setImmediate } from 'node:timers/promises';
import type { FileNode } from '../../archive/layerStack.ts';
import type { Io } from '../../content/store.ts';
import { isOciError, OciError } from '../../errors.ts';
import type { ByteSource } from '../byteSource.ts';
import { readDynamic } from '../elf/elfDynamic.ts';
import { ElfFile } from '../elf/elfFile.ts';
import { isElf } from '../elf/elfHeader.ts';
import { readVersionDefinitions, readVersionNeeds } from '../elf/elfVersions.ts';
import type { BaseFiles } from './baseFiles.ts';
import { type BaseUser, mayUse, permissions } from './baseUser.ts';
import type { LoadedObject, Loader } from './loader.ts';

/** More libraries no program has. */
const maxObjects = 500;
/** Nor are they looked for in more places, all together. */
const maxPlaces = 100_000;

/** A library that the loader does not get. */
export interface Missing {
  readonly name: string;
  readonly by: LoadedObject;
  readonly why: 'absent' | 'damaged' | 'too-large';
  /** Where it would be, but for the user's permissions or its machine. */
  readonly unusable?: string;
}

export interface LoadedLibraries {
  /** The program, its interpreter, then libraries in the order in which they are loaded. */
  readonly objects: readonly LoadedObject[];
  readonly missing: readonly Missing[];
}

/** Reads what the loader reads of a file. @throws OciError corrupt-archive; too-large */
export async function readObject(
  source: ByteSource,
  place: Pick<LoadedObject, 'name' | 'path' | 'parent'>,
  io: Io,
): Promise<LoadedObject> {
  const elf = await ElfFile.open(source, io);
  const dynamic = await readDynamic(elf, io);
  if (dynamic === undefined) return { ...place, elf, dynamic, needs: [], definitions: undefined };
  const needs = await readVersionNeeds(elf, dynamic, io);
  return { ...place, elf, dynamic, needs, definitions: await readVersionDefinitions(elf, dynamic, io) };
}

/** Finds and reads all libraries that a program needs, and those that they need, as its loader does. */
export async function loadLibraries(
  program: LoadedObject,
  interpreter: LoadedObject,
  { base, user, loader }: { readonly base: BaseFiles; readonly user: BaseUser; readonly loader: Loader },
  io: Io,
): Promise<LoadedLibraries> {
  const objects = [program];
  const missing = new Map<string, Missing>();
  const known = new Set<string>();
  const nodes = new Map<FileNode, LoadedObject>();
  let places = maxPlaces;
  const takePlaces = async (count: number): Promise<void> => {
    places -= count;
    if (places < 0) throw new OciError('too-large', `its libraries would be in more than ${maxPlaces} places.`);
    await setImmediate();
    io.signal.throwIfAborted();
  };
  const load = async (name: string, by: LoadedObject): Promise<void> => {
    if (known.has(name)) return;
    known.add(name);
    if (loader.isBuiltIn(name)) return;
    if (objects.length >= maxObjects) throw new OciError('too-large', `it needs more than ${maxObjects} libraries.`);
    const found = await findLibrary({ base, user, loader }, name, by, nodes, takePlaces, io);
    if ('why' in found) missing.set(name, found);
    else {
      // glibc takes a library that is loaded for another of its name.
      if (loader.libc === 'glibc' && found.dynamic?.soname !== undefined) known.add(found.dynamic.soname);
      if (!objects.includes(found)) objects.push(found);
    }
  };
  for (const object of objects) for (const name of object.dynamic?.needed ?? []) await load(name, object);
  return { objects: [...objects.slice(0, 1), interpreter, ...objects.slice(1)], missing: [...missing.values()] };
}

async function findLibrary(
  { base, user, loader }: { readonly base: BaseFiles; readonly user: BaseUser; readonly loader: Loader },
  name: string,
  by: LoadedObject,
  nodes: Map<FileNode, LoadedObject>,
  takePlaces: (count: number) => Promise<void>,
  io: Io,
): Promise<LoadedObject | Missing> {
  let unusable: string | undefined;
  const places = loader.places(name, by);
  await takePlaces(places.length);
  for (const path of places) {
    const node = base.find(path);
    if (node?.content === undefined) continue;
    const same = nodes.get(node);
    if (same !== undefined) return same;
    if (!mayUse(base, user, path, permissions.read)) unusable ??= path;
    else {
      const read = await tryRead(base.source(node), { name, path, parent: by }, io);
      if (typeof read === 'string') return { name, by, why: read, unusable: path };
      const isRight = isSameMachine(read.elf, by.elf);
      // musl takes the first one that is there.
      if (!isRight && loader.libc === 'musl') return { name, by, why: 'damaged', unusable: path };
      if (isRight) return remember(nodes, node, read);
      unusable ??= path;
    }
  }
  return { name, by, why: 'absent', ...(unusable === undefined ? {} : { unusable }) };
}

function remember(nodes: Map<FileNode, LoadedObject>, node: FileNode, object: LoadedObject): LoadedObject {
  nodes.set(node, object);
  return object;
}

async function tryRead(
  source: ByteSource,
  place: Pick<LoadedObject, 'name' | 'path' | 'parent'>,
  io: Io,
): Promise<LoadedObject | 'damaged' | 'too-large'> {
  try {
    if (!isElf(await source.read(0, 64, io))) return 'damaged';
    return await readObject(source, place, io);
  } catch (cause) {
    if (isOciError(cause, 'corrupt-archive')) return 'damaged';
    if (isOciError(cause, 'too-large')) return 'too-large';
    throw cause;
  }
}

/** Loaders pass over what is for another machine, or another kind of the same. */
export function isSameMachine({ header: a }: ElfFile, { header: b }: ElfFile): boolean {
  return a.machine === b.machine && a.format.bits === b.format.bits && a.format.endian === b.format.endian;
}
