import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Compression } from '../archive/compress.ts';
import { decompress } from '../archive/decompress.ts';
import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { randomName } from '../oci/digest.ts';
import { escapeText } from '../oci/reference.ts';
import { fileError } from './fileError.ts';
import { readRange } from '../content/readFilePart.ts';
import { writeAt } from './writeAt.ts';

/** A compressed file to unpack. */
export interface PackedFile {
  readonly stored: ByteStream;
  readonly compression: Compression;
  /** Bytes as stored. */
  readonly fileSize: number;
  /** How the user names it, for errors. */
  readonly shown: string;
}

/** Most bytes that are unpacked, whatever the ratio; below the first of these any ratio is taken. */
const limits = { free: 256 * 2 ** 20, bytes: 64 * 2 ** 30, ratio: 1000 } as const;

/** What a compressed archive unpacks to: a temporary file without a name, so that a crash leaves nothing (on Windows: a file). */
export class UnpackedFile {
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #file: string;
  #readers = 0;
  #closed = false;

  private constructor(handle: FileHandle, file: string, size: number) {
    this.#handle = handle;
    this.#file = file;
    this.size = size;
  }

  /** @throws OciError corrupt-archive, too-large, unavailable where the disk is full */
  static async make(packed: PackedFile, directory: string, io: Io): Promise<UnpackedFile> {
    const file = path.join(directory, `archive-${randomName(8)}`);
    const doing = `unpacking ${packed.shown} to ${directory}`;
    let handle: FileHandle | undefined;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      handle = await open(file, 'wx+', 0o600);
      if (process.platform !== 'win32') await rm(file);
      return new UnpackedFile(handle, file, await unpack(packed, handle, io));
    } catch (error) {
      await handle?.close();
      await rm(file, { force: true });
      io.signal.throwIfAborted();
      throw fileError(error, doing);
    }
  }

  async *read(range: ByteRange, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    this.#readers++;
    try {
      yield* readRange(this.#handle, range, io);
    } finally {
      this.#readers--;
      await this.#closeIfUnused();
    }
  }

  /** Removes the file when the last reader has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#closeIfUnused();
  }

  async #closeIfUnused(): Promise<void> {
    if (!this.#closed || this.#readers > 0) return;
    await this.#handle.close();
    await rm(this.#file, { force: true });
  }
}

async function unpack(
  { stored, compression, fileSize, shown }: PackedFile,
  handle: FileHandle,
  io: Io,
): Promise<number> {
  const limit = Math.min(limits.bytes, Math.max(limits.free, fileSize * limits.ratio));
  let size = 0;
  let writing: Promise<unknown> = Promise.resolve();
  for await (const chunk of decompress(stored, compression)) {
    io.signal.throwIfAborted();
    await writing;
    if (size + chunk.length > limit) throw tooLarge(shown, limit);
    writing = writeAt(handle, chunk, size);
    writing.catch(() => undefined);
    size += chunk.length;
  }
  await writing;
  return size;
}

function tooLarge(shown: string, limit: number): OciError {
  return new OciError(
    'too-large',
    `${escapeText(shown)} unpacks to more than ${limit} bytes, which is the limit for a file of its size. Unpack it yourself.`,
  );
}
