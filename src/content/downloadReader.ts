import type { Descriptor } from '../oci/descriptor.ts';
import { abortReason, leave } from './abort.ts';
import type { ByteStream, ContentSource, Io } from './store.ts';

/** A transfer that several readers follow. */
export interface Followed {
  readonly source: ContentSource;
  readonly descriptor: Descriptor;
  /** Ends when the source has answered. */
  opened(io: Io): Promise<void>;
  /**
   * What stands at a position: a chunk, `end`, or `gone` where it can be had from the source only.
   * @throws what the source throws
   */
  at(position: number, io: Io): Promise<Uint8Array | 'end' | 'gone'>;
  /** A reader is done. Ends when nothing of an unfinished transfer is left, but for one that goes on by itself. */
  leave(how: { readonly cancelled: boolean }): Promise<void>;
}

/** One who reads a transfer from its start. Where that fails and was begun by another source, he turns to his own. */
export class DownloadReader implements AsyncIterator<Uint8Array, undefined> {
  readonly #download: Followed;
  readonly #source: ContentSource;
  readonly #io: Io;
  #position = 0;
  #hasLeft = false;
  /** The rest of the blob from the reader's own source. */
  #own: AsyncIterator<Uint8Array> | undefined;

  constructor(download: Followed, source: ContentSource, io: Io) {
    this.#download = download;
    this.#source = source;
    this.#io = io;
  }

  /** Waits for the source to answer. */
  async open(): Promise<void> {
    try {
      await this.#download.opened(this.#io);
    } catch (error) {
      await this.#failed(error);
    }
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      this.#io.signal.throwIfAborted();
      const found = this.#own === undefined ? await this.#download.at(this.#position, this.#io) : 'gone';
      if (found === 'gone') return await this.#nextOwn();
      if (found === 'end') return await this.return();
      this.#position += found.length;
      return { done: false, value: found };
    } catch (error) {
      await this.#failed(error);
      return this.next();
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#leave();
    await this.#own?.return?.();
    return { done: true, value: undefined };
  }

  /** Throws the error, or where it is another source's failure turns to the reader's own. */
  async #failed(error: unknown): Promise<void> {
    await this.#leave();
    if (this.#io.signal.aborted) {
      leave(this.#own);
      throw abortReason(this.#io.signal);
    }
    if (this.#own !== undefined || this.#source === this.#download.source) throw error;
    this.#own = await this.#openOwn();
  }

  async #nextOwn(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#leave();
    this.#own ??= await this.#openOwn();
    const next = await this.#own.next();
    return next.done === true ? { done: true, value: undefined } : { done: false, value: next.value };
  }

  async #openOwn(): Promise<AsyncIterator<Uint8Array>> {
    const stream = await this.#source.fetch(this.#download.descriptor, this.#io);
    return from(stream, this.#position);
  }

  async #leave(): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    await this.#download.leave({ cancelled: this.#io.signal.aborted });
  }
}

/** A stream without its first bytes. */
async function* from(stream: ByteStream, start: number): AsyncGenerator<Uint8Array, void, undefined> {
  let skip = start;
  for await (const chunk of stream) {
    if (chunk.length > skip) yield chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.length);
  }
}
