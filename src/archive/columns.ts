/** Columns begin at multiples of this. */
const alignment = 8;

/** Gathers columns of numbers and texts, one behind the other. */
export class ColumnWriter {
  /** Used again and again: columns are copied out of and into it, so that many of them make little garbage. */
  #buffer = Buffer.alloc(64 << 10);
  #length = 0;

  add(column: Float64Array | Uint32Array | Uint16Array | Uint8Array): void {
    this.#grow(column.byteLength).set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }

  addText(text: string, encoding: 'latin1' | 'utf16le' | 'utf8'): void {
    this.#grow(Buffer.byteLength(text, encoding)).write(text, encoding);
  }

  /** The text of a value, behind its length. */
  addJson(value: object): void {
    const text = JSON.stringify(value);
    this.add(Float64Array.of(Buffer.byteLength(text)));
    this.addText(text, 'utf8');
  }

  /** Passes on what was added since this was called last. The bytes are good until `write` ends. */
  async flush(write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    await write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  /** Makes room for a column, with zeros behind it. */
  #grow(length: number): Buffer {
    const start = this.#length;
    this.#length += aligned(length);
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.alloc(2 * this.#length);
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    this.#buffer.fill(0, start + length, this.#length);
    return this.#buffer.subarray(start, start + length);
  }
}

/** Reads what `ColumnWriter` wrote, on a machine of the same byte order. Throws RangeError where the bytes end before. */
export class ColumnReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.byteOffset % alignment === 0 ? bytes : Uint8Array.from(bytes);
  }

  numbers(count: number): Float64Array {
    return new Float64Array(this.#bytes.buffer, this.#next(count * 8), count);
  }

  words(count: number): Uint32Array {
    return new Uint32Array(this.#bytes.buffer, this.#next(count * 4), count);
  }

  shorts(count: number): Uint16Array {
    return new Uint16Array(this.#bytes.buffer, this.#next(count * 2), count);
  }

  bytes(count: number): Buffer {
    return Buffer.from(this.#bytes.buffer, this.#next(count), count);
  }

  json(): unknown {
    const [length = 0] = this.numbers(1);
    return JSON.parse(this.bytes(length).toString('utf8'));
  }

  /** True behind the last column. */
  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Where the next column begins in the buffer. */
  #next(length: number): number {
    const at = this.#at;
    if (!(length >= 0) || at + length > this.#bytes.length) throw new RangeError('the columns end too early');
    this.#at += aligned(length);
    return this.#bytes.byteOffset + at;
  }
}

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}
