import { anyChar, type CharSet, type Glob, type GlobStep } from './glob.ts';
import { RegexpReader } from './regexpReader.ts';

/** What Go's regexp package refuses, or what of it is not understood here. */
export class PatternError extends Error {}

const noNewline: CharSet = (point) => point !== 0x0a;

const atStart = { kind: 'place', holds: (_: string, at: number) => at === 0 } as const satisfies GlobStep;
const atEnd = { kind: 'place', holds: (text: string, at: number) => at === text.length } as const satisfies GlobStep;
const anything = { kind: 'many', of: anyChar } as const satisfies GlobStep;

/**
 * What a regular expression that moby's patternmatcher makes of a pattern matches, as Go's regexp package understands it. Its
 * only repetitions are those of classes and of `.`.
 * @throws PatternError where Go has an error too, and for `\p`, `\P`, `\Q` and counts such as `{2}`, which nobody means
 */
export function goRegexp(source: string): Glob {
  const reader = new RegexpReader(source);
  const lists: GlobStep[][] = [[]];
  while (!reader.isAtEnd()) {
    if (reader.skip('|')) lists.push([]);
    else add(lists.at(-1) ?? [], readStep(reader));
  }
  return lists.map(anchored);
}

function add(steps: GlobStep[], step: GlobStep): void {
  const last = steps.at(-1);
  if (step.kind !== 'text' || last?.kind !== 'text') steps.push(step);
  else steps[steps.length - 1] = { kind: 'text', text: last.text + step.text };
}

/** An expression is found anywhere, a glob matches the whole. */
function anchored(steps: readonly GlobStep[]): readonly GlobStep[] {
  const fromStart = steps[0] === atStart ? steps.slice(1) : [anything, ...steps];
  return fromStart.at(-1) === atEnd ? fromStart.slice(0, -1) : [...fromStart, anything];
}

function readStep(reader: RegexpReader): GlobStep {
  if (reader.skip('(.*/)?')) return { kind: 'folders', of: noNewline };
  if (reader.skip('.*')) return { kind: 'many', of: noNewline };
  if (reader.skip('[')) {
    const of = readClass(reader);
    return { kind: reader.skip('*') ? 'many' : 'one', of };
  }
  if (reader.skip('^')) return atStart;
  if (reader.skip('$')) return atEnd;
  if (reader.startsWith('\\')) return readEscape(reader);
  if (reader.skipPattern(/\{(?:0|[1-9][0-9]*)(?:,(?:0|[1-9][0-9]*)?)?\}/y) !== undefined) {
    throw new PatternError('numbers in { } would be a count');
  }
  return { kind: 'text', text: reader.char() };
}

const conditions: Readonly<Record<string, (text: string, at: number) => boolean>> = {
  A: atStart.holds,
  z: atEnd.holds,
  b: isWordBorder,
  B: (text, at) => !isWordBorder(text, at),
};

function readEscape(reader: RegexpReader): GlobStep {
  const name = reader.peek(1);
  const holds = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
  if (holds !== undefined) {
    reader.skip(`\\${name}`);
    return { kind: 'place', holds };
  }
  const of = perlClass(reader);
  return of === undefined ? { kind: 'text', text: String.fromCodePoint(escapedChar(reader)) } : { kind: 'one', of };
}

function isWordBorder(text: string, at: number): boolean {
  const isWord = (place: number): boolean => word(text.codePointAt(place) ?? -1);
  return isWord(at - 1) !== isWord(at);
}

const digit = ranges('09');
const word = ranges('09AZ__az');
const space = ranges('\t\n\f\r  ');
const perlClasses: Readonly<Record<string, CharSet>> = {
  d: digit,
  D: not(digit),
  w: word,
  W: not(word),
  s: space,
  S: not(space),
};
const posixClasses: Readonly<Record<string, CharSet>> = {
  alnum: ranges('09AZaz'),
  alpha: ranges('AZaz'),
  ascii: ranges('\0\x7f'),
  blank: ranges('\t\t  '),
  cntrl: ranges('\0\x1f\x7f\x7f'),
  digit,
  graph: ranges('!~'),
  lower: ranges('az'),
  print: ranges(' ~'),
  punct: ranges('!/:@[`{~'),
  space: ranges('\t\r  '),
  upper: ranges('AZ'),
  word,
  xdigit: ranges('09AFaf'),
};

/** The rest of a class, after its `[`. */
function readClass(reader: RegexpReader): CharSet {
  const isNegated = reader.skip('^');
  const sets: CharSet[] = [];
  while (sets.length === 0 || !reader.startsWith(']')) sets.push(readMember(reader));
  reader.skip(']');
  const any: CharSet = (point) => sets.some((of) => of(point));
  return isNegated ? not(any) : any;
}

function readMember(reader: RegexpReader): CharSet {
  const named = posixClass(reader) ?? perlClass(reader);
  if (named !== undefined) return named;
  const low = classChar(reader);
  const isRange = reader.startsWith('-') && reader.peek(1) !== ']' && reader.peek(1) !== '';
  if (!isRange) return (point) => point === low;
  reader.skip('-');
  const high = classChar(reader);
  if (high < low) throw new PatternError('the range is the wrong way round');
  return (point) => low <= point && point <= high;
}

function posixClass(reader: RegexpReader): CharSet | undefined {
  if (!reader.startsWith('[:')) return undefined;
  const name = reader.until(':]');
  if (name === undefined) return undefined;
  const isNegated = name.startsWith('[:^');
  const known = name.slice(isNegated ? 3 : 2, -2);
  const of = Object.hasOwn(posixClasses, known) ? posixClasses[known] : undefined;
  if (of === undefined) throw new PatternError(`there is no class ${name}`);
  return isNegated ? not(of) : of;
}

function perlClass(reader: RegexpReader): CharSet | undefined {
  const name = reader.startsWith('\\') ? reader.peek(1) : '';
  const of = Object.hasOwn(perlClasses, name) ? perlClasses[name] : undefined;
  if (of !== undefined) reader.skip(`\\${name}`);
  return of;
}

function classChar(reader: RegexpReader): number {
  if (reader.isAtEnd()) throw new PatternError('a ] is missing');
  return reader.startsWith('\\') ? escapedChar(reader) : (reader.char().codePointAt(0) ?? 0);
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The character of an escape, and the reader behind it. */
function escapedChar(reader: RegexpReader): number {
  reader.skip('\\');
  const number = reader.skipPattern(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y);
  if (number !== undefined) return parseInt(number, 8);
  const hex = reader.skipPattern(/x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]{1,6}\})/y);
  if (hex !== undefined) return validPoint(parseInt(hex.replace(/[x{}]/g, ''), 16));
  const char = reader.isAtEnd() ? '' : reader.char();
  const control = Object.hasOwn(controls, char) ? controls[char] : undefined;
  if (control !== undefined) return control;
  if (/^[\x21-\x7e ]$/.test(char) && !/[0-9A-Za-z]/.test(char)) return char.charCodeAt(0);
  if (/^[\0-\x1f\x7f]$/.test(char)) return char.charCodeAt(0);
  throw new PatternError(`there is no escape \\${char}`);
}

function validPoint(point: number): number {
  if (point > 0x10ffff) throw new PatternError('there is no such character');
  return point;
}

function not(of: CharSet): CharSet {
  return (point) => !of(point);
}

/** Each two characters are the first and the last of a range. */
function ranges(ends: string): CharSet {
  const points = Array.from(ends, (char) => char.codePointAt(0) ?? 0);
  return (point) => points.some((low, at) => at % 2 === 0 && low <= point && point <= (points[at + 1] ?? low));
}
