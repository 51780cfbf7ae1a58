import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { ByteStream } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Compression } from './compress.ts';
import { decoderError, through } from './through.ts';
import { zstdFrames } from './zstdFrames.ts';

const chunkSize = 256 << 10;

/** By the first bytes as latin-1; a zstd stream may begin with a skippable frame (RFC 8878, 3.1.2). */
const magics: readonly { readonly name: Compression | 'xz' | 'bzip2' | 'lz4'; readonly start: RegExp }[] = [
  { name: 'gzip', start: /^\x1f\x8b/ },
  { name: 'zstd', start: /^(?:\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/ },
  { name: 'xz', start: /^\xfd7zXZ\0/ },
  { name: 'bzip2', start: /^BZh[1-9]1A/ },
  { name: 'lz4', start: /^\x04\x22\x4d\x18/ },
];
/** Bytes that tell every compression. */
export const magicBytes = 6;

/**
 * How content is compressed by its first bytes, whatever its name or media type says; `none` for all that is not known.
 * @throws OciError unsupported-media-type for xz, bzip2 and lz4
 */
export function detectCompression(head: Uint8Array): Compression {
  const text = Buffer.from(head.subarray(0, magicBytes)).toString('latin1');
  const name = magics.find(({ start }) => start.test(text))?.name ?? 'none';
  if (name === 'gzip' || name === 'zstd' || name === 'none') return name;
  throw new OciError('unsupported-media-type', `${name} is not supported. Compress with gzip or zstd.`);
}

/**
 * The content of a compressed stream: every gzip member, every zstd frame. Memory does not depend on what comes out.
 * @throws OciError corrupt-archive, with what the decoder said; too-large for a zstd window above 128 MiB; an error of the
 * source as it is
 */
export async function* decompress(
  stream: ByteStream,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression === 'none') {
    yield* stream;
    return;
  }
  try {
    yield* compression === 'gzip' ? through(stream, createGunzip({ chunkSize })) : zstdContent(stream);
  } catch (cause) {
    throw decoderError(cause, compression);
  }
}

/** Pieces must stay apart, as they would not in a stream of bytes. */
function zstdContent(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  return through(Readable.from(zstdFrames(stream), { objectMode: true, highWaterMark: 2 }), zstdDecoder());
}

function zstdDecoder(): Transform {
  const create: unknown = createZstdDecompress;
  if (typeof create === 'function') return createZstdDecompress({ chunkSize });
  throw new OciError('unsupported-media-type', 'this version of VS Code cannot read zstd. Use gzip.');
}
