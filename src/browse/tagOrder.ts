export type TagOrder = 'semver' | 'name' | 'server';

/** Tags in the order asked for; `server` keeps the order they came in. */
export function sortTags(tags: readonly string[], order: TagOrder): readonly string[] {
  if (order === 'server') return tags;
  if (order === 'name') return [...tags].sort(byName);
  const versions = new Map(tags.map((tag) => [tag, parseVersion(tag)]));
  return [...tags].sort((a, b) => byVersion(versions.get(a), versions.get(b)) || byName(a, b));
}

interface Version {
  readonly numbers: readonly number[];
  readonly suffix: string;
}

/** `1`, `v1.2`, `1.2.3-rc.1`, `22.04-slim`: one to four numbers, then what is left. Undefined for others, such as commit ids. */
function parseVersion(tag: string): Version | undefined {
  const match = /^v?(\d{1,15}(?:\.\d{1,15}){0,3})(?:[-_+.]?([a-zA-Z].*|[-_+.].*))?$/.exec(tag);
  if (match === null || /^v?\d+[a-zA-Z]/.test(tag)) return undefined;
  return { numbers: (match[1] ?? '').split('.').map(Number), suffix: match[2] ?? '' };
}

/** Tags that are no versions (latest, main) first, then the newest version. A shorter version moves with its newest: 1 before 1.9. */
function byVersion(a: Version | undefined, b: Version | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  for (let at = 0; at < 4; at++) {
    const difference = (b.numbers[at] ?? Infinity) - (a.numbers[at] ?? Infinity);
    if (!Number.isNaN(difference) && difference !== 0) return difference;
  }
  return bySuffix(a.suffix, b.suffix);
}

/** No suffix first, then words in their order, numbers in words by their value and the greater first: rc.10 before rc.9. */
function bySuffix(a: string, b: string): number {
  if (a === '' || b === '') return Number(a !== '') - Number(b !== '');
  const [left, right] = [pieces(a), pieces(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = byPiece(left[at] ?? '', right[at] ?? '');
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function byPiece(a: string, b: string): number {
  const numbers = /^\d/.test(a) && /^\d/.test(b);
  return numbers ? Number(b) - Number(a) : byName(a, b);
}

function pieces(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

/** By code units: the same on every machine, whatever its language. */
function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
