import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteStream } from '../content/store.ts';
import { OciError } from '../errors.ts';

/** The stream after a transformation; a Readable hands its chunks on as they are. Throws the error of the stream as it is; closes both when nobody reads on. */
export async function* through(stream: ByteStream, transform: Transform): AsyncGenerator<Uint8Array, void, undefined> {
  const source = stream instanceof Readable ? stream : Readable.from(stream, { objectMode: false });
  // The same error comes out of the transformation.
  const feeding = pipeline(source, transform).catch(() => undefined);
  try {
    for await (const chunk of transform) if (chunk instanceof Uint8Array) yield chunk;
  } finally {
    transform.destroy();
    await feeding;
  }
}

/** The corrupt-archive error of a decoder's failure, with what it said; every other cause as it is. */
export function decoderError(cause: unknown, format: 'gzip' | 'zstd' | 'deflate'): unknown {
  if (!(cause instanceof Error) || !('code' in cause) || !('errno' in cause) || 'syscall' in cause) return cause;
  return new OciError('corrupt-archive', `the ${format} data is damaged: ${cause.message}.`, { cause });
}
