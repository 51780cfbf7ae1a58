/** Buffers of one size that are used again and again: new ones would be garbage faster than it is collected. */
export class ReusedBuffers {
  readonly #bytes: number;
  readonly #free: Buffer[] = [];
  /** By the memory of each, to know it by any part of it. */
  readonly #taken = new Map<ArrayBufferLike, Buffer>();

  /** @param bytes the size of each */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** A buffer with anything in it. */
  take(): Buffer {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
    this.#taken.set(buffer.buffer, buffer);
    return buffer;
  }

  /** Takes back the buffer that a piece is part of; leaves other memory alone. Nobody may read the piece any more. */
  giveBack(piece: Uint8Array): void {
    const buffer = this.#taken.get(piece.buffer);
    if (buffer === undefined) return;
    this.#taken.delete(piece.buffer);
    this.#free.push(buffer);
  }
}
