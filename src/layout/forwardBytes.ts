import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import type { TarBytes } from './walkMembers.ts';

/** A tar that comes as a stream: it can be read forward only, and what is between two reads is passed over. */
export class ForwardBytes implements TarBytes, AsyncDisposable {
  readonly shown: string;
  /** Not known before the end. */
  readonly size = Infinity;
  /** A header: what was read cannot be read again. */
  readonly window = 512;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();
  #position = 0;

  constructor(stream: ByteStream, shown: string) {
    this.shown = shown;
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Fewer bytes where the stream ends before. */
  async *read({ start, end }: ByteRange, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    if (start < this.#position) throw new RangeError(`a stream cannot go back to byte ${start}`);
    while (this.#position < end) {
      if (this.#chunk.length === 0) {
        const next = await this.#chunks.next();
        io.signal.throwIfAborted();
        if (next.done === true) return;
        this.#chunk = next.value;
      }
      const wanted = this.#position < start ? start : end;
      const part = this.#chunk.subarray(0, wanted - this.#position);
      this.#chunk = this.#chunk.subarray(part.length);
      this.#position += part.length;
      if (wanted === end && part.length > 0) yield part;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.();
  }
}
