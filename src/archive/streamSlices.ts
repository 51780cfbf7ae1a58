import type { ByteRange, ByteStream } from '../content/store.ts';
import { OciError } from '../errors.ts';

/** Parts of a stream, taken one after the other: what lies before and between them is passed over. */
export class StreamSlices {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();
  /** Where in the stream `#held` begins. */
  #position = 0;

  constructor(stream: ByteStream) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The bytes of a range that begins behind what was taken before. @throws OciError corrupt-archive where the stream ends first */
  async *slice({ start, end }: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
    if (start < this.#position) throw new OciError('corrupt-archive', `its parts are not in order at byte ${start}.`);
    while (this.#position < end) {
      if (this.#held.length === 0 && !(await this.#next())) {
        throw new OciError('corrupt-archive', `it ends at byte ${this.#position}, before byte ${end}.`);
      }
      if (this.#position < start) this.#take(start - this.#position);
      else yield this.#take(end - this.#position);
    }
  }

  /** Passes over the rest. */
  async drain(): Promise<void> {
    while (await this.#next());
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<boolean> {
    const next = await this.#chunks.next();
    this.#position += this.#held.length;
    this.#held = next.done === true ? new Uint8Array() : next.value;
    return next.done !== true;
  }

  #take(most: number): Uint8Array {
    const part = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(part.length);
    this.#position += part.length;
    return part;
  }
}
