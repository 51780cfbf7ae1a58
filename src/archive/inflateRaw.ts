import { crc32, createInflateRaw } from 'node:zlib';
import type { ByteStream } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { decoderError, through } from './through.ts';

/** What content is said to be; not to be trusted. */
export interface Sum {
  /** Bytes. */
  readonly size: number;
  /** CRC-32 as ZIP and gzip use it (RFC 1952, 8). */
  readonly crc: number;
}

const chunkSize = 256 << 10;

/**
 * The content of a stream in raw deflate format (RFC 1951), in pieces of at most 256 KiB.
 * @throws OciError corrupt-archive, with what the decoder said; an error of the stream as it is
 */
export async function* inflateRaw(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* through(stream, createInflateRaw({ chunkSize }));
  } catch (cause) {
    throw decoderError(cause, 'deflate');
  }
}

/**
 * The stream as it is, as long as it is what it is said to be: no byte above the size is passed on.
 * @param what what it is, for messages
 * @throws OciError corrupt-archive where size or CRC-32 differ
 */
export async function* summed(stream: ByteStream, sum: Sum, what: string): AsyncGenerator<Uint8Array, void, undefined> {
  let [size, crc] = [0, 0];
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > sum.size) break;
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (size === sum.size && crc === sum.crc) return;
  const has = size === sum.size ? 'its CRC-32 differs' : `it has not the ${sum.size} bytes that it is said to have`;
  throw new OciError('corrupt-archive', `${what} is damaged: ${has}.`);
}
