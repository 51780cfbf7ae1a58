import type { PathFilter } from '../../archive/pack.ts';
import { globMatches, type GlobStep } from './glob.ts';
import { gitSteps } from './gitPattern.ts';
import { checkIgnoreSize, IgnoreBudget, maxIgnorePatterns, ruleError } from './ignoreLimits.ts';
import { Recent } from './recent.ts';

/** A `.gitignore` and the folder it lies in: relative, with `/`; empty for the top. */
export interface GitignoreFile {
  readonly folder: string;
  readonly text: string;
}

interface GitRule {
  readonly isException: boolean;
  readonly isForFolders: boolean;
  /** Of the name alone, or of the path below the folder of the file. */
  readonly within: 'path' | 'name';
  readonly steps: readonly GlobStep[];
}

/**
 * What `.gitignore` files leave of a folder, as git has it with `core.ignoreCase` off, whatever the system: what is tracked
 * makes no difference, nor do the user's own excludes. Nothing below an ignored folder can be brought back. Files can be added
 * while the folders are being looked through.
 */
export class GitRules implements PathFilter {
  readonly #below: string;
  readonly #byFolder = new Map<string, readonly GitRule[]>();
  readonly #ignored = new Recent<boolean>();
  #count = 0;

  /** @param below the folder that is looked through, seen from the top. It and those above it are never ignored. */
  constructor(below = '') {
    this.#below = below === '' ? '' : `${below}/`;
  }

  /**
   * To be called before anything in the folder of the file is asked for.
   * @throws SpecError naming the line of a rule that is too long or one too many; OciError too-large above 1 MiB a file
   */
  add({ folder, text }: GitignoreFile): void {
    const file = folder === '' ? '.gitignore' : `${folder}/.gitignore`;
    const rules = parse(text, file);
    this.#count += rules.length;
    if (this.#count > 10 * maxIgnorePatterns) {
      throw ruleError(
        { file, line: 1 },
        `all .gitignore files together have more than ${10 * maxIgnorePatterns} rules`,
      );
    }
    if (rules.length > 0) this.#byFolder.set(folder, rules);
  }

  keeps(path: string, isFolder: boolean): boolean {
    return !this.#isIgnored(path, isFolder);
  }

  enters(): boolean {
    return false;
  }

  #isIgnored(path: string, isFolder: boolean): boolean {
    const known = this.#ignored.get(path);
    if (known !== undefined) return known;
    const end = path.lastIndexOf('/');
    const isIgnored = (end >= 0 && this.#isIgnored(path.slice(0, end), true)) || this.#isNamed(path, isFolder);
    if (isFolder) this.#ignored.set(path, isIgnored);
    return isIgnored;
  }

  /** What the last rule that fits says, in the nearest file that has one. */
  #isNamed(path: string, isFolder: boolean): boolean {
    const full = bytes(this.#below + path);
    const name = full.slice(full.lastIndexOf('/') + 1);
    for (
      let folder: string | undefined = parentOf(this.#below + path);
      folder !== undefined;
      folder = parentOf(folder)
    ) {
      const rules = this.#byFolder.get(folder);
      if (rules === undefined) continue;
      const below = folder === '' ? full : full.slice(bytes(folder).length + 1);
      const last = rules.findLast(
        (rule) => (isFolder || !rule.isForFolders) && globMatches([rule.steps], rule.within === 'name' ? name : below),
      );
      if (last !== undefined) return !last.isException;
    }
    return false;
  }
}

function parentOf(path: string): string | undefined {
  if (path === '') return undefined;
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function parse(text: string, file: string): readonly GitRule[] {
  checkIgnoreSize(text, file);
  const budget = new IgnoreBudget();
  const rules: GitRule[] = [];
  // git ends the last line too.
  const lines = `${text.replace(/^\uFEFF/, '')}\n`.split(/\r?\n/);
  for (const [at, line] of lines.entries()) {
    const pattern = line.startsWith('#') ? '' : withoutSpaces(line);
    if (pattern === '') continue;
    budget.take(pattern, { file, line: at + 1 });
    rules.push(rule(bytes(pattern)));
  }
  return rules;
}

function rule(line: string): GitRule {
  const isException = line.startsWith('!');
  const rest = isException ? line.slice(1) : line;
  const isForFolders = rest.endsWith('/');
  const pattern = isForFolders ? rest.slice(0, -1) : rest;
  const within = pattern.includes('/') ? 'path' : 'name';
  return { isException, isForFolders, within, steps: gitSteps(pattern.replace(/^\//, ''), within) };
}

/** Without the spaces at the end that no `\` protects. */
function withoutSpaces(line: string): string {
  let end = 0;
  for (let at = 0; at < line.length; at++) {
    if (line.charAt(at) === '\\') end = Math.min(++at + 1, line.length);
    else if (line.charAt(at) !== ' ') end = at + 1;
  }
  return line.slice(0, end);
}

/** git compares bytes: each as one character. */
function bytes(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
}
