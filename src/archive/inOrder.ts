/**
 * Runs up to `limit` pieces of work at once and gives their results in the order of the source. When the consumer stops or
 * one piece fails, the source is closed and those under way are waited for, so nothing runs on unobserved.
 */
export async function* inOrder<Item, Result>(
  source: Iterable<Item> | AsyncIterable<Item>,
  limit: number,
  run: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const started: Promise<Result>[] = [];
  try {
    for await (const item of source) {
      started.push(observed(run(item)));
      const first = started.length >= limit ? started.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    for (let next = started.shift(); next !== undefined; next = started.shift()) yield await next;
  } finally {
    await Promise.allSettled(started);
  }
}

/** A failure is thrown where its turn comes; until then it must not count as unhandled. */
function observed<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  return work;
}
