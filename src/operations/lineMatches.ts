/** What is looked for in each line. */
export interface LinePattern {
  /** Of a regular expression. */
  readonly source: string;
  readonly flags: string;
}

/** A line with a match, by its first one. */
export interface LineMatch {
  /** From 1. */
  readonly line: number;
  /** UTF-16 units of the line before the match. */
  readonly start: number;
  /** UTF-16 units of the match. */
  readonly length: number;
  /** The line, or of a long one the part around the match. */
  readonly text: string;
  /** UTF-16 units of the line before `text`. */
  readonly cut: number;
}

/**
 * The lines of a text file (UTF-8, or UTF-16 by its byte order mark) that a pattern matches, at most `limit`. It is run on
 * another thread from its source text, so it uses nothing from outside itself.
 */
export function lineMatches(bytes: Uint8Array, { source, flags }: LinePattern, limit: number): readonly LineMatch[] {
  const [shown, before] = [400, 80];
  const pattern = new RegExp(source, flags);
  const [first, second] = bytes;
  const isBigEndian = first === 0xfe && second === 0xff;
  const isWide = isBigEndian || (first === 0xff && second === 0xfe);
  const whole = isWide ? Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2))) : bytes;
  if (isBigEndian && Buffer.isBuffer(whole)) whole.swap16();
  const text = new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(whole);
  const matches: LineMatch[] = [];
  for (let from = 0, line = 1; from < text.length && matches.length < limit; line++) {
    const feed = text.indexOf('\n', from);
    const next = feed === -1 ? text.length : feed;
    const content = text.slice(from, text[next - 1] === '\r' && next > from ? next - 1 : next);
    const match = pattern.exec(content);
    if (match !== null) {
      const cut = content.length > shown ? Math.max(0, Math.min(match.index - before, content.length - shown)) : 0;
      const part = content.slice(cut, cut + shown);
      matches.push({ line, start: match.index, length: match[0].length, text: part, cut });
    }
    from = next + 1;
  }
  return matches;
}
