import { anyChar, type GlobStep, noSlash } from './glob.ts';
import { readGitClass } from './gitClass.ts';

const never: GlobStep = { kind: 'one', of: () => false };

/**
 * The steps of a pattern of gitignore(5), without a `/` at either end, as git's wildmatch.c follows them: over bytes, each given
 * as one character.
 * @param within whether it is compared with a path or only with a name
 */
export function gitSteps(pattern: string, within: 'path' | 'name'): readonly GlobStep[] {
  const steps: GlobStep[] = [];
  // git compares what comes before the first wildcard apart, so ** there needs no slash before it.
  const literal = pattern.search(/[*?[\\]/);
  for (let at = 0; at < pattern.length;) {
    const char = pattern.charAt(at);
    if (char === '*') {
      const { step, next } = readStars(pattern, at, at === literal, within);
      steps.push(step);
      at = next;
    } else if (char === '[') {
      const { of, next } = readGitClass(pattern, at);
      if (of === undefined) return [never];
      steps.push({ kind: 'one', of: within === 'path' ? (byte) => noSlash(byte) && of(byte) : of });
      at = next;
    } else if (char === '?') {
      steps.push({ kind: 'one', of: within === 'path' ? noSlash : anyChar });
      at++;
    } else {
      const isEscape = char === '\\';
      if (isEscape && at + 1 === pattern.length) return [never];
      add(steps, pattern.charAt(isEscape ? at + 1 : at));
      at += isEscape ? 2 : 1;
    }
  }
  return steps;
}

function readStars(
  pattern: string,
  start: number,
  isFirstWildcard: boolean,
  within: 'path' | 'name',
): { step: GlobStep; next: number } {
  let next = start;
  while (pattern.charAt(next) === '*') next++;
  if (within === 'name') return { step: { kind: 'many', of: anyChar }, next };
  const following = pattern.charAt(next);
  const isWhole =
    next - start > 1 &&
    (start === 0 || isFirstWildcard || pattern.charAt(start - 1) === '/') &&
    (following === '' || following === '/' || pattern.startsWith('\\/', next));
  if (!isWhole) return { step: { kind: 'many', of: noSlash }, next };
  if (following === '/') return { step: { kind: 'folders', of: anyChar }, next: next + 1 };
  return { step: { kind: 'many', of: anyChar }, next };
}

function add(steps: GlobStep[], char: string): void {
  const last = steps.at(-1);
  if (last?.kind === 'text') steps[steps.length - 1] = { kind: 'text', text: last.text + char };
  else steps.push({ kind: 'text', text: char });
}
