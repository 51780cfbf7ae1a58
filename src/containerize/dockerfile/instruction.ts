import type { Place, Word } from './dockerfile.ts';
import { isSpace, type LogicalLine, placeAt, trimEnd } from './logicalLines.ts';

/** `--name` or `--name=value` behind an instruction's keyword, its quotes taken off. */
export interface Flag extends Word {
  readonly name: string;
  readonly value?: string;
}

/** A logical line taken apart as far as all instructions are alike. */
export interface Instruction {
  /** In upper case. */
  readonly keyword: string;
  readonly place: Place;
  readonly flags: readonly Flag[];
  /** What is behind the flags, without white space at its ends. */
  readonly rest: string;
  /** Where a character of `rest` is in the file. */
  readonly at: (offset: number) => Place;
  readonly text: string;
}

const separators = /[\t\v\f\r ]+/;

/** Takes a logical line apart. */
export function instructionOf(line: LogicalLine, escape: string): Instruction {
  const text = trimEnd(line.text);
  const start = afterSpace(text, 0);
  const separator = separators.exec(text.slice(start));
  const keywordEnd = separator === null ? text.length : start + separator.index;
  const keyword = text.slice(start, keywordEnd).toUpperCase();
  const { flags, end } = flagsOf(text, keywordEnd, line, escape);
  const from = afterSpace(text, end);
  const at = (offset: number): Place => placeAt(line, from + offset);
  return { keyword, place: placeAt(line, start), flags, rest: text.slice(from), at, text: text.slice(start) };
}

/** The words behind the flags, split at white space. */
export function wordsOf({ rest, at }: Instruction): readonly Word[] {
  return [...rest.matchAll(/[^\t\v\f\r ]+/g)].map(({ 0: text, index }) => ({ text, place: at(index) }));
}

/** The place of the next character that is no white space. */
function afterSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && isSpace(text.charAt(at))) at++;
  return at;
}

/** Words that begin with `--`, up to the first that does not, or to a lone `--`. */
function flagsOf(
  text: string,
  start: number,
  line: LogicalLine,
  escape: string,
): { readonly flags: readonly Flag[]; readonly end: number } {
  const flags: Flag[] = [];
  let at = start;
  for (;;) {
    at = afterSpace(text, at);
    if (!text.startsWith('--', at)) return { flags, end: at };
    const { word, end } = flagWord(text, at, escape);
    if (word === '--') return { flags, end };
    const [name = '', ...value] = word.slice(2).split('=');
    const place = placeAt(line, at);
    flags.push({ name, text: word, place, ...(value.length === 0 ? {} : { value: value.join('=') }) });
    at = end;
  }
}

/** One word without its quotes and escape characters. */
function flagWord(text: string, start: number, escape: string): { readonly word: string; readonly end: number } {
  let word = '';
  let quote = '';
  let at = start;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote === '' && isSpace(char)) break;
    if (char === quote) quote = '';
    else if (quote === '' && (char === "'" || char === '"')) quote = char;
    else if (char === escape) word += text.charAt(++at);
    else word += char;
  }
  return { word, end: at };
}
