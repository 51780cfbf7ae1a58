import { OciError } from '../errors.ts';

/** How numbers are written in a file. */
export interface NumberFormat {
  readonly endian: 'little' | 'big';
  /** Of addresses and offsets. */
  readonly bits: 32 | 64;
}

const little: NumberFormat = { endian: 'little', bits: 32 };

/** Numbers and texts in bytes from outside. Every reading is checked. */
export class Fields {
  readonly bytes: Uint8Array;
  readonly format: NumberFormat;
  readonly #view: DataView;
  readonly #isLittle: boolean;

  constructor(bytes: Uint8Array, format: NumberFormat = little) {
    this.bytes = bytes;
    this.format = format;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isLittle = format.endian === 'little';
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    return this.#view.getUint8(this.#inside(at, 1));
  }

  u16(at: number): number {
    return this.#view.getUint16(this.#inside(at, 2), this.#isLittle);
  }

  u32(at: number): number {
    return this.#view.getUint32(this.#inside(at, 4), this.#isLittle);
  }

  /** Not exact above 2^53: no offset in a file is so large. */
  u64(at: number): number {
    const [low, high] = this.#isLittle ? [at, at + 4] : [at + 4, at];
    return this.u32(high) * 2 ** 32 + this.u32(low);
  }

  /** An address or offset. */
  word(at: number): number {
    return this.format.bits === 64 ? this.u64(at) : this.u32(at);
  }

  /** Text up to the next NUL, at most `limit` bytes. */
  text(at: number, limit = 4096): string {
    this.#inside(at, 1);
    const most = this.bytes.subarray(at, at + limit);
    const end = most.indexOf(0);
    return new TextDecoder().decode(end < 0 ? most : most.subarray(0, end));
  }

  /** A part, numbers written alike. */
  part(at: number, size: number): Fields {
    this.#inside(at, size);
    return new Fields(this.bytes.subarray(at, at + size), this.format);
  }

  #inside(at: number, size: number): number {
    if (at >= 0 && size >= 0 && at + size <= this.bytes.length) return at;
    throw new OciError('corrupt-archive', 'a part of the file points outside of it: it is cut off or damaged.');
  }
}
