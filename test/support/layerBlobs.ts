import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ByteRange, ByteStream, ContentSource, Io, LayerSource } from '../../src/content/store.ts';
import type { Compression } from '../../src/archive/compress.ts';
import { type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import type { EstargzFile } from './estargz.ts';
import { tarEntryHead } from './tarEntryHead.ts';

/** A blob with what a manifest says of it. */
export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** A layer of these files. */
export function layerBlob(files: readonly EstargzFile[], compression: Compression = 'gzip'): Blob & { tar: Buffer } {
  const tar = tarOfFiles(files);
  const bytes = { gzip: () => gzipSync(tar), zstd: () => zstdCompressSync(tar), none: () => tar }[compression]();
  const mediaType = { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd, none: mediaTypes.layer }[compression];
  return { descriptor: describeBytes(bytes, mediaType), bytes, tar };
}

/** An uncompressed tar of these files. */
export function tarOfFiles(files: readonly EstargzFile[]): Buffer {
  const pieces = files.flatMap((file) => {
    const { content = Buffer.alloc(0) } = file;
    return [tarEntryHead(file), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...pieces, Buffer.alloc(1024)]);
}

export interface TestSourceOptions {
  /** Bytes of a chunk. Default: 64 KiB. */
  readonly chunkBytes?: number;
  /** Called before each chunk, with its position: may wait or throw. */
  readonly before?: (position: number, io: Io) => Promise<unknown> | undefined;
}

/** A source of blobs in memory that tells what was asked of it. */
export class TestSource implements ContentSource {
  /** Calls of `fetch`. */
  fetches = 0;
  /** Bytes that `fetch` gave out. */
  bytes = 0;
  /** Streams of `fetch` that are not at their end and not closed. */
  open = 0;
  readonly #blobs: readonly Blob[];
  readonly #options: TestSourceOptions;

  constructor(blobs: readonly Blob[], options: TestSourceOptions = {}) {
    this.#blobs = blobs;
    this.#options = options;
  }

  async fetch(descriptor: Descriptor, io: Io): Promise<ByteStream> {
    this.fetches++;
    io.signal.throwIfAborted();
    return this.#chunks(this.find(descriptor), io);
  }

  protected find({ digest }: Descriptor): Buffer {
    const blob = this.#blobs.find((one) => one.descriptor.digest === digest);
    if (blob === undefined) throw new Error(`no blob ${digest}`);
    return blob.bytes;
  }

  async *#chunks(bytes: Buffer, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    const { chunkBytes = 64 << 10, before } = this.#options;
    this.open++;
    try {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        await before?.(at, io);
        io.signal.throwIfAborted();
        const chunk = bytes.subarray(at, at + chunkBytes);
        this.bytes += chunk.length;
        yield chunk;
      }
    } finally {
      this.open--;
    }
  }
}

/** The same, with ranges. */
export class TestRangeSource extends TestSource implements LayerSource {
  readonly ranges: ByteRange[] = [];

  async fetchRange(descriptor: Descriptor, range: ByteRange, io: Io): Promise<ByteStream> {
    io.signal.throwIfAborted();
    this.ranges.push(range);
    const bytes = this.find(descriptor).subarray(range.start, range.end);
    return (async function* () {
      yield bytes;
    })();
  }

  /** Bytes that were asked for in ranges. */
  get rangeBytes(): number {
    return this.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }
}

/** A point that many pass once it is open. */
export class Gate {
  readonly #opened = Promise.withResolvers<undefined>();
  readonly #reached = Promise.withResolvers<undefined>();

  /** Ends when somebody waits at the gate. */
  readonly reached = this.#reached.promise;

  async pass(): Promise<void> {
    this.#reached.resolve(undefined);
    await this.#opened.promise;
  }

  open(): void {
    this.#opened.resolve(undefined);
  }
}

/** A whole stream. */
export async function bytesOf(stream: ByteStream): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
