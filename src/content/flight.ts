import { untilAborted } from './abort.ts';
import type { Io } from './store.ts';

/** Work that several callers wait for. It is cancelled when all of them are gone; each is rejected at once by its own signal. */
export class Flight<Result> {
  readonly #stop = new AbortController();
  readonly #result: Promise<Result>;
  readonly #onEnd: () => void;
  #callers = 0;

  /** @param onEnd called when nobody new may join: at the end of the work, or when all are gone */
  constructor(work: (io: Io) => Promise<Result>, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#result = work(this.#stop).finally(onEnd);
    // Everybody who waits hears of a failure; that nobody does is none.
    this.#result.catch(() => undefined);
  }

  async join(io: Io): Promise<Result> {
    this.#callers++;
    try {
      return await untilAborted(this.#result, io);
    } finally {
      if (--this.#callers === 0) {
        this.#onEnd();
        this.#stop.abort();
      }
    }
  }
}
