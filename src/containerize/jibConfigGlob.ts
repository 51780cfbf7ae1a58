/** One piece of a glob: what one or more characters of a path must be. */
type Piece =
  | { readonly kind: 'character'; readonly character: string }
  | { readonly kind: 'any' }
  /** Any number of characters, with `crosses` also `/`. */
  | { readonly kind: 'many'; readonly crosses: 'names' | 'folders' }
  | { readonly kind: 'set'; readonly isNegated: 'yes' | 'no'; readonly ranges: readonly (readonly [string, string])[] };

const maxLength = 1024;
const maxAlternatives = 100;

/**
 * Matches paths as Java's PathMatcher does with `glob:` (java.nio.file.FileSystem.getPathMatcher): `*` stays in a name, `**`
 * crosses folders, `?`, `[a-z]`, `[!a]`, `{a,b}`, `\` takes the meaning away. As in Jib, a glob that ends in `/` means all below it.
 * Undefined for what is no glob. The time it takes grows with glob times path, whatever they are.
 */
export function parseJavaGlob(glob: string): ((path: string) => boolean) | undefined {
  if (glob.length > maxLength) return undefined;
  const alternatives = expand(glob.endsWith('/') ? `${glob}**` : glob);
  const parsed = alternatives?.map(piecesOf) ?? [undefined];
  const all = parsed.filter((one) => one !== undefined);
  return all.length < parsed.length ? undefined : (path) => all.some((pieces) => matches(pieces, path));
}

/** The characters of a glob with what is in its braces written out: the time that a path takes grows with them. 0 for what is no glob. */
export function javaGlobSize(glob: string): number {
  const alternatives = glob.length > maxLength ? [] : (expand(glob) ?? []);
  return alternatives.reduce((sum, { length }) => sum + length, 0);
}

/** What is in braces, one glob for each; undefined where they are not closed, or nested, which Java refuses too. */
function expand(glob: string): readonly string[] | undefined {
  let done = [''];
  let open: string[] | undefined;
  for (let at = 0; at < glob.length; at++) {
    const character = glob.charAt(at);
    const text = partAt(glob, at);
    at += text.length - 1;
    if (open === undefined) {
      if (character === '{') open = [''];
      else done = done.map((one) => one + text);
    } else if (character === '{') return undefined;
    else if (character === ',') open.push('');
    else if (character === '}') {
      const choices = open;
      if (done.length * choices.length > maxAlternatives) return undefined;
      done = done.flatMap((one) => choices.map((choice) => one + choice));
      open = undefined;
    } else open = [...open.slice(0, -1), (open.at(-1) ?? '') + text];
  }
  return open === undefined ? done : undefined;
}

/** A character with its backslash, or a whole set, in which braces and commas mean themselves. */
function partAt(glob: string, at: number): string {
  if (glob.charAt(at) === '\\') return glob.slice(at, at + 2);
  const end = glob.charAt(at) === '[' ? glob.indexOf(']', at + 2) : -1;
  return end < 0 ? glob.charAt(at) : glob.slice(at, end + 1);
}

function piecesOf(glob: string): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  for (let at = 0; at < glob.length; at++) {
    const character = glob.charAt(at);
    const text = partAt(glob, at);
    at += text.length - 1;
    if (character === '*') {
      const crosses = glob.charAt(at + 1) === '*' ? 'folders' : 'names';
      if (crosses === 'folders') at++;
      pieces.push({ kind: 'many', crosses });
    } else if (character === '?') pieces.push({ kind: 'any' });
    else if (character === '[') {
      const set = setOf(text);
      if (set === undefined) return undefined;
      pieces.push(set);
    } else if (character === '\\' && text.length < 2) return undefined;
    else pieces.push({ kind: 'character', character: text.slice(-1) });
  }
  return pieces;
}

function setOf(text: string): Piece | undefined {
  const isNegated = text.startsWith('[!') ? 'yes' : 'no';
  const inner = text.slice(isNegated === 'yes' ? 2 : 1, -1);
  if (!text.endsWith(']') || text.length < 3 || inner === '' || inner.includes('/')) return undefined;
  const ranges: [string, string][] = [];
  for (let at = 0; at < inner.length; at++) {
    const isRange = inner.charAt(at + 1) === '-' && at + 2 < inner.length;
    const last = inner.charAt(isRange ? at + 2 : at);
    if (last < inner.charAt(at)) return undefined;
    ranges.push([inner.charAt(at), last]);
    if (isRange) at += 2;
  }
  return { kind: 'set', isNegated, ranges };
}

/** Follows all ways to match at once: no glob makes it try again. */
function matches(pieces: readonly Piece[], path: string): boolean {
  let states = closed(pieces, [0]);
  for (const character of path.split('')) {
    const next: number[] = [];
    for (const state of states) {
      const piece = pieces[state];
      if (piece !== undefined && fits(piece, character)) next.push(piece.kind === 'many' ? state : state + 1);
    }
    if (next.length === 0) return false;
    states = closed(pieces, next);
  }
  return states.has(pieces.length);
}

/** With the states that are reached without a character. */
function closed(pieces: readonly Piece[], states: readonly number[]): ReadonlySet<number> {
  const all = new Set<number>();
  for (const first of states) {
    for (let state = first; !all.has(state); state++) {
      all.add(state);
      if (pieces[state]?.kind !== 'many') break;
    }
  }
  return all;
}

function fits(piece: Piece, character: string): boolean {
  switch (piece.kind) {
    case 'character':
      return piece.character === character;
    case 'any':
      return character !== '/';
    case 'many':
      return piece.crosses === 'folders' || character !== '/';
    case 'set':
      return (
        character !== '/' &&
        piece.ranges.some(([a, b]) => a <= character && character <= b) === (piece.isNegated === 'no')
      );
  }
}
