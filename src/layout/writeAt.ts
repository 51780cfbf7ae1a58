import type { FileHandle } from 'node:fs/promises';

/** Writes all of a chunk at a position of an open file. */
export async function writeAt(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    at += (await handle.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
  }
}
