import { quoted, wrong } from './complaints.ts';
import type { NameValue } from './dockerfile.ts';
import { isSpace } from './logicalLines.ts';

/**
 * The pairs of ENV and LABEL: `name=value …` with quotes and escapes still in them, or the old `name value`.
 * @throws OciError invalid-spec for a pair without name or `=`
 */
export function nameValues(rest: string, keyword: string, escape: string): readonly NameValue[] {
  const words = quotedWords(rest, escape);
  const [first] = words;
  if (first === undefined) throw wrong(`${keyword} needs a name and a value: ${keyword} NAME=value.`);
  if (first.includes('=')) return words.map((word) => pair(word, keyword));
  const separator = /[\t\v\f\r ]+/.exec(rest);
  if (separator === null) throw wrong(`${keyword} ${quoted(rest)} has no value: write ${keyword} NAME=value.`);
  const name = rest.slice(0, separator.index);
  return [{ name, value: rest.slice(separator.index + separator[0].length) }];
}

function pair(word: string, keyword: string): NameValue {
  const at = word.indexOf('=');
  if (at < 0) throw wrong(`${keyword}: ${quoted(word)} has no =. Put values with white space in quotes.`);
  if (at === 0) throw wrong(`${keyword}: ${quoted(word)} has no name.`);
  return { name: word.slice(0, at), value: word.slice(at + 1) };
}

/** Splits at white space outside of quotes; quotes and escapes stay as they are. */
export function quotedWords(text: string, escape: string): readonly string[] {
  const words: string[] = [];
  let quote = '';
  let start = -1;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote === '' && isSpace(char)) {
      if (start >= 0) words.push(text.slice(start, at));
      start = -1;
      continue;
    }
    if (start < 0) start = at;
    if (char === escape && quote !== "'") at++;
    else if (char === quote) quote = '';
    else if (quote === '' && (char === "'" || char === '"')) quote = char;
  }
  if (start >= 0) words.push(withoutLoneEscape(text.slice(start), escape, quote));
  return words.filter((word) => word !== '');
}

/** An escape character at the very end escapes nothing. */
function withoutLoneEscape(word: string, escape: string, quote: string): string {
  let count = 0;
  while (word.charAt(word.length - 1 - count) === escape) count++;
  return count % 2 === 1 && quote !== "'" ? word.slice(0, -1) : word;
}
