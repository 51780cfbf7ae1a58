import { type CharSet, type Glob, globMatches, type GlobStep, noSlash } from '../ignore/glob.ts';
import { quoted, wrong } from './complaints.ts';

/** True where a path has characters that mean more than themselves in a pattern; `\` takes that from the next one. */
export function hasWildcards(path: string): boolean {
  for (let at = 0; at < path.length; at++) {
    const char = path.charAt(at);
    if (char === '*' || char === '?' || char === '[') return true;
    if (char === '\\') at++;
  }
  return false;
}

/** True where a name matches a pattern as Go's `filepath.Match` has it: `*`, `?`, `[a-z]`, `[^a-z]`, `\` before others. */
export type NameMatch = (name: string) => boolean;

/** Reads a pattern of one name. @throws OciError invalid-spec for one that is not complete */
export function goMatch(pattern: string): NameMatch {
  const chars = Array.from(pattern);
  const steps: GlobStep[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? '';
    if (char === '*') steps.push({ kind: 'many', of: noSlash });
    else if (char === '?') steps.push({ kind: 'one', of: noSlash });
    else if (char === '[') {
      const { set, end } = charClass(chars, at + 1, pattern);
      steps.push({ kind: 'one', of: set });
      at = end;
    } else {
      const literal = char === '\\' ? chars[++at] : char;
      if (literal === undefined) throw unfinished(pattern);
      steps.push({ kind: 'text', text: literal });
    }
  }
  const glob: Glob = [steps];
  return (name) => globMatches(glob, name);
}

/** The characters between `[` and `]`, of which there is at least one. */
function charClass(
  chars: readonly string[],
  start: number,
  pattern: string,
): { readonly set: CharSet; readonly end: number } {
  const isNegated = chars[start] === '^';
  const ranges: (readonly [number, number])[] = [];
  let at = start + (isNegated ? 1 : 0);
  const next = (): number => {
    if (chars[at] === '\\') at++;
    else if (chars[at] === '-' || chars[at] === ']') throw unfinished(pattern);
    const point = chars[at++]?.codePointAt(0);
    if (point === undefined) throw unfinished(pattern);
    return point;
  };
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = next();
    if (chars[at] !== '-') ranges.push([low, low]);
    else {
      at++;
      ranges.push([low, next()]);
    }
  }
  const set: CharSet = (point) => ranges.some(([low, high]) => point >= low && point <= high) !== isNegated;
  return { set, end: at };
}

function unfinished(pattern: string): Error {
  return wrong(`${quoted(pattern)} is no pattern: a [ is not closed, or nothing follows a \\.`);
}
