import { setImmediate } from 'node:timers/promises';
import type { Io } from '../content/store.ts';

/** Items between two looks at the clock. */
const batch = 32;
/** Milliseconds of work before others get a turn. */
const turn = 6;
/** Items that are sorted at once. */
const run = 1024;

/** Does `action` for each item; lets others run, and looks at the signal, every few milliseconds. */
export async function inTurns<Item>(items: Iterable<Item>, action: (item: Item) => void, io: Io): Promise<void> {
  let done = 0;
  let began = performance.now();
  for (const item of items) {
    action(item);
    if (++done % batch !== 0 || performance.now() - began < turn) continue;
    await setImmediate();
    io.signal.throwIfAborted();
    began = performance.now();
  }
}

/** The items in order, as `toSorted` gives them; lets others run while it sorts many. */
export async function sortInTurns<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
  io: Io,
): Promise<readonly Item[]> {
  if (items.length <= run) return items.toSorted(compare);
  let runs: (readonly Item[])[] = [];
  for (let from = 0; from < items.length; from += run) {
    runs.push(items.slice(from, from + run).sort(compare));
    await giveTurn(io);
  }
  while (runs.length > 1) {
    const merged: (readonly Item[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], compare, io));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/**
 * At least the `count` largest items (all where there are fewer), largest first, equal ones in their order; the others are not
 * even sorted.
 */
export async function largestInTurns<Item>(
  items: readonly Item[],
  count: number,
  sizeOf: (item: Item) => number,
  io: Io,
): Promise<readonly Item[]> {
  const counts = new Map<number, number>();
  const tally = (item: Item): void => {
    const step = magnitude(sizeOf(item));
    counts.set(step, (counts.get(step) ?? 0) + 1);
  };
  await inTurns(items, tally, io);
  let left = count;
  const least = [...counts.keys()].sort((a, b) => b - a).find((step) => (left -= counts.get(step) ?? 0) <= 0) ?? 0;
  const candidates: Item[] = [];
  const keep = (item: Item): void => {
    if (magnitude(sizeOf(item)) >= least) candidates.push(item);
  };
  await inTurns(items, keep, io);
  return sortInTurns(candidates, (a, b) => sizeOf(b) - sizeOf(a), io);
}

/** A coarse scale: sizes of one step differ by less than a tenth. */
function magnitude(size: number): number {
  return size < 1 ? 0 : 1 + Math.floor(Math.log2(size) * 8);
}

/** Two sorted lists as one; of equal items those of `left` first. */
async function merge<Item>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (a: Item, b: Item) => number,
  io: Io,
): Promise<readonly Item[]> {
  const merged: Item[] = [];
  let [l, r] = [0, 0];
  for (;;) {
    const [a, b] = [left[l], right[r]];
    if (a === undefined || b === undefined) break;
    const takesRight = compare(b, a) < 0;
    merged.push(takesRight ? b : a);
    if (takesRight) r++;
    else l++;
    if (merged.length % (4 * run) === 0) await giveTurn(io);
  }
  return [...merged, ...left.slice(l), ...right.slice(r)];
}

async function giveTurn(io: Io): Promise<void> {
  await setImmediate();
  io.signal.throwIfAborted();
}
