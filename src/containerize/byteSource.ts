import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';

/** A file that is read in places: one of this machine, or one of an image. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /** Bytes `start` up to, not including, `end`; fewer where the file ends before. @throws OciError too-large, forbidden, … */
  read(start: number, end: number, io: Io): Promise<Uint8Array>;
}

/** The most that is read of a file at once, in bytes. */
export const maxReadBytes = 64 << 20;

/** Where something is in a file, as the file itself says: not to be trusted. */
export interface Place {
  readonly offset: number;
  readonly size: number;
}

/**
 * Exactly the bytes of a place that a file names.
 * @throws OciError corrupt-archive where it is not inside the file; too-large above `limit` bytes
 */
export async function readPlace(
  source: ByteSource,
  { offset, size }: Place,
  limit: number,
  what: string,
  io: Io,
): Promise<Uint8Array> {
  if (size > limit) throw new OciError('too-large', `${what} has ${size} bytes, more than the limit of ${limit}.`);
  const bytes = offset + size <= source.size ? await source.read(offset, offset + size, io) : undefined;
  if (bytes?.length === size) return bytes;
  throw new OciError('corrupt-archive', `${what} is outside the file: it is cut off or damaged.`);
}

/** A source of bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (start, end) => bytes.subarray(start, Math.max(start, end)) };
}
