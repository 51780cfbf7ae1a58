import { setImmediate } from 'node:timers/promises';
import type { FileNode } from '../archive/fileNode.ts';
import type { LayerStack } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import { type Candidate, candidateOf, lettersOf, scoreOf } from './pathScore.ts';

/** Letters of a query that count: no name needs more. */
const maxLetters = 256;

/** Paths that are collected before others get a chance to run. */
const batch = 2000;

interface Match {
  readonly at: number;
  readonly score: number;
}

/** Finds files of an image by pieces of their paths, as Go to File does. */
export class FileFinder {
  readonly #walk: Iterator<FileNode, void, undefined>;
  readonly #nodes: FileNode[] = [];
  readonly #candidates: Candidate[] = [];
  /** What the query before matched: a longer one can match nothing else. */
  #narrowed: { readonly query: string; readonly matches: readonly number[] } = { query: '', matches: [] };
  #isWhole = false;

  /** The stack is whole and does not change. */
  constructor(stack: LayerStack) {
    this.#walk = stack.walk();
  }

  /** Collects the paths in turns with other work, so that `find` has nothing left to collect. */
  async prepare(io: Io): Promise<void> {
    while (!this.#collect(batch)) {
      await setImmediate();
      io.signal.throwIfAborted();
    }
  }

  /**
   * The best matches first: every word of the query is in the path, in its order though not in one piece. Names count before
   * paths, whole words before single letters, short before long; case is a last preference. Without a query the first files.
   */
  find(query: string, limit: number): readonly FileNode[] {
    while (!this.#collect(batch));
    const words = query
      .slice(0, maxLetters)
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) return this.#nodes.slice(0, limit);
    const best = new Best(limit);
    const matches: number[] = [];
    const wanted = words.map((word) => ({ word, lower: word.toLowerCase(), letters: lettersOf(word.toLowerCase()) }));
    for (const at of this.#pool(query)) {
      const candidate = this.#candidates[at];
      const score = candidate === undefined ? undefined : scoreOf(candidate, wanted);
      if (score === undefined) continue;
      matches.push(at);
      best.add(at, score);
    }
    this.#narrowed = { query, matches };
    return best.take().flatMap(({ at }) => this.#nodes[at] ?? []);
  }

  /** Which candidates a query may match. */
  #pool(query: string): Iterable<number> {
    const { query: before, matches } = this.#narrowed;
    return before !== '' && query.startsWith(before) ? matches : this.#candidates.keys();
  }

  /** True when all is collected. */
  #collect(count: number): boolean {
    for (let left = count; left > 0 && !this.#isWhole; left--) {
      const next = this.#walk.next();
      if (next.done === true) this.#isWhole = true;
      else if (next.value.children === undefined) {
        this.#nodes.push(next.value);
        this.#candidates.push(candidateOf(next.value));
      }
    }
    return this.#isWhole;
  }
}

/** The matches with the highest scores; among equals those that came first, which are in the order of their paths. */
class Best {
  readonly #limit: number;
  readonly #matches: Match[] = [];
  /** What a match must exceed, once there are enough. */
  #floor = -Infinity;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(at: number, score: number): void {
    if (score <= this.#floor) return;
    this.#matches.push({ at, score });
    if (this.#matches.length >= 2 * this.#limit + 64) this.take();
  }

  take(): readonly Match[] {
    this.#matches.sort((left, right) => right.score - left.score || left.at - right.at);
    if (this.#matches.length > this.#limit) this.#matches.length = this.#limit;
    if (this.#matches.length === this.#limit) this.#floor = this.#matches.at(-1)?.score ?? this.#floor;
    return this.#matches;
  }
}
