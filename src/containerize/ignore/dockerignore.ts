import type { PathFilter } from '../../archive/pack.ts';
import { cleanPath, trimSpace } from './cleanPath.ts';
import { dockerPattern } from './dockerPattern.ts';
import { type Glob, globMatches, globMayStartWith } from './glob.ts';
import { checkIgnoreSize, IgnoreBudget, ruleError, type RulePlace } from './ignoreLimits.ts';
import { Recent } from './recent.ts';
import { PatternError } from './regexpReader.ts';

/** The rules of a `.dockerignore`, in their order. */
export interface DockerignoreRules {
  readonly rules: readonly DockerignoreRule[];
}

interface DockerignoreRule {
  /** True for a rule that starts with `!`. */
  readonly isException: boolean;
  readonly glob: Glob;
}

/**
 * Reads a `.dockerignore` as BuildKit does on Linux, whatever this system is: `\` escapes and is no separator.
 * @param file its name, for errors
 * @throws SpecError naming the line of a rule that BuildKit refuses too, and of the 10,001st; OciError too-large above 1 MiB
 */
export function parseDockerignore(text: string, file = '.dockerignore'): DockerignoreRules {
  checkIgnoreSize(text, file);
  const budget = new IgnoreBudget();
  const rules: DockerignoreRule[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [at, line] of lines.entries()) {
    const pattern = line.startsWith('#') ? '' : cleaned(line);
    if (pattern === '') continue;
    const place = { file, line: at + 1 };
    budget.take(pattern, place);
    rules.push(rule(pattern, place));
  }
  return { rules };
}

function cleaned(line: string): string {
  const pattern = trimSpace(line);
  if (!pattern.startsWith('!')) return pattern === '' ? '' : withoutSlash(pattern);
  const rest = trimSpace(pattern.slice(1));
  return `!${rest === '' ? '' : withoutSlash(rest)}`;
}

function withoutSlash(pattern: string): string {
  const clean = cleanPath(pattern);
  return clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean;
}

function rule(text: string, place: RulePlace): DockerignoreRule {
  // BuildKit cleans a second time, with the `!` in front, which matters for `!..` alone.
  const clean = cleanPath(trimSpace(text));
  const isException = clean.startsWith('!');
  const pattern = isException ? clean.slice(1) : clean;
  if (pattern === '') throw ruleError(place, 'nothing follows the !');
  try {
    return { isException, glob: dockerPattern(pattern) };
  } catch (error) {
    if (error instanceof PatternError) {
      const hint = pattern.includes('\\') ? '. Folders are divided by /, not \\' : '';
      throw ruleError(place, error.message + hint);
    }
    throw error;
  }
}

/** What the rules leave of a folder: a folder that they exclude is entered only where an exception may match below it. */
export function dockerignoreFilter({ rules }: DockerignoreRules): PathFilter {
  const matches = new FolderMatches(rules);
  return {
    keeps: (path, isFolder) => !matches.of(path, isFolder).isExcluded,
    enters: (path) => {
      const { matched } = matches.of(path, true);
      // What lies below a folder inherits its matches, so only exceptions after the last of them can bring it back.
      const last = rules.findLastIndex((one, at) => !one.isException && matched[at] === 1);
      return rules.some((one, at) => at > last && one.isException && globMayStartWith(one.glob, `${path}/`));
    },
  };
}

interface Match {
  /** Which rules match the path or a folder above it: 1 for each that does. */
  readonly matched: Uint8Array;
  readonly isExcluded: boolean;
}

/** Which rules match a path. Those of the folders above count too, so they are remembered. */
class FolderMatches {
  readonly #rules: readonly DockerignoreRule[];
  readonly #folders = new Recent<Match>();

  constructor(rules: readonly DockerignoreRule[]) {
    this.#rules = rules;
  }

  of(path: string, isFolder: boolean): Match {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const end = path.lastIndexOf('/');
    const match = this.#match(path, end < 0 ? undefined : this.of(path.slice(0, end), true).matched);
    if (isFolder) this.#folders.set(path, match);
    return match;
  }

  #match(path: string, above: Uint8Array | undefined): Match {
    const matched = new Uint8Array(this.#rules.length);
    let isExcluded = false;
    for (const [at, { isException, glob }] of this.#rules.entries()) {
      // A rule that would change nothing is not even looked at, and so is not inherited either.
      const isMatch = above?.[at] === 1 || (isException === isExcluded && globMatches(glob, path));
      if (!isMatch) continue;
      matched[at] = 1;
      isExcluded = !isException;
    }
    return { matched, isExcluded };
  }
}
