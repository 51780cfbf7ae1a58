import { anyChar, type Glob, type GlobStep } from './glob.ts';
import { goRegexp } from './goRegexp.ts';
import { PatternError } from './regexpReader.ts';

/**
 * What a cleaned pattern matches as moby's patternmatcher reads it on Linux. That makes a regular expression of the pattern and
 * lets some of the expression's own meanings through (`|`, `\d`, `[[:alpha:]]`); they are kept here.
 * @throws PatternError where moby refuses the pattern too
 */
export function dockerPattern(pattern: string): Glob {
  checkSyntax(pattern);
  const { kind, regexp } = translated(pattern);
  if (kind === 'regexp') return goRegexp(`^${regexp}$`);
  if (kind === 'exact') return [[{ kind: 'text', text: pattern }]];
  const rest: GlobStep = { kind: 'many', of: anyChar };
  if (kind === 'prefix') return [[{ kind: 'text', text: pattern.slice(0, -2) }, rest]];
  const suffix = pattern.slice(2);
  if (!suffix.startsWith('/')) return [[rest, { kind: 'text', text: suffix }]];
  const end: GlobStep = { kind: 'text', text: suffix.slice(1) };
  return [[{ kind: 'folders', of: anyChar }, end]];
}

type Kind = 'exact' | 'prefix' | 'suffix' | 'regexp';

/** Not `|`, `{` and `}`: the original means them too, but its table has no room for them. */
const escapedInRegexp: ReadonlySet<string> = new Set('.+()$');

/** The expression for a pattern, and whether it is needed: simple patterns are compared as texts. */
function translated(pattern: string): { kind: Kind; regexp: string } {
  // The reader of the original skips a byte order mark.
  const chars = Array.from(pattern.startsWith('\uFEFF') ? pattern.slice(1) : pattern);
  let kind: Kind = 'exact';
  let regexp = '';
  for (let at = 0; at < chars.length; at++) {
    const [char = '', following] = [chars[at], chars[at + 1]];
    if (char === '*' && following === '*') {
      const isFirst = at === 0;
      at += chars[at + 2] === '/' ? 2 : 1;
      const isLast = at + 1 >= chars.length;
      if (!isLast) regexp += '(.*/)?';
      else if (kind !== 'exact') regexp += '.*';
      kind = isLast && kind === 'exact' ? 'prefix' : 'regexp';
      if (isFirst) kind = 'suffix';
      continue;
    }
    if (char === '\\' && following !== undefined) {
      regexp += char + following;
      at++;
    } else regexp += inRegexp(char);
    if ('*?\\[]'.includes(char)) kind = 'regexp';
  }
  return { kind, regexp };
}

function inRegexp(char: string): string {
  if (char === '*') return '[^/]*';
  if (char === '?') return '[^/]';
  return escapedInRegexp.has(char) ? `\\${char}` : char;
}

/**
 * The check of Go's `filepath.Match`, which looks no further than the first `*` behind something else: classes closed and not
 * empty, no bare `-` or `]` in them, nothing missing behind `\`.
 */
function checkSyntax(pattern: string): void {
  let isBehindStars = false;
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '*' && isBehindStars) return;
    if (pattern[at] === '*') continue;
    isBehindStars = true;
    if (pattern[at] === '[') at = endOfClass(pattern, at + 1);
    else if (pattern[at] === '\\' && ++at === pattern.length) throw new PatternError('nothing follows the last \\');
  }
}

function endOfClass(pattern: string, start: number): number {
  let at = pattern[start] === '^' ? start + 1 : start;
  for (let members = 0; pattern[at] !== ']' || members === 0; members++) {
    at = behindMember(pattern, at);
    if (pattern[at] === '-') at = behindMember(pattern, at + 1);
  }
  return at;
}

function behindMember(pattern: string, start: number): number {
  const char = pattern[start];
  if (char === '-' || char === ']') throw new PatternError(`a ${char} in [ ] needs a \\ before it`);
  const end = start + (char === '\\' ? 2 : 1);
  if (end >= pattern.length) throw new PatternError('a ] is missing');
  return end;
}
