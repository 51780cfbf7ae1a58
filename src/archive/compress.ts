import { promisify } from 'node:util';
import { constants, crc32, createZstdCompress, deflateRaw } from 'node:zlib';
import type { ByteStream } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { inOrder } from './inOrder.ts';
import { through } from './through.ts';

/** How the bytes of a layer are stored. */
export type Compression = 'gzip' | 'zstd' | 'none';

/** Uncompressed bytes that are compressed as one piece. A constant: the digest of a layer depends on it. */
const blockBytes = 512 << 10;
const parallelBlocks = 3;
/** How far back deflate can refer, and so how much of the block before each block is given to it. */
const windowBytes = 32 << 10;
const gzipLevel = 1;
const sampleBytes = 4 << 10;
/** Of the squares of the frequencies of all bytes in the samples: 1,065,000 in random bytes, twice that in machine code. */
const packedSum = 1_150_000;
const zstdLevel = 3;

interface Block {
  readonly bytes: Uint8Array;
  /** The end of the block before. */
  readonly before: Uint8Array;
}

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
  yield Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
  yield* inOrder(summed(blocks(stream, ring(parallelBlocks + 2)), sum), parallelBlocks, deflateBlock);
  const end = Buffer.alloc(10);
  // An empty final block, the checksum and the size of the content.
  end.writeUInt16LE(0x0003, 0);
  end.writeUInt32LE(sum.crc, 2);
  end.writeUInt32LE(sum.size, 6);
  yield end;
}

async function* summed(source: AsyncIterable<Block>, sum: { crc: number; size: number }): AsyncGenerator<Block> {
  for await (const block of source) {
    sum.crc = crc32(block.bytes, sum.crc);
    sum.size = (sum.size + block.bytes.length) % 2 ** 32;
    yield block;
  }
}

/** A flush ends each block at a byte border, so that blocks made apart can stand behind each other. */
async function deflateBlock({ bytes, before }: Block): Promise<Uint8Array> {
  const level = isPacked(bytes) ? 0 : gzipLevel;
  return deflate(bytes, {
    level,
    memLevel: 9,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: 64 << 10,
    ...(before.length > 0 && level > 0 ? { dictionary: before } : {}),
  });
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

/** One frame: some readers, Node's among them, stop after the first. */
async function* zstd(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const create: unknown = createZstdCompress;
  if (typeof create !== 'function') {
    throw new OciError('unsupported-media-type', 'this version of VS Code cannot compress with zstd. Use gzip.');
  }
  const params = { [constants.ZSTD_c_compressionLevel]: zstdLevel, [constants.ZSTD_c_checksumFlag]: 1 };
  yield* through(bytesOf(blocks(stream, newBuffer)), createZstdCompress({ params, chunkSize: blockBytes / 2 }));
}

async function* bytesOf(source: AsyncIterable<Block>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { bytes } of source) yield bytes;
}

const newBuffer = (): Buffer => Buffer.allocUnsafeSlow(blockBytes);

/**
 * Buffers that are used again and again: new ones would be garbage faster than it is collected. When a block is begun,
 * all but the `parallelBlocks` before it have been compressed, and the oldest of those needs the end of one more.
 */
function ring(count: number): () => Buffer {
  const buffers = Array.from({ length: count }, newBuffer);
  let next = 0;
  return () => buffers[next++ % count] ?? newBuffer();
}

/** Cuts a stream into pieces of exactly `blockBytes`, but for the last. */
async function* blocks(stream: ByteStream, buffer: () => Buffer): AsyncGenerator<Block, void, undefined> {
  let before: Uint8Array = new Uint8Array(0);
  let bytes = buffer();
  let filled = 0;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + blockBytes - filled);
      bytes.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < blockBytes) continue;
      yield { bytes, before };
      before = bytes.subarray(blockBytes - windowBytes);
      bytes = buffer();
      filled = 0;
    }
  }
  if (filled > 0) yield { bytes: bytes.subarray(0, filled), before };
}
