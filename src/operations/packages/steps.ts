import { setImmediate } from 'node:timers/promises';
import type { Io } from '../../content/store.ts';

/** Work in steps that take well under a millisecond each, and its result. */
export type Steps<Result> = Generator<void, Result, undefined>;

/** Milliseconds of work before others get a turn. */
const turn = 6;

/** Does all steps; lets others run, and looks at the signal, every few milliseconds. */
export async function finishSteps<Result>(steps: Steps<Result>, io: Io): Promise<Result> {
  for (;;) {
    io.signal.throwIfAborted();
    const until = performance.now() + turn;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < until);
    await setImmediate();
  }
}
