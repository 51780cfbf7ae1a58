import { setTimeout as delay } from 'node:timers/promises';
import type { Io } from '../content/store.ts';

/** Time and chance, so that tests need not wait. */
export interface Clock {
  /** Milliseconds that only go forward, whatever happens to the computer's clock. */
  now(): number;
  /** Waits; rejects with the signal's reason where it aborts first. */
  sleep(milliseconds: number, io: Io): Promise<void>;
  /** From 0 to just below 1. */
  random(): number;
}

/** The computer's own. */
export const systemClock: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: async (milliseconds, io) => {
    io.signal.throwIfAborted();
    try {
      await delay(milliseconds, undefined, { signal: io.signal });
    } catch (error) {
      io.signal.throwIfAborted();
      throw error;
    }
  },
};
