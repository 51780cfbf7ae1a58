import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { detectCompression } from '../archive/decompress.ts';
import type { Compression } from '../archive/compress.ts';
import { readRange } from '../content/readFilePart.ts';
import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import { Turns } from '../content/turns.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { fileError } from './fileError.ts';
import { UnpackedFile } from './unpackedFile.ts';
import type { TarBytes } from './walkMembers.ts';

/**
 * A tar file that is read by position and must stay as it was when it was opened. One that is compressed is unpacked to a
 * temporary file when it is first read, and again after `close`.
 */
export class ArchiveFile implements AsyncDisposable {
  /** The absolute path. */
  readonly path: string;
  /** How the user names the file, for errors. */
  readonly shown: string;
  readonly compression: Compression;
  /** Bytes of the file as it is on the disk. */
  readonly fileSize: number;
  /** Changes whenever the file does. */
  readonly version: string;
  readonly #temporary: string;
  #unpacked: UnpackedFile | undefined;
  readonly #turns = new Turns(1);

  private constructor(shown: string, temporary: string, found: BigIntStats, compression: Compression) {
    this.path = path.resolve(shown);
    this.shown = shown;
    this.compression = compression;
    this.fileSize = Number(found.size);
    this.version = versionOf(found);
    this.#temporary = temporary;
  }

  /** @throws OciError not-found, forbidden; unsupported-media-type for a compression that cannot be read */
  static async open(shown: string, temporary: string, io: Io): Promise<ArchiveFile> {
    io.signal.throwIfAborted();
    return withFile(path.resolve(shown), shown, async (handle) => {
      const found = await handle.stat({ bigint: true });
      if (!found.isFile()) throw notFile(shown);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
      return new ArchiveFile(shown, temporary, found, detectCompression(buffer.subarray(0, bytesRead)));
    });
  }

  /** The tar itself, to be looked through. */
  async tar(io: Io): Promise<TarBytes> {
    const size = this.compression === 'none' ? this.fileSize : (await this.#unpack(io)).size;
    return { shown: this.shown, size, window: 32 << 10, read: this.read.bind(this) };
  }

  /** A part of the tar, opened when the iteration starts. @throws OciError content-mismatch where the file has changed or is cut */
  async *read(range: ByteRange, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    let left = range.end - range.start;
    for await (const chunk of this.#bytes(range, io)) {
      left -= chunk.length;
      yield chunk;
    }
    if (left > 0) throw changed(this.shown);
  }

  /** The file from its start as it is stored, compressed or not. */
  async *stored(io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#file({ start: 0, end: this.fileSize }, io);
  }

  /** Gives back the disk space of what was unpacked, once nobody reads it. */
  async close(): Promise<void> {
    const unpacked = this.#unpacked;
    this.#unpacked = undefined;
    await unpacked?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#bytes(range: ByteRange, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.compression === 'none') yield* this.#file(range, io);
    else yield* (await this.#unpack(io)).read(range, io);
  }

  async *#file(range: ByteRange, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    const handle = await opened(this.path, this.shown);
    try {
      if (versionOf(await handle.stat({ bigint: true })) !== this.version) throw changed(this.shown);
      yield* readRange(handle, range, io);
    } finally {
      await handle.close();
    }
  }

  /** One at a time: who comes second finds the file of the first. */
  async #unpack(io: Io): Promise<UnpackedFile> {
    return this.#turns.take(async () => {
      if (this.#unpacked !== undefined) return this.#unpacked;
      const { shown, compression, fileSize } = this;
      const stored: ByteStream = this.stored(io);
      this.#unpacked = await UnpackedFile.make({ stored, compression, fileSize, shown }, this.#temporary, io);
      return this.#unpacked;
    }, io);
  }
}

async function opened(file: string, shown: string): Promise<FileHandle> {
  try {
    // A FIFO must not hold the open for ever; Windows does not know the flag.
    return await open(file, process.platform === 'win32' ? 'r' : constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw fileError(error, `reading ${shown}`);
  }
}

async function withFile<T>(file: string, shown: string, action: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await opened(file, shown);
  try {
    return await action(handle);
  } finally {
    await handle.close();
  }
}

function versionOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return `${dev}-${ino}-${size}-${mtimeNs}`;
}

function changed(shown: string): OciError {
  return new OciError(
    'content-mismatch',
    `${escapeText(shown)} has changed while it was read. Try again when nothing writes to it.`,
  );
}

function notFile(shown: string): OciError {
  return new OciError(
    'unsupported-media-type',
    `${escapeText(shown)} is not a file. An OCI layout in a folder is named oci:PATH.`,
  );
}
