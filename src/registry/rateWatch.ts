import type { Clock } from './clock.ts';

/** Bytes a second that an answer must bring, over a minute of waiting for it. */
const leastRate = 1024;
const spanMilliseconds = 60_000;

/**
 * Notices an answer that trickles: each byte comes in time, but the whole never ends. Only time in which somebody waits for
 * bytes counts.
 */
export class RateWatch {
  readonly #clock: Pick<Clock, 'now'>;
  #waitingSince: number | undefined;
  #waited = 0;
  #bytes = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Somebody waits for more bytes. */
  wait(): void {
    this.#waitingSince = this.#clock.now();
  }

  /** So many bytes came; nobody waits any more. @returns false where too few came during a minute of waiting */
  add(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#waitingSince === undefined) return true;
    this.#waited += this.#clock.now() - this.#waitingSince;
    this.#waitingSince = undefined;
    if (this.#waited < spanMilliseconds) return true;
    const isEnough = this.#bytes * 1000 >= leastRate * this.#waited;
    this.#waited = 0;
    this.#bytes = 0;
    return isEnough;
  }
}
