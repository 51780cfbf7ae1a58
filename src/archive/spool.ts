import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { FileWriter } from '../content/fileWriter.ts';
import type { ByteStream, Io, OpenContent } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { type Digest, Hasher, randomName } from '../oci/digest.ts';
import { fileError } from './fileError.ts';

/** Content that lies in a temporary file. */
export interface Spooled {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly open: OpenContent;
}

const readBytes = 256 << 10;

/**
 * A private temporary folder for content that is made once and sent from disk, so that what is sent is what was hashed.
 * Made at its first use, for its user only; disposing removes it with everything in it.
 */
export class Spool {
  readonly #folder: string;
  #made: Promise<unknown> | undefined;
  #files = 0;

  /** @param directory where the folder is made; it need not exist yet */
  constructor(directory: string) {
    this.#folder = path.join(directory, `spool-${randomName(8)}`);
  }

  /** Writes a stream to a file of its own. @throws OciError unavailable where the disk is full */
  async write(stream: ByteStream, io: Io): Promise<Spooled> {
    this.#made ??= mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = path.join(this.#folder, String(this.#files++));
    try {
      await this.#made;
      return { ...(await writeFile(file, stream, io)), open: async () => contentOf(file) };
    } catch (cause) {
      // What made it fail counts, not what cannot be cleaned up.
      await rm(file, { force: true }).catch(() => undefined);
      throw fileError(cause, 'write the temporary file', file);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const made = await this.#made?.catch(() => undefined);
    if (made !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}

async function writeFile(file: string, stream: ByteStream, io: Io): Promise<Pick<Spooled, 'digest' | 'size'>> {
  const handle = await open(file, 'wx', 0o600);
  try {
    const hasher = new Hasher();
    const writer = new FileWriter(handle);
    let size = 0;
    for await (const chunk of stream) {
      io.signal.throwIfAborted();
      hasher.update(chunk);
      size += chunk.length;
      await writer.write(chunk);
    }
    await writer.end();
    return { digest: hasher.digest(), size };
  } finally {
    await handle.close();
  }
}

/** Opened at the first read, so that a stream nobody reads leaves no file open. */
async function* contentOf(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await openSpooled(file);
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(readBytes));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function openSpooled(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw new OciError('unavailable', 'the packed layer is no longer on disk. Pack it again.', { cause });
  }
}
