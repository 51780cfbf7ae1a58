import { wrong } from './complaints.ts';

/** A part of a pattern: one character of a kind, or any number of them. */
export interface GlobToken {
  readonly count: 'one' | 'any';
  readonly accepts: (char: string) => boolean;
}

/** What matching may cost altogether before it is given up: steps of one token at one character. */
const maxSteps = 3_000_000;

/** Counts what matching costs, so that no pattern of a file can hold up the program. */
export class MatchBudget {
  #left = maxSteps;

  /** @throws OciError invalid-spec */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw wrong('its patterns are too long for what they are matched with.');
  }
}

/**
 * The number of characters, from `start` on, that the tokens match: the least or the most there can be; undefined for none.
 * Never takes longer than tokens times characters.
 */
export function matchLength(
  tokens: readonly GlobToken[],
  chars: readonly string[],
  start: number,
  which: 'least' | 'most',
  budget: MatchBudget,
): number | undefined {
  let states = reach(tokens, [0]);
  let found: number | undefined;
  for (let at = start; ; at++) {
    budget.spend(states.length + 1);
    if (states.at(-1) === tokens.length) found = at - start;
    const char = chars[at];
    if (char === undefined || states.length === 0 || (found !== undefined && which === 'least')) return found;
    const next = states.flatMap((state) => {
      const token = tokens[state];
      if (token?.accepts(char) !== true) return [];
      return [token.count === 'any' ? state : state + 1];
    });
    states = reach(tokens, next);
  }
}

/** True where the tokens match all of the characters. */
export function matchesAll(tokens: readonly GlobToken[], chars: readonly string[], budget: MatchBudget): boolean {
  return matchLength(tokens, chars, 0, 'most', budget) === chars.length;
}

/** The states with those that follow without a character, ascending and each once. */
function reach(tokens: readonly GlobToken[], states: readonly number[]): readonly number[] {
  const all: number[] = [];
  let last = -1;
  for (const state of states) {
    for (let at = state; at > last; at++) {
      all.push(at);
      last = at;
      if (tokens[at]?.count !== 'any') break;
    }
  }
  return all;
}
