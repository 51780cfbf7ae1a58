import path from 'node:path';
import type { FileOnDisk, LayerFile, PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import { addedTar, type UnpackRoom } from './addedTar.ts';
import { wrong } from './complaints.ts';
import {
  type Attributes,
  both,
  type Copied,
  folderEntries,
  folderEntry,
  treeOf,
  withoutHidden,
} from './copiedFiles.ts';
import { findSources, type FoundSource, type SourceFolder } from './sourceFolder.ts';
import { findWithParents } from './withParents.ts';
import type { ImageFolders } from './imageFolders.ts';
import { excluding } from './patternFilter.ts';

/** COPY or ADD with everything in it expanded. */
export interface CopyRequest {
  readonly kind: 'copy' | 'add';
  readonly sources: readonly string[];
  readonly documents: readonly { readonly name: string; readonly content: string }[];
  /** An absolute path, with a `/` at its end where it must be a folder. */
  readonly destination: string;
  readonly from: SourceFolder;
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly mode?: number;
  readonly excludes: readonly string[];
  readonly parents: boolean;
  readonly unpack: boolean;
}

/** The image that is copied to, as far as copying changes it. */
interface CopyTarget {
  readonly folders: ImageFolders;
  readonly room: UnpackRoom;
}

/** A copy that is being made. */
interface Copying extends CopyTarget {
  readonly request: CopyRequest;
  readonly attributes: Attributes;
  readonly excludes: PathFilter | undefined;
  readonly copied: Copied[];
}

/**
 * The files of one COPY or ADD, as BuildKit places them: folders by their contents, files into a destination that ends in `/`
 * or is a folder, the later over the earlier. What it makes is added to the target's folders.
 * @throws OciError invalid-spec for sources that are not there, and for several without a folder to go to
 */
export async function copyLayer(
  request: CopyRequest,
  { folders, room }: CopyTarget,
  io: Io,
): Promise<readonly LayerFile[]> {
  const { owner = { uid: 0, gid: 0 }, mode, excludes } = request;
  const attributes = { ...owner, ...(mode === undefined ? {} : { mode, directoryMode: mode }) };
  const filter = excludes.length === 0 ? undefined : excluding(excludes);
  const copying: Copying = { request, folders, room, attributes, excludes: filter, copied: [] };
  if (request.parents) await copyWithParents(copying, io);
  else await copyPlainly(copying, io);
  await addDocuments(copying);
  return withoutHidden(copying.copied, io);
}

async function copyPlainly(copying: Copying, io: Io): Promise<void> {
  const { request, excludes } = copying;
  const lists: (readonly FoundSource[])[] = [];
  for (const source of request.sources) lists.push(await findSources(source, request.from, io));
  const found = lists.flat().filter(({ name, path: place, kind }) => {
    return kind === 'folder' || excludes === undefined || (excludes.keeps(name, false) && excludes.keeps(place, false));
  });
  await assertRoom(copying, found.length + request.documents.length);
  for (const source of found) {
    io.signal.throwIfAborted();
    if (source.kind === 'folder') await copyTree(copying, source);
    else await copyFile(copying, source, io);
  }
}

/** Several need a folder to go to. */
async function assertRoom({ request, folders }: Copying, count: number): Promise<void> {
  const { destination, sources, documents } = request;
  if (count < 2 && sources.length + documents.length < 2) return;
  if (destination.endsWith('/') || (await folders.find(destination)) !== undefined) return;
  throw wrong('several sources need a folder to go to: end the destination with /.');
}

async function copyTree(copying: Copying, source: FoundSource): Promise<void> {
  const { request, attributes, excludes, copied, folders } = copying;
  const to = await makeFolder(copying, trimmedSlash(request.destination), 'itself too');
  const tree = treeOf(request.from, source.path, to, attributes);
  const filter = both(tree.filter, excludes);
  const file: FileOnDisk = { ...tree, ...(filter === undefined ? {} : { filter }) };
  copied.push({ kind: 'tree', file });
  folders.addTree(file);
}

async function copyFile(copying: Copying, source: FoundSource, io: Io): Promise<void> {
  const { request, attributes, copied } = copying;
  const from = path.join(request.from.root, source.path);
  if (request.unpack && (await copyArchive(copying, from, io))) return;
  copied.push({ kind: 'file', file: { from, to: await placeFor(copying, source.name), ...attributes } });
}

async function copyArchive(copying: Copying, from: string, io: Io): Promise<boolean> {
  const { request, folders, room, copied } = copying;
  const to = await folders.real(trimmedSlash(request.destination));
  const owner = request.owner === undefined ? {} : { owner: request.owner };
  const unpacked = await addedTar(from, { to, ...owner, anyFolder: request.from.root, room }, io);
  if (unpacked === undefined) return false;
  await makeFolder(copying, to);
  for (const folder of unpacked.folders) folders.add(folder);
  copied.push(...unpacked.copied);
  return true;
}

async function copyWithParents(copying: Copying, io: Io): Promise<void> {
  const { request, copied, folders, attributes, excludes } = copying;
  const to = await makeFolder(copying, trimmedSlash(request.destination), 'itself too');
  for (const source of request.sources) {
    const { root, filter } = await findWithParents(source, request.from, io);
    const tree = treeOf(request.from, root, to, attributes);
    const chosen = both(both(tree.filter, filter), excludes);
    const file: FileOnDisk = { ...tree, ...(chosen === undefined ? {} : { filter: chosen }) };
    copied.push({ kind: 'tree', file });
    folders.addTree(file);
  }
}

async function addDocuments(copying: Copying): Promise<void> {
  const { request, attributes, copied } = copying;
  for (const { name, content } of request.documents) {
    const bytes = Buffer.from(content);
    const to = await placeFor(copying, path.posix.basename(name));
    const generated = { name, size: bytes.length, open: () => onlyPiece(bytes) };
    copied.push({ kind: 'file', file: { to, ...attributes, content: generated } });
  }
}

async function* onlyPiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.length > 0) yield bytes;
}

/** Where a file goes; the folders above it are made. */
async function placeFor(copying: Copying, name: string): Promise<string> {
  const { destination } = copying.request;
  const isFolder = destination.endsWith('/') || (await copying.folders.find(destination)) !== undefined;
  const place = isFolder ? path.posix.join(destination, name) : destination;
  const folder = await makeFolder(copying, path.posix.dirname(place));
  return path.posix.join(folder, path.posix.basename(place));
}

/**
 * Where a folder really is. Entries for what has to be written of the way there come before all others, of which those for the
 * same folders then count nothing.
 */
async function makeFolder(
  { request, folders, copied }: Copying,
  place: string,
  last: 'as any' | 'itself too' = 'as any',
): Promise<string> {
  const real = await folders.real(place);
  const way = await folders.make(real, request.owner ?? { uid: 0, gid: 0 });
  const own = last === 'itself too' ? way.slice(-1) : [];
  const entries = [
    ...folderEntries(way, request.from.root),
    ...own.map((folder) => folderEntry(folder, request.from.root)),
  ];
  copied.unshift(...entries.map((file): Copied => ({ kind: 'folder', file })));
  return real;
}

function trimmedSlash(place: string): string {
  return place.length > 1 && place.endsWith('/') ? place.slice(0, -1) : place;
}
