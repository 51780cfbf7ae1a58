import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { ByteStream } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Compression } from './compress.ts';

/** How many bytes `detectCompression` looks at. */
export const magicBytes = 6;

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
 * @throws OciError corrupt-archive, with what the decoder said; an error of the source as it is
 */
export async function* decompress(
  stream: ByteStream,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression === 'none') {
    yield* stream;
    return;
  }
  const decoder = compression === 'gzip' ? createGunzip({ chunkSize: 256 << 10 }) : zstdDecoder();
  const feeding = pipeline(Readable.from(stream, { objectMode: false }), decoder).catch(() => undefined);
  try {
    for await (const chunk of decoder) if (chunk instanceof Uint8Array) yield chunk;
  } catch (cause) {
    throw decoderError(cause, compression);
  } finally {
    decoder.destroy();
    await feeding;
  }
}

function zstdDecoder(): Transform {
  const create: unknown = createZstdDecompress;
  if (typeof create === 'function') return createZstdDecompress();
  throw new OciError('unsupported-media-type', 'this version of VS Code cannot read zstd. Use gzip.');
}

function decoderError(cause: unknown, compression: Compression): unknown {
  if (!(cause instanceof Error) || !('code' in cause) || !('errno' in cause) || 'syscall' in cause) return cause;
  return new OciError('corrupt-archive', `the ${compression} data is damaged: ${cause.message}.`, { cause });
}
