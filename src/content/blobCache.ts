import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { CacheFolder, type WriteContent } from './cacheFolder.ts';
import { checkRange } from './checkRange.ts';
import { SharedDownload } from './sharedDownload.ts';
import type { ByteRange, ByteStream, ContentSource, Io } from './store.ts';
import { verified } from './verified.ts';

export interface BlobCacheOptions {
  readonly directory: string;
  /** Bytes of blobs and indexes together; 0 keeps nothing. */
  readonly maxBytes: number;
}

/**
 * Blobs by digest on disk, and small files of what was found out about them. What was not used for longest goes first. Programs
 * may share the folder. Nothing that goes wrong with the disk makes a reading fail that the source can serve.
 */
export class BlobCache {
  readonly #options: () => BlobCacheOptions;
  readonly #folder: CacheFolder;
  readonly #downloads = new Map<string, SharedDownload>();

  /** @param options read anew at each use */
  constructor(options: () => BlobCacheOptions) {
    this.#options = options;
    this.#folder = new CacheFolder(options);
  }

  /** True where a blob would be kept: it takes no more than half of the room. */
  keeps({ size }: Pick<Descriptor, 'size'>): boolean {
    const { maxBytes } = this.#options();
    return maxBytes > 0 && size <= maxBytes / 2;
  }

  /**
   * The verified content of a blob, from the disk or from the source, and then kept. Who reads a blob at the same time as another
   * shares its transfer; a transfer that all have left goes on by itself where little is missing.
   * @throws OciError content-mismatch, from the stream, also where the copy on disk was damaged: that is removed, so trying again helps
   */
  async fetch(source: ContentSource, descriptor: Descriptor, io: Io): Promise<ByteStream> {
    io.signal.throwIfAborted();
    const stored = await this.#holds(descriptor);
    return stored ? this.#stored(source, descriptor, io) : this.#download(source, descriptor, io);
  }

  /** Bytes of a blob that is on disk, unverified; undefined where it is not. Who finds them wrong calls `forget`. */
  async readRange(descriptor: Descriptor, range: ByteRange, io: Io): Promise<ByteStream | undefined> {
    io.signal.throwIfAborted();
    checkRange(descriptor, range);
    return (await this.#holds(descriptor)) ? this.#folder.read('blob', descriptor.digest, range, io) : undefined;
  }

  /** Removes a blob, so that it is fetched anew. */
  async forget(digest: Digest): Promise<void> {
    await this.#folder.remove('blob', digest);
  }

  /** What `writeIndex` kept, as it is on the disk: unverified. */
  async readIndex(digest: Digest): Promise<Uint8Array | undefined> {
    return this.#options().maxBytes > 0 ? this.#folder.readWhole('index', digest) : undefined;
  }

  /** Keeps what was found out about a blob, where it takes no more than half of the room. */
  async writeIndex(digest: Digest, write: WriteContent): Promise<void> {
    const { maxBytes } = this.#options();
    if (maxBytes > 0) await this.#folder.write('index', digest, write, maxBytes / 2);
  }

  /** Removes everything. Returns the bytes that this freed. */
  async clear(): Promise<number> {
    return this.#folder.clear();
  }

  /** A file of another size is left to be replaced: it may be the descriptor that is wrong. */
  async #holds({ digest, size }: Descriptor): Promise<boolean> {
    return this.#options().maxBytes > 0 && (await this.#folder.use('blob', digest)) === size;
  }

  async #download(source: ContentSource, descriptor: Descriptor, io: Io): Promise<ByteStream> {
    if (!this.keeps(descriptor)) return source.fetch(descriptor, io);
    const key = `${descriptor.digest} ${descriptor.size}`;
    let download = this.#downloads.get(key);
    if (download === undefined) {
      download = new SharedDownload(source, descriptor, this.#folder, () => this.#downloads.delete(key));
      this.#downloads.set(key, download);
    }
    return download.join(source, io);
  }

  async *#stored(source: ContentSource, descriptor: Descriptor, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    const { digest, size } = descriptor;
    let given = false;
    try {
      for await (const chunk of verified(this.#folder.read('blob', digest, { start: 0, end: size }, io), descriptor)) {
        given = true;
        yield chunk;
      }
      return;
    } catch (cause) {
      io.signal.throwIfAborted();
      await this.forget(digest);
      if (given) throw damaged(digest, cause);
    }
    yield* await this.#download(source, descriptor, io);
  }
}

function damaged(digest: Digest, cause: unknown): OciError {
  return new OciError(
    'content-mismatch',
    `the copy of blob ${shortDigest(digest)} in the cache was damaged and has been removed. Try again: it is then fetched anew.`,
    { cause },
  );
}
