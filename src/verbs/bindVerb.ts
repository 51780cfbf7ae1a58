import type { RunOptions } from '../api.ts';
import type { Verb, VerbContext } from './verb.ts';

/** A verb with all it needs but what its caller says. */
export type BoundVerb<Result> = (options: unknown, run?: RunOptions) => Promise<Result>;

/** Binds one verb, of the public ones or another. */
export function bindVerb<Result>(verb: Verb<Result>, context: VerbContext): BoundVerb<Result> {
  return async (options, run = {}) => {
    const io = { signal: run.signal ?? new AbortController().signal };
    return verb(options, context, run, io);
  };
}
