import { quoted, wrong } from './complaints.ts';
import type { Heredoc } from './dockerfile.ts';
import { type ExpandOptions, expandWords } from './expand.ts';
import { type LineReader, withoutEnd } from './logicalLines.ts';

/** `<<EOF` as it is written: the document comes behind the instruction. */
export interface HeredocMark {
  readonly name: string;
  readonly expands: boolean;
  /** True for `<<-`: tabs at the start of lines are no part of it. */
  readonly chomps: boolean;
}

/** Most documents of one instruction, and most characters of them. */
const maxDocuments = 1000;
const maxContent = 4 << 20;
const empty: ExpandOptions = { variable: () => undefined, escape: '\\', unset: 'itself' };

/** The mark that a word is; undefined where it is none. @throws OciError invalid-spec where its quotes are not closed */
export function heredocMark(word: string): HeredocMark | undefined {
  const match = /^\d*<<(-?)([^<]*)$/.exec(word);
  const written = match?.[2]?.trimStart() ?? '';
  if (match === null || written === '') return undefined;
  const [name, ...more] = expandWords(written, empty);
  if (name === undefined || more.length > 0) return undefined;
  const [kept = ''] = expandWords(written, { ...empty, quotes: 'kept' });
  return { name, expands: quotes(kept) === quotes(name), chomps: match[1] === '-' };
}

/** The marks of an instruction, in order; none where its quotes are not closed. */
export function heredocMarks(text: string): readonly HeredocMark[] {
  if (!text.includes('<<')) return [];
  const words = split(text);
  return words.flatMap((word) => heredocMark(word) ?? []);
}

/**
 * Takes the documents that marks announce.
 * @throws OciError invalid-spec where the end of one is missing
 */
export function takeHeredocs(marks: readonly HeredocMark[], reader: LineReader): readonly Heredoc[] {
  if (marks.length > maxDocuments) throw wrong(`an instruction may have ${maxDocuments} documents.`);
  let left = maxContent;
  return marks.map(({ name, expands, chomps }) => {
    const lines: string[] = [];
    for (;;) {
      const line = reader.take();
      if (line === undefined)
        throw wrong(`the document ${quoted(name)} has no end: a line with nothing but ${quoted(name)}.`);
      const ended = withoutEnd(line);
      if ((chomps ? ended.replace(/^\t+/, '') : ended) === name) break;
      left -= line.length;
      if (left < 0) throw wrong(`documents in a Dockerfile may have ${maxContent} characters.`);
      lines.push(`${chomps ? line.replace(/^\t+/, '') : line}\n`);
    }
    return { name, expands, content: lines.join('') };
  });
}

function split(text: string): readonly string[] {
  try {
    return expandWords(text, { ...empty, quotes: 'kept', escapes: 'kept' });
  } catch {
    return [];
  }
}

function quotes(text: string): number {
  return text.replace(/[^'"]/g, '').length;
}
