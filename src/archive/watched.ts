import type { ByteStream } from '../content/store.ts';

/** The same stream; `see` is called with each chunk before it is passed on. */
export async function* watched(
  stream: ByteStream,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    see(chunk);
    yield chunk;
  }
}
