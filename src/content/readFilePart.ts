import { type FileHandle, open } from 'node:fs/promises';
import type { ByteRange, Io } from './store.ts';

const pieceBytes = 256 << 10;

/** Bytes of a file, one piece read ahead; fewer than the range where the file ends before. Opened when the iteration starts. */
export async function* readFilePart(
  file: string,
  { start, end }: ByteRange,
  io: Io,
): AsyncGenerator<Uint8Array, void, undefined> {
  io.signal.throwIfAborted();
  const handle = await open(file, 'r');
  try {
    yield* readRange(handle, { start, end }, io);
  } finally {
    await handle.close();
  }
}

/** The same of a file that is open and stays so: the disk works while the consumer does. */
export async function* readRange(
  handle: FileHandle,
  { start, end }: ByteRange,
  io: Io,
): AsyncGenerator<Uint8Array, void, undefined> {
  let ahead = readPiece(handle, { start, end });
  try {
    for (let at = start; ;) {
      const piece = await ahead;
      io.signal.throwIfAborted();
      if (piece.length === 0) return;
      at += piece.length;
      ahead = readPiece(handle, { start: at, end });
      // Its failure is thrown when its turn comes.
      ahead.catch(() => undefined);
      yield piece;
    }
  } finally {
    await ahead.catch(() => undefined);
  }
}

/** The first bytes of a range of a file, at most 256 KiB; none at the end of the file. */
export async function readPiece(handle: FileHandle, { start, end }: ByteRange): Promise<Uint8Array> {
  const size = Math.min(pieceBytes, end - start);
  if (size <= 0) return new Uint8Array();
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, start);
  return buffer.subarray(0, bytesRead);
}
