import type { FileNode } from '../archive/fileNode.ts';

/** A path, made ready to be compared with many queries. */
export interface Candidate {
  readonly path: string;
  readonly lower: string;
  /** Where its last name begins. */
  readonly nameAt: number;
  /** One bit for each letter that is in it, so that most paths are ruled out without a look at their text. */
  readonly letters: number;
}

/** A word that must be in the path. */
export interface WantedWord {
  readonly word: string;
  readonly lower: string;
  readonly letters: number;
}

/** Steps between kinds of matches; what tells matches of one kind apart stays below. */
const step = 10_000;

export function candidateOf({ path, name }: FileNode): Candidate {
  const lower = path.toLowerCase();
  // A few letters have lower forms of another length: positions would not fit.
  const same = lower.length === path.length ? lower : path;
  return { path, lower: same, nameAt: path.length - name.length, letters: lettersOf(same) };
}

/** Bits for the letters of a lower-case text. */
export function lettersOf(text: string): number {
  let letters = 0;
  for (let at = 0; at < text.length; at++) letters |= 1 << (text.charCodeAt(at) & 31);
  return letters;
}

/** How well all words fit; undefined where one does not. */
export function scoreOf(candidate: Candidate, words: readonly WantedWord[]): number | undefined {
  let sum = 0;
  for (const word of words) {
    if ((word.letters & ~candidate.letters) !== 0) return undefined;
    const score = wordScore(candidate, word);
    if (score === undefined) return undefined;
    sum += score;
  }
  return sum - candidate.path.length;
}

function wordScore(candidate: Candidate, wanted: WantedWord): number | undefined {
  const { lower, nameAt } = candidate;
  const inName = pieceAt(candidate, wanted.lower, nameAt);
  if (inName !== -1) {
    const isWhole = inName === nameAt && lower.length - nameAt === wanted.lower.length;
    const kind = isWhole ? 7 : inName === nameAt ? 6 : isStart(candidate.path, inName) ? 5 : 4;
    return kind * step + caseBonus(candidate, wanted, inName);
  }
  const scattered = scatteredScore(candidate, wanted.lower, nameAt);
  if (scattered !== undefined) return 3 * step + scattered;
  const inPath = pieceAt(candidate, wanted.lower, 0);
  if (inPath !== -1)
    return 2 * step + (isStart(candidate.path, inPath) ? 100 : 0) + caseBonus(candidate, wanted, inPath);
  const anywhere = scatteredScore(candidate, wanted.lower, 0);
  return anywhere === undefined ? undefined : step + anywhere;
}

/** Where a piece stands in one: at the start of a word where it is at one, else the first; -1 where it is not. */
function pieceAt({ path, lower }: Candidate, piece: string, from: number): number {
  const first = lower.indexOf(piece, from);
  for (let at = first; at !== -1; at = lower.indexOf(piece, at + 1)) if (isStart(path, at)) return at;
  return first;
}

/**
 * For letters that stand in the text in order but apart: more for those that follow each other or start words, less for
 * gaps. The letters are found from the left, then from their end back, which gives the shortest piece up to there.
 */
function scatteredScore({ path, lower }: Candidate, letters: string, from: number): number | undefined {
  let end = from - 1;
  for (let at = 0; at < letters.length; at++) {
    end = lower.indexOf(letters.charAt(at), end + 1);
    if (end === -1) return undefined;
  }
  let [score, at, last] = [0, end, end + 1];
  for (let next = letters.length - 1; next >= 0; next--, at--) {
    at = lower.lastIndexOf(letters.charAt(next), at);
    if (at === last - 1) score += 10;
    else score -= Math.min(20, last - at);
    if (isStart(path, at)) score += 30;
    last = at;
  }
  return score;
}

function caseBonus({ path }: Candidate, { word }: WantedWord, at: number): number {
  return path.startsWith(word, at) ? 50 : 0;
}

/** True where a word starts: after what is no letter or digit, and at a capital after a small letter. */
function isStart(text: string, at: number): boolean {
  if (at === 0) return true;
  const before = text.charCodeAt(at - 1);
  if (!isWordLetter(before)) return true;
  const code = text.charCodeAt(at);
  return code >= 65 && code <= 90 && before >= 97 && before <= 122;
}

function isWordLetter(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code > 127;
}
