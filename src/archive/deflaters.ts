import { promisify } from 'node:util';
import { constants, createDeflateRaw, type DeflateRaw, deflateRaw } from 'node:zlib';
import { BlockCompressor } from './blockCompressor.ts';

const deflate = promisify<Uint8Array, object, Buffer>(deflateRaw);
/** More than what a flush ends with, twice. */
const endBytes = 16;
const options = { level: 1, memLevel: 9 } as const;

/** Compressors (RFC 1951, level 1) for blocks that stand for themselves: as many as there are blocks at once. */
export class Deflaters {
  readonly #outputBytes: number;
  readonly #all: BlockCompressor<DeflateRaw>[] = [];
  readonly #free: BlockCompressor<DeflateRaw>[] = [];

  /** @param outputBytes how much output is made in one go: about what a block comes to */
  constructor(outputBytes: number) {
    this.#outputBytes = outputBytes;
  }

  /** What a block comes to; depends on the block only. Ends with a flush, at a byte border, so that blocks can stand behind each other. */
  async deflate(block: Uint8Array): Promise<readonly Uint8Array[]> {
    const deflater = this.#free.pop() ?? this.#made();
    // Forgets the block before, which is another one each time.
    deflater.stream.reset();
    const pieces = await deflater.write(block);
    this.#free.push(deflater);
    return isEndCut(pieces) ? [await atOnce(block, options.level)] : pieces;
  }

  close(): void {
    for (const deflater of this.#all) deflater.close();
  }

  #made(): BlockCompressor<DeflateRaw> {
    const settings = { ...options, flush: constants.Z_SYNC_FLUSH, chunkSize: this.#outputBytes };
    const deflater = new BlockCompressor(createDeflateRaw(settings));
    this.#all.push(deflater);
    return deflater;
  }
}

/** A block as it is, in the form of RFC 1951, ending with a flush as well. */
export function storedBlock(block: Uint8Array): Promise<Uint8Array> {
  return atOnce(block, 0);
}

/**
 * zlib writes the end of a flush twice where the memory for its output is full just then. How much of that memory blocks
 * before have used is chance, and the bytes of a layer must not be.
 */
function isEndCut(pieces: readonly Uint8Array[]): boolean {
  return pieces.length > 1 && (pieces.at(-1)?.length ?? 0) <= endBytes;
}

/** With memory for all of the output, and more. */
function atOnce(block: Uint8Array, level: number): Promise<Uint8Array> {
  const chunkSize = block.length + (block.length >> 3) + 1024;
  return deflate(block, { ...options, level, finishFlush: constants.Z_SYNC_FLUSH, chunkSize });
}
