import type { Io } from '../content/store.ts';

/** An Io that ends with its parent, or earlier by `abort`. `unlink` when the work is over: the parent forgets it. */
export interface LinkedIo {
  readonly io: Io;
  abort(reason: unknown): void;
  unlink(): void;
}

export function linkIo(parent: Io): LinkedIo {
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent.signal.reason);
  if (parent.signal.aborted) follow();
  else parent.signal.addEventListener('abort', follow, { once: true });
  return {
    io: { signal: controller.signal },
    abort: (reason) => controller.abort(reason),
    unlink: () => parent.signal.removeEventListener('abort', follow),
  };
}

/**
 * Runs the action on every item, at most `limit` at a time, in order of the items.
 * The first failure aborts the others, waits for them and is thrown; so is the signal's reason when it aborts.
 */
export async function forEachParallel<T>(
  items: Iterable<T>,
  limit: number,
  action: (item: T, io: Io) => Promise<void>,
  io: Io,
): Promise<void> {
  io.signal.throwIfAborted();
  const linked = linkIo(io);
  const iterator = items[Symbol.iterator]();
  const work = async (): Promise<void> => {
    try {
      while (!linked.io.signal.aborted) {
        const next = iterator.next();
        if (next.done === true) return;
        await action(next.value, linked.io);
      }
    } catch (error) {
      if (linked.io.signal.aborted) return; // a later failure, or the echo of the first
      linked.abort(error);
      throw error;
    }
  };
  const workers = Array.from({ length: limit }, work);
  await Promise.allSettled(workers);
  linked.unlink();
  io.signal.throwIfAborted();
  await Promise.all(workers);
}

/** Like `forEachParallel`; returns what the action returned for each item, in order of the items. */
export async function mapParallel<T, R>(
  items: readonly T[],
  limit: number,
  action: (item: T, io: Io) => Promise<R>,
  io: Io,
): Promise<readonly R[]> {
  const results: R[] = [];
  const run = async ([at, item]: [number, T], inner: Io): Promise<void> =>
    void (results[at] = await action(item, inner));
  await forEachParallel(items.entries(), limit, run, io);
  return results;
}
