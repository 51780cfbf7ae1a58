import type { Place } from './dockerfile.ts';

/** Where a part of a logical line begins, in it and in the file. */
interface Piece extends Place {
  readonly offset: number;
}

/** An instruction's lines joined, comments and continuation characters taken out. */
export interface LogicalLine {
  readonly text: string;
  readonly pieces: readonly Piece[];
}

/** Reads the lines of a Dockerfile in order. */
export class LineReader {
  readonly #lines: readonly string[];
  #at = 0;
  /** What continues a line. */
  escape = '\\';

  constructor(text: string) {
    const lines = text.replace(/^\uFEFF/, '').split('\n');
    this.#lines = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  }

  /** Of the line that comes next, from 1. */
  get line(): number {
    return this.#at + 1;
  }

  /** The next line without its end; stays before it. */
  peek(): string | undefined {
    const line = this.#lines[this.#at];
    return line === undefined ? undefined : withoutEnd(line);
  }

  /** The next line, with the `\r` it may end in. */
  take(): string | undefined {
    const line = this.#lines[this.#at];
    if (line !== undefined) this.#at++;
    return line;
  }

  /** The next instruction; undefined at the end. */
  takeLogical(): LogicalLine | undefined {
    for (let line = this.peek(); line !== undefined; line = this.peek()) {
      const text = trimStart(line);
      const column = line.length - text.length + 1;
      const place = { line: this.line, column };
      this.take();
      const { kept, continues } = this.#continuation(isComment(text) ? '' : text);
      if (kept !== '' || continues) return this.#rest(kept, place, continues);
    }
    return undefined;
  }

  #rest(first: string, place: Place, continues: boolean): LogicalLine {
    const parts = [first];
    const pieces: Piece[] = [{ offset: 0, ...place }];
    let length = first.length;
    for (let line = this.peek(); continues && line !== undefined; line = this.peek()) {
      const piece = { offset: length, line: this.line, column: 1 };
      this.take();
      if (isComment(line) || trimStart(line) === '') continue;
      const next = this.#continuation(line);
      continues = next.continues;
      parts.push(next.kept);
      pieces.push(piece);
      length += next.kept.length;
    }
    return { text: parts.join(''), pieces };
  }

  /** A doubled character continues nothing: it stands for itself. */
  #continuation(line: string): { readonly kept: string; readonly continues: boolean } {
    let end = line.length;
    while (end > 0 && ' \t'.includes(line.charAt(end - 1))) end--;
    const continues = line.charAt(end - 1) === this.escape && line.charAt(end - 2) !== this.escape;
    return continues ? { kept: line.slice(0, end - 1), continues } : { kept: line, continues };
  }
}

/** Where something in a logical line is in the file. */
export function placeAt({ pieces }: LogicalLine, offset: number): Place {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.offset ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const piece = pieces[low];
  return { line: piece?.line ?? 1, column: (piece?.column ?? 1) + offset - (piece?.offset ?? 0) };
}

/** True for white space as Go's unicode.IsSpace has it: U+0085, and no byte order mark. */
export function isSpace(char: string): boolean {
  const code = char.charCodeAt(0);
  if (code < 0x80) return code === 0x20 || (code >= 9 && code <= 13);
  return code === 0x85 || (code !== 0xfeff && /^\s$/.test(char));
}

/** Without white space at its start, as `isSpace` has it. */
export function trimStart(text: string): string {
  let at = 0;
  while (at < text.length && isSpace(text.charAt(at))) at++;
  return text.slice(at);
}

/** Without white space at its end. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Without the line end it may still have. */
export function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && line.charAt(end - 1) === '\r') end--;
  return line.slice(0, end);
}

function isComment(line: string): boolean {
  return trimStart(line).startsWith('#');
}
