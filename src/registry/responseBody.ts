import type { Dispatcher } from 'undici';
import type { Clock } from './clock.ts';
import { RateWatch } from './rateWatch.ts';

/** Bytes that wait for their reader before the connection is paused. */
const highWater = 256 << 10;
/** Chunks that were read and still stand in the queue, at most. */
const maxRead = 64;

/** Bytes that are taken in before everything else in the program gets its turn. */
const burst = 512 << 10;

export interface ResponseBodyOptions {
  /** After this time a body that fills up and that nobody began to read gives up its connection. */
  readonly unreadMilliseconds: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Called where the bytes only trickle while the reader waits. It is expected to end in `fail`. */
  readonly onTooSlow: () => void;
}

type Chunk = IteratorResult<Uint8Array, undefined>;

/**
 * The bytes of one answer as they come, read once. Backpressure goes to the connection; `return()` ends the connection.
 * Leaner than a Readable, whose every chunk costs more than hashing a tenth of it.
 */
export class ResponseBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #controller: Dispatcher.DispatchController;
  readonly #unreadMilliseconds: number;
  readonly #rate: RateWatch;
  readonly #onTooSlow: () => void;
  #chunks: Uint8Array[] = [];
  #at = 0;
  #waiting = 0;
  #taken = 0;
  #resting = false;
  #state: 'open' | 'ended' | 'failed' = 'open';
  #failure = new Error('the answer broke off');
  #reader: { readonly resolve: (chunk: Chunk) => void; readonly reject: (reason: Error) => void } | undefined;
  #started = false;
  #unread: NodeJS.Timeout | undefined;

  constructor(controller: Dispatcher.DispatchController, options: ResponseBodyOptions) {
    this.#controller = controller;
    this.#unreadMilliseconds = options.unreadMilliseconds;
    this.#rate = new RateWatch(options.clock);
    this.#onTooSlow = options.onTooSlow;
  }

  /** More bytes came. */
  push(chunk: Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#taken += chunk.length;
    if (this.#taken >= burst) this.#rest();
    const isSteady = this.#rate.add(chunk.length);
    if (this.#reader !== undefined) {
      const { resolve } = this.#reader;
      this.#reader = undefined;
      resolve({ done: false, value: chunk });
      if (!isSteady) this.#onTooSlow();
      return;
    }
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    if (this.#waiting < highWater || this.#controller.paused) return;
    this.#controller.pause();
    if (!this.#started) this.#giveUpUnread();
  }

  /** All bytes came. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    clearTimeout(this.#unread);
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
  }

  /** No more bytes will come; those that wait can still be read, so that a resumed download starts after them. */
  fail(reason: Error): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#failure = reason;
    clearTimeout(this.#unread);
    this.#reader?.reject(reason);
    this.#reader = undefined;
  }

  next(): Promise<Chunk> {
    this.#started = true;
    clearTimeout(this.#unread);
    const chunk = this.#shift();
    if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk });
    if (this.#state === 'ended') return Promise.resolve({ done: true, value: undefined });
    if (this.#state === 'failed') return Promise.reject(this.#failure);
    this.#rate.wait();
    return new Promise((resolve, reject) => (this.#reader = { resolve, reject }));
  }

  return(): Promise<Chunk> {
    const open = this.#state === 'open';
    this.end();
    this.#state = 'ended';
    this.#chunks = [];
    this.#at = 0;
    if (open) this.#controller.abort(new Error('the answer was not read to its end'));
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #shift(): Uint8Array | undefined {
    const chunk = this.#chunks[this.#at];
    if (chunk === undefined) return undefined;
    this.#at++;
    this.#waiting -= chunk.length;
    // A reader slower than the network never finds the queue empty: what was read must go all the same.
    if (this.#at === this.#chunks.length || this.#at === maxRead) {
      this.#chunks.splice(0, this.#at);
      this.#at = 0;
    }
    this.#resume();
    return chunk;
  }

  /** A fast connection is read again and again before the event loop goes on: six of them would hold it for long. */
  #rest(): void {
    if (this.#resting) return;
    this.#resting = true;
    this.#controller.pause();
    setImmediate(() => {
      this.#resting = false;
      this.#taken = 0;
      this.#resume();
    });
  }

  #resume(): void {
    if (this.#resting || this.#state !== 'open' || !this.#controller.paused) return;
    if (this.#waiting < highWater / 2) this.#controller.resume();
  }

  #giveUpUnread(): void {
    this.#unread = setTimeout(() => void this.return(), this.#unreadMilliseconds);
    this.#unread.unref();
  }
}
