import { untilAborted } from '../content/abort.ts';
import type { Io } from '../content/store.ts';

/** Tries of a reading that others cancel. */
const maxTries = 4;

/**
 * Runs a reading that others may share: where one of them cancels it while this caller still wants it, it begins again.
 * Throws this caller's own reason, at once, or what the reading throws.
 */
export async function sharedRead<Result>(read: () => Promise<Result>, io: Io): Promise<Result> {
  for (let left = maxTries; ; left--) {
    io.signal.throwIfAborted();
    try {
      return await untilAborted(read(), io);
    } catch (error) {
      io.signal.throwIfAborted();
      if (left === 1 || !isAbort(error)) throw error;
    }
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
