import { untilAborted } from '../content/abort.ts';
import type { ByteStream, Io } from '../content/store.ts';

/**
 * A stream that is read in two ways: through a decoder, which may fail or end before the stream does, and then to its end.
 * It knows its own failure from one of the decoder.
 */
export class ScannedStream {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #io: Io;
  #head: Uint8Array = new Uint8Array();
  #done = false;
  #failure: { readonly cause: unknown } | undefined;

  constructor(stream: ByteStream, io: Io) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#io = io;
  }

  /** The first bytes: at least `length` where there are so many. `chunks` begins with them all the same. */
  async head(length: number): Promise<Uint8Array> {
    while (this.#head.length < length) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    }
    return this.#head;
  }

  /** The whole stream. That it is not read to its end does not close it. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#head.length > 0) yield this.#head;
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk;
  }

  /** Reads what is left. Throws the stream's own failure, whoever met it. */
  async drain(): Promise<void> {
    while ((await this.#next()) !== undefined);
    this.throwIfFailed();
  }

  /** Throws what the stream itself threw, or the signal's reason, as they are. */
  throwIfFailed(): void {
    this.#io.signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  /** Gives up what is left. Not waited for after an abort: a stream that stalls does not come to its end. */
  async close(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    const closing = Promise.resolve(this.#chunks.return?.()).catch(() => undefined);
    if (!this.#io.signal.aborted) await closing;
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#done) return undefined;
    this.#io.signal.throwIfAborted();
    try {
      const next = await untilAborted(this.#chunks.next(), this.#io);
      if (next.done !== true) return next.value;
      this.#done = true;
      return undefined;
    } catch (cause) {
      if (this.#io.signal.aborted) await this.close();
      this.#done = true;
      this.#failure ??= { cause };
      throw cause;
    }
  }
}
