import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../archive/fileError.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { type ByteSource, maxReadBytes } from './byteSource.ts';

/** A regular file of this machine, open for reading. */
export class LocalFile implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(file: string, size: number, handle: FileHandle) {
    this.path = file;
    this.size = size;
    this.#handle = handle;
  }

  /**
   * Opens a file; symbolic links to it are followed. FIFOs and devices are neither waited for nor read.
   * @throws OciError invalid-reference for a path that is not absolute; unsupported-media-type for what is no regular file;
   * not-found, forbidden
   */
  static async open(file: string, io: Io): Promise<LocalFile> {
    io.signal.throwIfAborted();
    if (!path.isAbsolute(file) || file.includes('\0')) {
      throw new OciError('invalid-reference', `${escapeText(file)} is not an absolute path of a file.`);
    }
    const handle = await opened(file);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw notRegular(file);
      return new LocalFile(file, found.size, handle);
    } catch (cause) {
      await handle.close();
      throw fileError(cause, 'read', file);
    }
  }

  async read(start: number, end: number, io: Io): Promise<Uint8Array> {
    io.signal.throwIfAborted();
    const wanted = Math.min(end, this.size) - start;
    if (!(wanted > 0)) return new Uint8Array();
    if (wanted > maxReadBytes) {
      throw new OciError('too-large', `cannot read ${wanted} bytes of ${escapeText(this.path)} at once.`);
    }
    try {
      const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(wanted), 0, wanted, start);
      return buffer.subarray(0, bytesRead);
    } catch (cause) {
      throw fileError(cause, 'read', this.path);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function opened(file: string): Promise<FileHandle> {
  // Against a FIFO that takes the file's place: its open waits for somebody to write. Windows has no such flag.
  const flags: Readonly<Record<string, number | undefined>> = { ...constants };
  try {
    // Opening a device can make it do something.
    if (!(await stat(file)).isFile()) throw notRegular(file);
    return await open(file, constants.O_RDONLY | (flags['O_NONBLOCK'] ?? 0));
  } catch (cause) {
    throw fileError(cause, 'read', file);
  }
}

function notRegular(file: string): OciError {
  return new OciError('unsupported-media-type', `${escapeText(file)} is no regular file. Name the program itself.`);
}
