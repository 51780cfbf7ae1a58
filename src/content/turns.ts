import { untilAborted } from './abort.ts';
import type { Io } from './store.ts';

/** Lets no more than a number of pieces of work run at a time; the others wait in order. */
export class Turns {
  readonly #limit: number;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What the work returns or throws; the signal's reason where that aborts before its turn comes. */
  async take<Result>(work: () => Promise<Result>, io: Io): Promise<Result> {
    io.signal.throwIfAborted();
    if (this.#running < this.#limit) this.#running++;
    else await this.#turn(io);
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  async #turn(io: Io): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    this.#waiting.add(wake);
    try {
      await untilAborted(promise, io);
    } catch (error) {
      // A turn that came together with the abort goes to the next.
      if (!this.#waiting.delete(wake)) this.#pass();
      throw error;
    }
  }

  #pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#running--;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
