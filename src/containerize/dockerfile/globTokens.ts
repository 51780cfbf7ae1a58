import type { WordBudget } from './wordBudget.ts';

/** A part of a pattern: one character of a kind, or any number of them. */
export interface GlobToken {
  readonly count: 'one' | 'any';
  readonly accepts: (char: string) => boolean;
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
  budget: WordBudget,
): number | undefined {
  let states = reach(tokens, [0]);
  let found: number | undefined;
  for (let at = start; ; at++) {
    budget.match(states.length + 1);
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
