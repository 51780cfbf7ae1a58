import { setImmediate } from 'node:timers/promises';
import type { Io } from '../content/store.ts';

interface HasPath {
  readonly path: string;
}

/** Items that are sorted or merged before others get a turn: about two milliseconds of work. */
const run = 2048;

/** The items by their paths, in the order of UTF-16 units; of equal ones the earlier first. Lets others run while it sorts many. */
export async function inPathOrder<Item extends HasPath>(items: readonly Item[], io: Io): Promise<readonly Item[]> {
  let runs: (readonly Item[])[] = [];
  for (let from = 0; from < items.length; from += run) {
    runs.push(items.slice(from, from + run).sort(byPath));
    await giveTurn(io);
  }
  while (runs.length > 1) {
    const merged: (readonly Item[])[] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], io));
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Lets others run, and looks at the signal. */
export async function giveTurn(io: Io): Promise<void> {
  await setImmediate();
  io.signal.throwIfAborted();
}

/** Does `action` for each item; lets others run every now and then. */
export async function forEachInTurns<Item>(items: Iterable<Item>, action: (item: Item) => void, io: Io): Promise<void> {
  let done = 0;
  for (const item of items) {
    action(item);
    if (++done % run === 0) await giveTurn(io);
  }
}

async function merge<Item extends HasPath>(
  left: readonly Item[],
  right: readonly Item[],
  io: Io,
): Promise<readonly Item[]> {
  const merged: Item[] = [];
  let [l, r] = [0, 0];
  for (;;) {
    const [a, b] = [left[l], right[r]];
    const next = a === undefined || (b !== undefined && b.path < a.path) ? b : a;
    if (next === undefined) return merged;
    merged.push(next);
    if (next === a) l++;
    else r++;
    if (merged.length % (4 * run) === 0) await giveTurn(io);
  }
}

function byPath(a: HasPath, b: HasPath): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}
