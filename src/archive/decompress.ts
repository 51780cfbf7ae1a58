import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { ByteStream } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Compression } from './compress.ts';
import { through } from './through.ts';
import { zstdFrames } from './zstdFrames.ts';

const chunkSize = 256 << 10;

const magics: readonly { readonly name: Compression | 'xz' | 'bzip2' | 'lz4'; readonly bytes: readonly number[] }[] = [
  { name: 'gzip', bytes: [0x1f, 0x8b] },
  { name: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0] },
  { name: 'bzip2', bytes: [0x42, 0x5a, 0x68] },
  { name: 'lz4', bytes: [0x04, 0x22, 0x4d, 0x18] },
];

/**
 * How content is compressed by its first bytes, whatever its name or media type says; `none` for all that is not known.
 * @throws OciError unsupported-media-type for xz, bzip2 and lz4
 */
export function detectCompression(head: Uint8Array): Compression {
  const name = magics.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte))?.name ?? 'none';
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

function decoderError(cause: unknown, compression: Compression): unknown {
  if (!(cause instanceof Error) || !('code' in cause) || !('errno' in cause) || 'syscall' in cause) return cause;
  return new OciError('corrupt-archive', `the ${compression} data is damaged: ${cause.message}.`, { cause });
}
