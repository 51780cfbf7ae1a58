import type { CharSet } from './glob.ts';
import { PatternError, type RegexpReader } from './regexpReader.ts';

const digit = ranges('09');
/** Letters, digits and `_` of ASCII. */
export const word = ranges('09AZ__az');
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

/** The rest of a class, after its `[`, as Go's regexp package reads it. @throws PatternError */
export function readClass(reader: RegexpReader): CharSet {
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

/** The set of `\\d`, `\\s`, `\\w` and their opposites; undefined, and nothing read, where something else comes next. */
export function perlClass(reader: RegexpReader): CharSet | undefined {
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

/** The character of an escape, which is read. @throws PatternError where there is no such escape */
export function escapedChar(reader: RegexpReader): number {
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
