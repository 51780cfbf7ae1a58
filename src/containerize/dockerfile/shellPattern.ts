import { quoted, wrong } from './complaints.ts';
import { type GlobToken, matchLength } from './globTokens.ts';
import type { WordBudget } from './wordBudget.ts';

/** Which end of a value `${name#pattern}` and `${name%pattern}` take off, and how much of it. */
export interface Trimming {
  readonly end: 'start' | 'end';
  readonly which: 'least' | 'most';
}

/** A value without the start or end that a pattern matches. @throws OciError invalid-spec for a pattern that is none */
export function trimmed(value: string, pattern: string, { end, which }: Trimming, budget: WordBudget): string {
  const tokens = shellTokens(pattern);
  const chars = Array.from(value);
  if (end === 'start') return chars.slice(matchLength(tokens, chars, 0, which, budget) ?? 0).join('');
  const length = matchLength(tokens.toReversed(), chars.toReversed(), 0, which, budget) ?? 0;
  return chars.slice(0, chars.length - length).join('');
}

/** A value with the first or every match of a pattern replaced, each the longest from where it begins. */
export function replaced(
  value: string,
  pattern: string,
  { by, count }: { readonly by: string; readonly count: 'first' | 'every' },
  budget: WordBudget,
): string {
  const tokens = shellTokens(pattern);
  const chars = Array.from(value);
  const parts: string[] = [];
  let behindMatch = -1;
  for (let at = 0; at <= chars.length;) {
    const length: number = matchLength(tokens, chars, at, 'most', budget) ?? -1;
    // Nothing matches right behind a match, but for something.
    const matches = length > 0 || (length === 0 && at !== behindMatch);
    if (matches) parts.push(by);
    if (matches && count === 'first') return [...parts, ...chars.slice(at + length)].join('');
    if (length <= 0) parts.push(chars[at] ?? '');
    at += Math.max(length, 1);
    if (length > 0) behindMatch = at;
  }
  return parts.join('');
}

/** `*` and `?` match everything but a line feed; `\` escapes them, itself, `/` and `}`. */
function shellTokens(pattern: string): readonly GlobToken[] {
  const chars = Array.from(pattern);
  const tokens: GlobToken[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? '';
    if (char === '*' || char === '?') {
      tokens.push({ count: char === '*' ? 'any' : 'one', accepts: (one) => one !== '\n' });
      continue;
    }
    if (char === '\\') at++;
    const literal = chars[at] ?? '';
    if (char === '\\' && !/^[*?\\/}]$/.test(literal))
      throw wrong(`${quoted(pattern)} is no pattern: what is \\${literal}?`);
    tokens.push({ count: 'one', accepts: (one) => one === literal });
  }
  return tokens;
}
