import type { ByteStream } from '../content/store.ts';
import { isProbablyText } from './textContent.ts';

/** Bytes that tell a text. */
const headBytes = 8192;

/** The bytes of a text file of this size, in memory of their own; undefined for what is no text by its first bytes. */
export async function readText(content: ByteStream, size: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isText = false;
  for await (const chunk of content) {
    chunks.push(chunk);
    length += chunk.length;
    if (isText || (length < headBytes && length < size)) continue;
    if (!isProbablyText(Buffer.concat(chunks, Math.min(length, headBytes)))) return undefined;
    isText = true;
  }
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) bytes.set(chunk, (end += chunk.length) - chunk.length);
  return bytes;
}
