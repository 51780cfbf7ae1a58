import type { GeneratedFile } from '../../archive/pack.ts';
import { decompress, detectCompression } from '../../archive/decompress.ts';
import type { TarEntry } from '../../archive/tarEntry.ts';
import { TarReader } from '../../archive/tarReader.ts';
import type { Compression } from '../../archive/compress.ts';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { LocalFile } from '../localFile.ts';
import { type Copied, folderEntry } from './copiedFiles.ts';
import { quoted, wrong } from './complaints.ts';
import type { FileOwner } from './owner.ts';
import type { ImageFolder } from './stageBase.ts';

/** What an archive holds, where it goes. */
export interface Unpacked {
  readonly copied: readonly Copied[];
  readonly folders: readonly ImageFolder[];
}

export interface UnpackPlace {
  /** The absolute path in the image that it is unpacked to. */
  readonly to: string;
  /** Instead of the owners that the archive names. */
  readonly owner?: FileOwner;
  /** Any folder of this machine. */
  readonly anyFolder: string;
  readonly room: UnpackRoom;
}

interface Member {
  readonly entry: TarEntry;
  readonly pieces: Buffer[];
}

const pieceBytes = 256 << 10;
const maxMembers = 200_000;
/** Content of compressed archives is kept in memory up to here, that of all of a Dockerfile together. */
const maxUnpacked = 128 << 20;

/** What is left of the memory for content of compressed archives. */
export class UnpackRoom {
  #left = maxUnpacked;

  /** @throws OciError invalid-spec naming the archive for which there is none left */
  take(bytes: number, file: string): void {
    this.#left -= bytes;
    if (this.#left < 0)
      throw tooLarge(file, `what brings all compressed archives to more than ${maxUnpacked >> 20} MiB`);
  }
}

/**
 * The content of a tar, also one compressed with gzip or zstd; undefined for a file that is none.
 * @throws OciError invalid-spec for what cannot be put into a layer from an archive: links, devices, very large content
 */
export async function addedTar(file: string, place: UnpackPlace, io: Io): Promise<Unpacked | undefined> {
  const source = await LocalFile.open(file, io);
  try {
    const head = await source.read(0, 512, io);
    const compression = compressionOf(head, file);
    const members = await membersOf(source, compression, { file, room: place.room }, io);
    return members === undefined ? undefined : arranged(members, { ...place, file, compression });
  } finally {
    await source.close();
  }
}

function compressionOf(head: Uint8Array, file: string): Compression {
  try {
    return detectCompression(head);
  } catch (error) {
    if (!isOciError(error)) throw error;
    throw wrong(`${escapeText(file)} cannot be unpacked: ${error.message}`);
  }
}

async function* bytesOf(
  source: LocalFile,
  start: number,
  end: number,
  io: Io,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = start; at < end; at += pieceBytes) yield await source.read(at, Math.min(at + pieceBytes, end), io);
}

/** Undefined where the very first header is none. */
async function membersOf(
  source: LocalFile,
  compression: Compression,
  { file, room }: { readonly file: string; readonly room: UnpackRoom },
  io: Io,
): Promise<readonly Member[] | undefined> {
  const members: Member[] = [];
  const reader = new TarReader({
    entry: (entry) => {
      if (members.push({ entry, pieces: [] }) > maxMembers) throw tooLarge(file, `more than ${maxMembers} entries`);
    },
    content: (chunk) => {
      if (compression === 'none') return;
      room.take(chunk.length, file);
      members.at(-1)?.pieces.push(Buffer.from(chunk));
    },
  });
  try {
    for await (const chunk of decompress(bytesOf(source, 0, source.size, io), compression)) {
      io.signal.throwIfAborted();
      reader.push(chunk);
    }
    reader.end();
  } catch (error) {
    if (!isOciError(error, 'corrupt-archive')) throw error;
    if (members.length === 0) return undefined;
    throw wrong(`${escapeText(file)} cannot be unpacked: ${error.message}`);
  }
  return members.length === 0 ? undefined : members;
}

interface Archive extends UnpackPlace {
  readonly file: string;
  readonly compression: Compression;
}

function arranged(members: readonly Member[], archive: Archive): Unpacked {
  const files = new Map<string, GeneratedFile>();
  const folders = new Map<string, ImageFolder>();
  for (const { entry, pieces } of members) {
    const to = placeOf(entry.name, archive);
    const owner = archive.owner ?? { uid: entry.uid, gid: entry.gid };
    const attributes = { ...owner, mode: entry.mode & 0o7777 };
    if (entry.typeflag === '5') {
      if (to !== '/') folders.set(to, { path: to, ...attributes });
    } else if (entry.typeflag === '0' || entry.typeflag === '7') {
      files.set(to, { to, ...attributes, content: contentOf(entry, pieces, archive) });
    } else if (entry.typeflag === '1') {
      const target = files.get(placeOf(entry.linkname, archive));
      if (target === undefined) throw unsupported(entry, archive, 'a hard link to nothing before it');
      files.set(to, { ...target, to });
    } else throw unsupported(entry, archive, entry.typeflag === '2' ? 'a symbolic link' : 'no file, folder or link');
  }
  const entries = [...folders.values()].map((folder): Copied => {
    return { kind: 'folder', file: folderEntry(folder, archive.anyFolder) };
  });
  const contents = [...files.values()].map((file): Copied => ({ kind: 'file', file }));
  return { copied: [...entries, ...contents], folders: [...folders.values()] };
}

function placeOf(name: string, { to, file }: Archive): string {
  const names = name.split('/').filter((one) => one !== '' && one !== '.');
  if (names.includes('..')) throw wrong(`${escapeText(file)} cannot be unpacked: ${quoted(name)} leads out of it.`);
  return `${to === '/' ? '' : to}/${names.join('/')}`;
}

function contentOf(
  entry: TarEntry,
  pieces: readonly Buffer[],
  { file, compression }: Archive,
): GeneratedFile['content'] {
  const name = `${file}: ${entry.name}`;
  const { size, offset } = entry;
  if (compression !== 'none') return { name, size, open: () => streamOf(pieces) };
  return { name, size, open: (io) => rangeOf(file, offset, offset + size, io) };
}

async function* streamOf(pieces: readonly Buffer[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}

async function* rangeOf(file: string, start: number, end: number, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
  const source = await LocalFile.open(file, io);
  try {
    yield* bytesOf(source, start, end, io);
  } finally {
    await source.close();
  }
}

function unsupported(entry: TarEntry, { file }: Archive, what: string): Error {
  return wrong(
    `${escapeText(file)} cannot be unpacked here: ${quoted(entry.name)} in it is ${what}. Unpack it into a folder and COPY that.`,
  );
}

function tooLarge(file: string, what: string): Error {
  return wrong(`${escapeText(file)} cannot be unpacked here: it has ${what}. Unpack it into a folder and COPY that.`);
}
