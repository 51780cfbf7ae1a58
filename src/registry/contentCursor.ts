import type { ByteStream, OpenContent } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { HttpBody } from './http.ts';

/**
 * Reads one content piece after piece for an upload. Going on where the last piece ended costs nothing; anywhere else the
 * content is opened again and read up to there. Only the latest piece may be read.
 */
export class ContentCursor {
  readonly #open: OpenContent;
  readonly #descriptor: Descriptor;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #left: Uint8Array | undefined;
  #position = 0;
  /** Counts the pieces: a piece that is not the latest stops. */
  #turn = 0;
  #reading = false;
  #failure: unknown;

  constructor(open: OpenContent, descriptor: Descriptor) {
    this.#open = open;
    this.#descriptor = descriptor;
  }

  /** What the content itself failed with while the latest piece was read: the upload is not to blame. */
  get failure(): unknown {
    return this.#failure;
  }

  /** True where every byte of the content was taken. */
  get finished(): boolean {
    return !this.#reading && this.#position === this.#descriptor.size;
  }

  /** `length` bytes from `start` as the body of a request. */
  body(start: number, length: number): HttpBody {
    this.#failure = undefined;
    if (length === 0) return new Uint8Array(0);
    return { size: length, open: () => Promise.resolve(this.#piece(start, length)) };
  }

  /** Lets go of the content. */
  close(): void {
    this.#turn++;
    this.#release();
  }

  async *#piece(start: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    const turn = ++this.#turn;
    try {
      if (this.#reading || this.#iterator === undefined || this.#position !== start) await this.#seek(start);
      this.#reading = true;
      for (let missing = length; missing > 0 && turn === this.#turn;) {
        const chunk = await this.#take(missing);
        if (turn !== this.#turn) return;
        missing -= chunk.length;
        if (missing === 0) {
          await this.#checkEnd();
          this.#reading = false;
        }
        yield chunk;
      }
    } catch (error) {
      if (turn === this.#turn) this.#failure = error;
      throw error;
    }
  }

  async #seek(start: number): Promise<void> {
    this.#release();
    const stream: ByteStream = await this.#open();
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#position = 0;
    while (this.#position < start) await this.#take(start - this.#position);
  }

  /** At least one and at most `most` bytes. */
  async #take(most: number): Promise<Uint8Array> {
    let chunk = this.#left;
    this.#left = undefined;
    while (chunk === undefined || chunk.length === 0) {
      const next = await this.#iterator?.next();
      if (next === undefined || next.done === true) throw this.#wrongSize(`only ${this.#position}`);
      chunk = next.value;
    }
    if (chunk.length > most) {
      this.#left = chunk.subarray(most);
      chunk = chunk.subarray(0, most);
    }
    this.#position += chunk.length;
    return chunk;
  }

  /** Asked before the last byte goes out: content that is too long must not make a whole upload. */
  async #checkEnd(): Promise<void> {
    if (this.#position < this.#descriptor.size) return;
    while (this.#left === undefined || this.#left.length === 0) {
      const next = await this.#iterator?.next();
      if (next === undefined || next.done === true) return;
      this.#left = next.value;
    }
    throw this.#wrongSize('more');
  }

  /** Not waited for: a source that stalls would hold up what comes next. How it ends concerns nobody. */
  #release(): void {
    this.#iterator?.return?.().catch(() => undefined);
    this.#iterator = undefined;
    this.#left = undefined;
    this.#reading = false;
    this.#position = 0;
  }

  #wrongSize(got: string): OciError {
    const { digest, size } = this.#descriptor;
    return new OciError(
      'content-mismatch',
      `the data of ${digest} changed while it was read: it has ${got} bytes instead of ${size}. Try again.`,
    );
  }
}
