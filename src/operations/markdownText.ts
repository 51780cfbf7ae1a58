/** Controls, bidi controls, zero-width and other characters that are not seen or change what is seen around them. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Most UTF-16 units of one text from outside, unless a caller says another limit. */
const maxLength = 300;

/**
 * Text from outside as a code span of GitHub's Markdown: nothing in it is a link, an image, HTML, a mention or the end of the
 * span. What cannot be seen stands as `⟨U+202E⟩`, a byte that is no UTF-8 as `⟨xE9⟩`; it is cut to `limit` characters.
 */
export function codeSpan(text: string, limit = maxLength): string {
  return fenced(shownText(text, limit));
}

/** A code span for a cell of a table, which ends at a | that no \ precedes and where one \ is taken away before a |. */
export function codeCell(text: string, limit = maxLength): string {
  const shown = shownText(text, limit).replace(/\\+(?=\|)/g, (run) => escape('\\').repeat(run.length));
  return fenced(shown.replaceAll('|', '\\|'));
}

/**
 * A sentence for a cell of a table. What it quotes becomes a code span; the rest keeps its words, but no mark in it means
 * anything to Markdown, and nothing in it is a link, a mention or the number of an issue.
 */
export function sentenceCell(text: string): string {
  const parts = text.split(/("(?:[^"\\]|\\.)*")/);
  return parts.map((part, at) => (at % 2 === 1 ? codeCell(part.slice(1, -1)) : escapeMarks(part))).join('');
}

function escapeMarks(text: string): string {
  const shown = text
    .replace(/[\t\r\n]+/g, ' ')
    .replace(unseen, escape)
    .replace(/[@#]/g, escape);
  return shown.replace(/[\\`*_[\]<>|~&!${}^]|:(?=\/\/)|(?<=www)\./gi, (mark) => `\\${mark}`);
}

function shownText(text: string, limit: number): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(unseen, escape).replace(/^ +| +$/g, (blanks) => escape(' ').repeat(blanks.length));
}

function fenced(text: string): string {
  if (text === '') return '—';
  const runs = [...text.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = '`'.repeat(Math.max(0, ...runs) + 1);
  const pad = runs.length > 0 ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xdc80 && code <= 0xdcff) return `⟨x${(code - 0xdc00).toString(16).toUpperCase()}⟩`;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
