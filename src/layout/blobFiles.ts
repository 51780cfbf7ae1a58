import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readFilePart } from '../content/readFilePart.ts';
import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, encodedOf, isDigest, parseDigest } from '../oci/digest.ts';
import { fileError } from './fileError.ts';
import type { Scratch } from './scratch.ts';

const writeBufferBytes = 1 << 20;

/** The `blobs` folder of a layout (image-spec image-layout.md): every file in it was whole and right when it got its name. */
export class BlobFiles {
  readonly #directory: string;
  readonly #shown: string;
  readonly #scratch: Scratch;

  /** @param shown how the user names the layout, for errors */
  constructor(root: string, shown: string, scratch: Scratch) {
    this.#directory = path.join(root, 'blobs');
    this.#shown = shown;
    this.#scratch = scratch;
  }

  /** Where a blob is or would be. @throws OciError invalid-digest, so that no unchecked text becomes a path */
  pathOf(digest: Digest): string {
    const checked = parseDigest(digest);
    return path.join(this.#directory, algorithmOf(checked), encodedOf(checked));
  }

  /** The size of a blob in bytes; undefined where there is none. */
  async size(digest: Digest): Promise<number | undefined> {
    const found = await stat(this.pathOf(digest)).catch(() => undefined);
    return found?.isFile() === true ? found.size : undefined;
  }

  /** Every blob there is, unsorted. */
  async digests(): Promise<readonly Digest[]> {
    const algorithms = await readdir(this.#directory).catch(() => []);
    const found = await Promise.all(algorithms.map((algorithm) => this.#digestsOf(algorithm)));
    return found.flat();
  }

  async #digestsOf(algorithm: string): Promise<readonly Digest[]> {
    const names = await readdir(path.join(this.#directory, algorithm)).catch(() => []);
    return names.map((name) => `${algorithm}:${name}`).filter(isDigest);
  }

  /**
   * The bytes as they are on the disk, unverified, by default all. The file is opened when the iteration starts.
   * @throws OciError content-mismatch, from the stream, where the file ends before `range.end`
   */
  read(digest: Digest, io: Io, range: ByteRange = { start: 0, end: Infinity }): ByteStream {
    return readWhole(this.pathOf(digest), range, io);
  }

  /** Writes, verifies and then names a blob; a damaged file of that name is replaced. @throws OciError content-mismatch */
  async write(descriptor: Descriptor, stream: ByteStream, io: Io): Promise<void> {
    // A digest that is none is refused before anything is read.
    this.pathOf(descriptor.digest);
    try {
      const temporary = await this.#scratch.newPath();
      try {
        // Opened before anything can fail: a stream that opens the file itself may do so after it was to be removed.
        const file = await open(temporary, 'wx');
        const sink = file.createWriteStream({ flush: true, highWaterMark: writeBufferBytes });
        await pipeline(verified(stream, descriptor), sink, { signal: io.signal });
        await this.take(descriptor.digest, temporary);
      } finally {
        await rm(temporary, { force: true });
      }
    } catch (error) {
      io.signal.throwIfAborted();
      throw fileError(error, `writing ${descriptor.digest} to ${this.#shown}`);
    }
  }

  /** Names a finished file of this file system, whose content the caller has verified and written through to the disk. */
  async take(digest: Digest, file: string): Promise<void> {
    const target = this.pathOf(digest);
    await mkdir(path.dirname(target), { recursive: true });
    try {
      await rename(file, target);
    } catch (error) {
      // Windows does not replace a file that is being read; then the blob is there already.
      const [there, ours] = await Promise.all([this.size(digest), stat(file)]);
      if (there !== ours.size) throw error;
    }
  }

  /** Removes a blob; false where there was none. */
  async remove(digest: Digest): Promise<boolean> {
    if ((await this.size(digest)) === undefined) return false;
    await rm(this.pathOf(digest), { force: true });
    return true;
  }
}

async function* readWhole(file: string, range: ByteRange, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
  let position = range.start;
  for await (const chunk of readFilePart(file, range, io)) {
    position += chunk.length;
    yield chunk;
  }
  if (range.end !== Infinity && position < range.end) throw tooShort(file);
}

function tooShort(file: string): OciError {
  return new OciError('content-mismatch', `the file of blob ${path.basename(file)} became shorter while it was read`);
}
