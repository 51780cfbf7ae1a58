import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { ByteStream, Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { Hasher } from '../oci/digest.ts';
import { escapeText } from '../oci/reference.ts';
import { compress, type Compression } from './compress.ts';
import { decompress, detectCompression } from './decompress.ts';
import { fileError } from './fileError.ts';
import type { PackedLayer } from './pack.ts';
import { ScannedStream } from './scannedStream.ts';
import { readSource, type SourceFile, sourceFile } from './sourceFile.ts';
import type { Spool } from './spool.ts';
import { StreamSlices } from './streamSlices.ts';
import { TarReader } from './tarReader.ts';
import { watched } from './watched.ts';

export interface TarLayerOptions {
  /** What a plain tar is compressed with. One that is compressed already stays as it is. */
  readonly compression: Compression;
  /** Called with the number of bytes of each piece of the file that was read. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * A tar file (plain, gzip or zstd, told by its first bytes) as a layer. It is read once; the entries are checked to be a tar
 * and otherwise left as they are, deletions too. Reading the layer later fails where the file has changed.
 * @throws OciError corrupt-archive, unsupported-media-type, not-found, forbidden, content-mismatch
 */
export async function packTar(file: string, options: TarLayerOptions, spool: Spool, io: Io): Promise<PackedLayer> {
  const source = await tarFile(file);
  try {
    const stored = detectCompression(await headOf(source, io));
    const raw = watched(readSource(source, {}, io), (chunk) => options.onBytes?.(chunk.length));
    const compressing = stored === 'none' && options.compression !== 'none';
    const packed = compressing
      ? await packPlain(raw, options.compression, spool, io)
      : await hashStored(raw, stored, source, io);
    return { ...packed, contents: [path.basename(file)], leaving: [] };
  } catch (cause) {
    throw named(cause, file);
  }
}

type Packed = Omit<PackedLayer, 'contents' | 'leaving'>;

async function packPlain(raw: ByteStream, compression: Compression, spool: Spool, io: Io): Promise<Packed> {
  const inner = new Inner();
  const { digest, size, open } = await spool.write(compress(inner.watch(raw), compression), io);
  return { digest, size, open, compression, ...inner.end() };
}

async function hashStored(raw: ByteStream, compression: Compression, source: SourceFile, io: Io): Promise<Packed> {
  const inner = new Inner();
  const outer = new Hasher();
  const hashed = new ScannedStream(
    watched(raw, (chunk) => outer.update(chunk)),
    io,
  );
  try {
    // The watchers do the work. What a decoder leaves of the file belongs to its digest all the same.
    const content = watched(inner.watch(decompress(hashed.chunks(), compression)), () => io.signal.throwIfAborted());
    await new StreamSlices(content).drain();
    await hashed.drain();
  } finally {
    await hashed.close();
  }
  const open = (): Promise<ByteStream> => Promise.resolve(readSource(source, {}, io));
  return { digest: outer.digest(), size: source.size, open, compression, ...inner.end() };
}

/** What is found out from the uncompressed bytes. */
class Inner {
  readonly #hasher = new Hasher();
  readonly #reader = new TarReader({ entry: () => undefined });

  watch(stream: ByteStream): ByteStream {
    return watched(stream, (chunk) => {
      this.#reader.push(chunk);
      this.#hasher.update(chunk);
    });
  }

  end(): Pick<PackedLayer, 'diffId' | 'entries'> {
    this.#reader.end();
    if (this.#reader.offset === 0) throw new OciError('corrupt-archive', 'it is no tar: it is empty.');
    return { diffId: this.#hasher.digest(), entries: this.#reader.entries };
  }
}

async function tarFile(file: string): Promise<SourceFile> {
  try {
    const real = await realpath(file);
    const stat = await lstat(real, { bigint: true });
    if (stat.isFile()) return sourceFile(real, stat);
  } catch (cause) {
    throw fileError(cause, 'read', file);
  }
  throw new OciError(
    'corrupt-archive',
    `${escapeText(file)} is not a file. Add a folder by its path instead of as a tar.`,
  );
}

async function headOf(source: SourceFile, io: Io): Promise<Uint8Array> {
  for await (const chunk of readSource(source, {}, io)) return chunk;
  return new Uint8Array(0);
}

function named(cause: unknown, file: string): unknown {
  if (!isOciError(cause, 'corrupt-archive', 'unsupported-media-type', 'too-large')) return cause;
  return new OciError(cause.code, `cannot use ${escapeText(file)} as a layer: ${cause.message}`, { cause });
}
