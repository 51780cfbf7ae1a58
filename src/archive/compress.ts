import { promisify } from 'node:util';
import { constants, crc32, createZstdCompress, deflateRaw } from 'node:zlib';
import type { ByteStream } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { BlockCompressor } from './blockCompressor.ts';
import { inOrder } from './inOrder.ts';
import { ReusedBuffers } from './reusedBuffers.ts';

/** How the bytes of a layer are stored. */
export type Compression = 'gzip' | 'zstd' | 'none';

/**
 * Uncompressed bytes that are compressed as one piece; in gzip each for itself, a fifth of a percent larger than with the
 * one before in view. A constant: the digest of a layer depends on it.
 */
const blockBytes = 1 << 20;
const parallelBlocks = 4;
const gzipLevel = 1;
/** How much output is made in one go: about what a block comes to. */
const outputBytes = 384 << 10;
const sampleBytes = 4 << 10;
/** Of the squares of the frequencies of all bytes in the samples: 1,065,000 in random bytes, twice that in machine code. */
const packedSum = 1_150_000;
const zstdLevel = 3;

const deflate = promisify<Uint8Array, object, Buffer>(deflateRaw);

/**
 * Compresses off the main thread, gzip on several at once; the result depends on the input bytes only, not on chunk borders, cores or time.
 * gzip: one member of RFC 1952 without name and time, operating system 255, level 1, as crane and ko have it: a third of
 * the time of level 6, a tenth larger. zstd: level 3, one frame.
 * @throws OciError unsupported-media-type where this version of Node has no zstd
 */
export function compress(stream: ByteStream, compression: Compression): ByteStream {
  if (compression === 'none') return stream;
  return compression === 'gzip' ? gzip(stream) : zstd(stream);
}

async function* gzip(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const sum = { crc: 0, size: 0 };
  const buffers = new ReusedBuffers(blockBytes);
  const run = async (block: Uint8Array): Promise<Uint8Array> => {
    const packed = await deflateBlock(block);
    buffers.giveBack(block);
    return packed;
  };
  yield Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
  yield* inOrder(summed(blocks(stream, buffers), sum), parallelBlocks, run);
  const end = Buffer.alloc(10);
  // An empty final block, the checksum and the size of the content.
  end.writeUInt16LE(0x0003, 0);
  end.writeUInt32LE(sum.crc, 2);
  end.writeUInt32LE(sum.size, 6);
  yield end;
}

async function* summed(
  source: AsyncIterable<Uint8Array>,
  sum: { crc: number; size: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const block of source) {
    sum.crc = crc32(block, sum.crc);
    sum.size = (sum.size + block.length) % 2 ** 32;
    yield block;
  }
}

/**
 * A flush ends each block at a byte border, so that blocks made apart can stand behind each other. Each has a compressor of
 * its own: one that was used and reset finds other matches than a new one, by what its memory still holds.
 */
function deflateBlock(block: Uint8Array): Promise<Uint8Array> {
  const level = isPacked(block) ? 0 : gzipLevel;
  return deflate(block, { level, memLevel: 9, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: outputBytes });
}

/**
 * True for a whole block of pictures, archives and the like, which deflate would only look at, sixteen times slower: all
 * bytes are about equally frequent in four samples of it.
 */
function isPacked(bytes: Uint8Array): boolean {
  if (bytes.length < blockBytes) return false;
  const counts = new Uint32Array(256);
  for (let sample = 0; sample < 4; sample++) {
    const from = (sample * blockBytes) / 4;
    for (const byte of bytes.subarray(from, from + sampleBytes)) counts[byte] = (counts[byte] ?? 0) + 1;
  }
  return counts.reduce((sum, count) => sum + count * count, 0) < packedSum;
}

/** One frame: some readers, Node's among them, stop after the first. More threads (`nbWorkers`) make Node lose input. */
async function* zstd(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const create: unknown = createZstdCompress;
  if (typeof create !== 'function') {
    throw new OciError('unsupported-media-type', 'this version of VS Code cannot compress with zstd. Use gzip.');
  }
  const params = { [constants.ZSTD_c_compressionLevel]: zstdLevel, [constants.ZSTD_c_checksumFlag]: 1 };
  const compressor = new BlockCompressor(createZstdCompress({ params, chunkSize: outputBytes }));
  const buffers = new ReusedBuffers(blockBytes);
  const run = async (block: Uint8Array): Promise<readonly Uint8Array[]> => {
    const pieces = await compressor.write(block);
    buffers.giveBack(block);
    return pieces;
  };
  try {
    // The next block is gathered while one is compressed.
    for await (const pieces of inOrder(blocks(stream, buffers), 4, run)) yield* pieces;
    yield* await compressor.end();
  } finally {
    compressor.close();
  }
}

/** Cuts a stream into pieces of exactly `blockBytes`, but for the last; whoever has read one gives its buffer back. */
async function* blocks(stream: ByteStream, buffers: ReusedBuffers): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = buffers.take();
  let filled = 0;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + blockBytes - filled);
      bytes.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < blockBytes) continue;
      yield bytes;
      bytes = buffers.take();
      filled = 0;
    }
  }
  if (filled > 0) yield bytes.subarray(0, filled);
}
