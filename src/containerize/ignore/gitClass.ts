import type { CharSet } from './glob.ts';

/** A class in `[ ]`; `of` is undefined where git lets the whole pattern match nothing. */
export interface GitClass {
  readonly of: CharSet | undefined;
  /** Where the pattern goes on. */
  readonly next: number;
}

const named: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** Reads the class that starts at `pattern[start]`, a `[`, as git's wildmatch.c does: a `]` in the first place is a member. */
export function readGitClass(pattern: string, start: number): GitClass {
  let at = start + 1;
  const isNegated = pattern.charAt(at) === '!' || pattern.charAt(at) === '^';
  if (isNegated) at++;
  const sets: CharSet[] = [];
  let before = 0;
  do {
    const member = readMember(pattern, at, before);
    if (member === undefined) return { of: undefined, next: pattern.length };
    sets.push(member.of);
    ({ before, next: at } = member);
  } while (pattern.charAt(at) !== ']');
  return { of: (byte) => sets.some((of) => of(byte)) !== isNegated, next: at + 1 };
}

interface Member extends GitClass {
  readonly of: CharSet;
  /** The character that a range may start from; 0 where none. */
  readonly before: number;
}

function readMember(pattern: string, at: number, before: number): Member | undefined {
  const char = pattern.charAt(at);
  const following = pattern.charAt(at + 1);
  if (char === '') return undefined;
  if (char === '\\') return following === '' ? undefined : single(following, at + 2);
  if (char === '-' && before !== 0 && following !== '' && following !== ']') return range(pattern, at + 1, before);
  if (char === '[' && following === ':') return namedClass(pattern, at);
  return single(char, at + 1);
}

function single(char: string, next: number): Member {
  const code = char.charCodeAt(0);
  return { of: (byte) => byte === code, next, before: code };
}

function range(pattern: string, at: number, low: number): Member | undefined {
  const end = pattern.charAt(at) === '\\' ? at + 1 : at;
  if (end >= pattern.length) return undefined;
  const high = pattern.charCodeAt(end);
  return { of: (byte) => low <= byte && byte <= high, next: end + 1, before: 0 };
}

function namedClass(pattern: string, at: number): Member | undefined {
  const end = pattern.indexOf(']', at + 2);
  if (end < 0) return undefined;
  if (end === at + 2 || pattern.charAt(end - 1) !== ':') return single('[', at + 1);
  const name = pattern.slice(at + 2, end - 1);
  const expression = Object.hasOwn(named, name) ? named[name] : undefined;
  if (expression === undefined) return undefined;
  return { of: (byte) => expression.test(String.fromCharCode(byte)), next: end + 1, before: 0 };
}
