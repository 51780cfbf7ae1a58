import { type Header, pack, type Pack } from 'tar-stream';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { FileObserver, type PackedFile } from './fileObserver.ts';
import { inOrder } from './inOrder.ts';
import { ReusedBuffers } from './reusedBuffers.ts';
import { readSmall, readSource, type SourceFile } from './sourceFile.ts';
import type { GeneratedContent, TreeEntry } from './treeEntry.ts';

/** Files up to this many bytes are read ahead of their turn: opening one costs more than reading it. */
const smallBytes = 256 << 10;
const readAhead = 16;
/** The largest number that six octal digits of a ustar header hold. */
const maxOctal = 0o777777;

type Sink = ReturnType<Pack['entry']>;
type Content = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

type HeaderArgument = Partial<Header> & Pick<Header, 'name'>;

interface Ready {
  readonly entry: TreeEntry;
  readonly content: Content;
}

export interface TarOptions {
  /** Seconds since 1970 that every entry is dated. */
  readonly epoch: number;
  /** Called with each file, other names of one among them, when it has been written. Checksums are only made where it is given. */
  readonly onFile?: (file: PackedFile) => void;
}

/**
 * A tar of entries in the order given (POSIX ustar, PAX only where a name or number does not fit); without owner names.
 * A piece is good until the next one is asked for: its memory is used again.
 * @throws OciError content-mismatch where a file changed since it was listed, not-found, forbidden
 */
export async function* tarStream(
  entries: readonly TreeEntry[],
  options: TarOptions,
  io: Io,
): AsyncGenerator<Uint8Array, void, undefined> {
  const archive = pack();
  const buffers = new ReusedBuffers(smallBytes + 1);
  const writing = writeEntries(archive, entries, { ...options, buffers }, io).catch((cause: unknown) => {
    archive.destroy(cause instanceof Error ? cause : new Error('stopped', { cause }));
  });
  try {
    for await (const chunk of archive) {
      if (!(chunk instanceof Uint8Array)) continue;
      yield chunk;
      buffers.giveBack(chunk);
    }
  } finally {
    archive.destroy();
    await writing;
  }
}

async function writeEntries(
  archive: Pack,
  entries: readonly TreeEntry[],
  { epoch, onFile, buffers }: TarOptions & { readonly buffers: ReusedBuffers },
  io: Io,
): Promise<void> {
  const mtime = new Date(epoch * 1000);
  const observer = onFile === undefined ? undefined : new FileObserver(onFile);
  for await (const { entry, content } of inOrder(entries, readAhead, (next) => ready(next, buffers, io))) {
    io.signal.throwIfAborted();
    await writeEntry(archive, headerOf(entry, mtime), observer?.content(entry, content) ?? content);
    observer?.written(entry);
  }
  archive.finalize();
}

async function ready(entry: TreeEntry, buffers: ReusedBuffers, io: Io): Promise<Ready> {
  if (entry.kind !== 'file') return { entry, content: [] };
  const { source } = entry;
  const isSmall = source.size <= smallBytes;
  if ('open' in source) {
    const content = generated(source, io);
    return { entry, content: isSmall ? await collect(content) : content };
  }
  const take = (): Buffer => buffers.take();
  return { entry, content: isSmall ? await readAtOnce(source, buffers, io) : readSource(source, { take }, io) };
}

async function readAtOnce(source: SourceFile, buffers: ReusedBuffers, io: Io): Promise<readonly Uint8Array[]> {
  const buffer = buffers.take();
  const content = await readSmall(source, buffer, io);
  if (content.length > 0) return [content];
  buffers.giveBack(buffer);
  return [];
}

/** @throws OciError content-mismatch where it has not the size that it was said to have */
async function* generated({ open, size, name }: GeneratedContent, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
  let left = size;
  for await (const chunk of open(io)) {
    io.signal.throwIfAborted();
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) throw new OciError('content-mismatch', `${escapeText(name)} has not the size it was said to have.`);
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return pieces;
}

async function writeEntry(archive: Pack, header: HeaderArgument, content: Content): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const sink = archive.entry(header, (error) => (error instanceof Error ? reject(error) : resolve(undefined)));
  // The callback has the error already; an event or a promise that nobody hears would end the program.
  sink.on('error', () => undefined);
  promise.catch(() => undefined);
  for await (const chunk of content) {
    if (!sink.write(chunk) && !sink.destroying) await drained(sink);
    if (sink.destroying) break;
  }
  sink.end(null);
  await promise;
}

async function drained(sink: Sink): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const wake = (): void => resolve(undefined);
  sink.once('drain', wake).once('close', wake);
  await promise;
  sink.off('drain', wake).off('close', wake);
}

function headerOf(entry: TreeEntry, mtime: Date): HeaderArgument {
  const { kind, path, mode, uid, gid } = entry;
  const pax = {
    ...(uid > maxOctal ? { uid: String(uid) } : {}),
    ...(gid > maxOctal ? { gid: String(gid) } : {}),
  };
  const header = {
    name: kind === 'directory' ? `${path}/` : path,
    type: kind,
    // A bit above the permissions, which is not written: 0 alone would count as "no mode given".
    mode: mode | 0o100000,
    uid,
    gid,
    mtime,
    ...(kind === 'file' ? { size: entry.source.size } : {}),
    ...(kind === 'symlink' || kind === 'link' ? { linkname: entry.target } : {}),
    ...(Object.keys(pax).length === 0 ? {} : { pax }),
  };
  return header;
}
