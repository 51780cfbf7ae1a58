import fs, { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { fileError } from './fileError.ts';
import { isSamePath, realPathOf } from './openFolder.ts';

/** A regular file as it was when it was listed; reading it checks that it is still that file. */
export interface SourceFile {
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
  /** Bytes. */
  readonly size: number;
  readonly mtimeNs: bigint;
  /** How many names it has on its disk: more than one where it has hard links. */
  readonly names: number;
}

const pieceBytes = 256 << 10;
const [openNumber, readNumber, closeNumber] = [promisify(fs.open), promisify(fs.read), promisify(fs.close)];
const statNumber = promisify(fs.fstat);

/** How a file that was listed is opened: a link or a FIFO put in its place is neither followed nor waited for. Windows has no such flags. */
export const openFlags = constants.O_RDONLY | flag('O_NOFOLLOW') | flag('O_NONBLOCK');

/** What `stat` says of a regular file. */
export function sourceFile(path: string, stat: BigIntStats): SourceFile {
  const { dev, ino, size, mtimeNs, nlink } = stat;
  return { path, device: dev, inode: ino, size: Number(size), mtimeNs, names: Number(nlink) };
}

export interface ReadOptions {
  /** Gives memory for the next piece. Default: new memory. */
  readonly take?: () => Buffer;
}

const newPiece = (): Buffer => Buffer.allocUnsafe(pieceBytes);

/**
 * The bytes of a file, in pieces of at most 256 KiB, exactly `size` of them.
 * @throws OciError content-mismatch where the file was replaced or changed since it was listed, not-found, forbidden
 */
export async function* readSource(
  file: SourceFile,
  { take = newPiece }: ReadOptions,
  io: Io,
): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await openSource(file);
  try {
    // A folder above it that was replaced by a link leads to another file of the same name.
    const real = await realPathOf(handle);
    if (real !== undefined && !isSamePath(real, file.path)) throw changed(file);
    for (let left = file.size; left > 0;) {
      io.signal.throwIfAborted();
      const buffer = take();
      const { bytesRead } = await handle.read(buffer, 0, Math.min(left, pieceBytes, buffer.length));
      if (bytesRead === 0) throw changed(file);
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    // Files of /proc and the like say they have 0 bytes and have more, or never end.
    if (file.size === 0 && (await handle.read(Buffer.alloc(1))).bytesRead > 0) throw changed(file);
    // Once, at the end: before it nothing of the file can have been used.
    check(await handle.stat({ bigint: true }), file);
  } catch (cause) {
    throw fileError(cause, 'read', file.path);
  } finally {
    await handle.close();
  }
}

/**
 * The bytes of a file, in the first `size` bytes of a buffer that must be larger than it. For many small files: half the
 * time of `readSource`, for it goes by plain file numbers, reads once and makes no memory.
 * @throws OciError as `readSource`
 */
export async function readSmall(file: SourceFile, buffer: Buffer, io: Io): Promise<Buffer> {
  io.signal.throwIfAborted();
  try {
    const number = await openNumber(file.path, openFlags);
    try {
      const real = realPathOfNumber(number);
      if (real !== undefined && !isSamePath(real, file.path)) throw changed(file);
      if ((await fill(number, buffer, file.size)) !== file.size) throw changed(file);
      check(await statNumber(number, { bigint: true }), file);
      return buffer.subarray(0, file.size);
    } finally {
      await closeNumber(number);
    }
  } catch (cause) {
    throw fileError(cause, 'read', file.path);
  }
}

/** Reads up to one byte more than `size`, which a file that says less than it has gives away. Returns how many. */
async function fill(number: number, buffer: Buffer, size: number): Promise<number> {
  let filled = 0;
  do {
    const { bytesRead } = await readNumber(number, buffer, filled, size + 1 - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  } while (filled < size);
  return filled;
}

/** As `realPathOf`, at once: the kernel answers from memory, and waiting would take longer. */
function realPathOfNumber(number: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return fs.readlinkSync(`/proc/self/fd/${number}`);
  } catch {
    return undefined;
  }
}

async function openSource(file: SourceFile): Promise<FileHandle> {
  try {
    return await open(file.path, openFlags);
  } catch (cause) {
    throw fileError(cause, 'read', file.path);
  }
}

function check(stat: BigIntStats, file: SourceFile): void {
  // Windows answers other device numbers for a path than for an open file.
  const same = process.platform === 'win32' || (stat.dev === file.device && stat.ino === file.inode);
  if (!same || !stat.isFile() || Number(stat.size) !== file.size || stat.mtimeNs !== file.mtimeNs) throw changed(file);
}

function changed(file: SourceFile): OciError {
  return new OciError(
    'content-mismatch',
    `${escapeText(file.path)} changed while it was being packed. Nothing was uploaded: try again when nothing writes to it.`,
  );
}

function flag(name: 'O_NOFOLLOW' | 'O_NONBLOCK'): number {
  const flags: Readonly<Record<string, number | undefined>> = { ...constants };
  return flags[name] ?? 0;
}
