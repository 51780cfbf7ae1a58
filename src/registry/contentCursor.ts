import type { OpenContent } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { HttpBody } from './http.ts';

/**
 * Reads one content piece after piece for an upload. Going on where the last piece ended costs nothing; anywhere else the
 * content is opened again and read up to there. Only the latest piece is read on.
 */
export class ContentCursor {
  readonly #open: OpenContent;
  readonly #descriptor: Descriptor;
  #opened: OpenedContent | undefined;
  /** Counts the pieces, to know the latest. */
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
    return !this.#reading && (this.#opened?.position ?? 0) === this.#descriptor.size;
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
    this.#opened?.close();
    this.#opened = undefined;
  }

  async *#piece(start: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    const turn = ++this.#turn;
    try {
      const opened = await this.#openAt(start);
      for (let missing = length; missing > 0;) {
        const chunk = await opened.take(missing);
        missing -= chunk.length;
        if (missing === 0) await opened.checkEnd();
        if (turn !== this.#turn) return;
        this.#reading = missing > 0;
        yield chunk;
        if (turn !== this.#turn) return;
      }
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#failure = error;
      throw error;
    }
  }

  /** A piece that was left half-read has taken an unknown part of what is open. */
  async #openAt(start: number): Promise<OpenedContent> {
    let opened = this.#reading || this.#opened?.position !== start ? undefined : this.#opened;
    this.#reading = true;
    if (opened !== undefined) return opened;
    this.#opened?.close();
    opened = new OpenedContent(this.#descriptor);
    this.#opened = opened;
    await opened.open(this.#open);
    while (opened.position < start) await opened.take(start - opened.position);
    return opened;
  }
}

/** The content as one call of `open` gives it. A piece that is no longer wanted can spoil only its own. */
class OpenedContent {
  readonly #descriptor: Descriptor;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #left: Uint8Array = new Uint8Array(0);
  #closed = false;
  /** Bytes that were taken. */
  position = 0;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
  }

  async open(open: OpenContent): Promise<void> {
    this.#iterator = (await open())[Symbol.asyncIterator]();
    if (this.#closed) this.close();
  }

  /** At least one and at most `most` bytes. @throws OciError content-mismatch where there are none */
  async take(most: number): Promise<Uint8Array> {
    if (!(await this.#fill())) throw this.#wrongSize(`only ${this.position}`);
    const chunk = this.#left.subarray(0, most);
    this.#left = this.#left.subarray(chunk.length);
    this.position += chunk.length;
    return chunk;
  }

  /** Asked before the last byte goes out: content that is too long must not make a whole upload. */
  async checkEnd(): Promise<void> {
    if (this.position === this.#descriptor.size && (await this.#fill())) throw this.#wrongSize('more');
  }

  /** Not waited for: a source that stalls would hold up what comes next. How it ends concerns nobody. */
  close(): void {
    this.#closed = true;
    this.#iterator?.return?.().catch(() => undefined);
  }

  /** True where there are bytes to take. */
  async #fill(): Promise<boolean> {
    while (this.#left.length === 0) {
      const next = await this.#iterator?.next();
      if (next === undefined || next.done === true) return false;
      this.#left = next.value;
    }
    return true;
  }

  #wrongSize(got: string): OciError {
    const { digest, size } = this.#descriptor;
    return new OciError(
      'content-mismatch',
      `the data of ${digest} changed while it was read: it has ${got} bytes instead of ${size}. Try again.`,
    );
  }
}
