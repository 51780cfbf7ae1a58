import type { Io } from '../content/store.ts';
import { abortReason } from '../content/abort.ts';
import type { HttpMiddleware } from './http.ts';

/** Lets a number of actions run at once; the others wait in order. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = Math.max(1, Math.floor(limit));
  }

  /** Runs the action when its turn comes. Rejects with the signal's reason where that aborts first. */
  async run<T>(action: () => Promise<T>, io: Io): Promise<T> {
    io.signal.throwIfAborted();
    if (this.#running < this.#limit) this.#running++;
    else await this.#turn(io);
    try {
      return await action();
    } finally {
      this.#release();
    }
  }

  #turn(io: Io): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        io.signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.delete(start);
        reject(abortReason(io.signal));
      };
      io.signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(start);
    });
  }

  /** The slot goes straight to whoever waits longest, so that nobody overtakes. */
  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

/**
 * At most `concurrency` requests wait for an answer at once, and as many again send a streamed body. Two limits, because
 * what a body streams may itself have to be asked for here; a slot is free as soon as the answer's headers are in, because
 * its reader may ask for more before it has read all.
 */
export function limited(concurrency: number): HttpMiddleware {
  const plain = new Limiter(concurrency);
  const streaming = new Limiter(concurrency);
  return (next) => (request, io) => {
    const { body } = request;
    const limiter = body === undefined || body instanceof Uint8Array ? plain : streaming;
    return limiter.run(() => next(request, io), io);
  };
}
