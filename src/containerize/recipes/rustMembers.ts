import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { readableEntries } from './folder/onDisk.ts';
import type { ProjectFolder } from './projectFolder.ts';

const maxPatterns = 1000;
/** Characters of a pattern; longer ones are left out. */
const maxLength = 1000;
const maxFolders = 5000;
/** Folders that are gone on from by the next part of a pattern, whether that lists them or not. */
const maxSteps = 50_000;
const maxDepth = 12;

interface Budget {
  folders: number;
  steps: number;
}

/** The folders that a workspace's `members` name, without what `exclude` names: at most 5,000, relative, with `/`. */
export async function rustMembers(
  folder: ProjectFolder,
  members: readonly string[],
  exclude: readonly string[],
  io: Io,
): Promise<readonly string[]> {
  const left = usable(exclude).map((one) => path.posix.normalize(one).replace(/\/$/, ''));
  const found = new Set<string>();
  const budget = { folders: maxFolders, steps: maxSteps };
  for (const pattern of usable(members)) {
    const parts = path.posix.normalize(pattern.replaceAll('\\', '/')).split('/');
    // A member beside the workspace's folder is not in what was chosen.
    if (parts[0] === '..' || parts[0] === '') continue;
    for (const one of await expanded(
      folder,
      parts.filter((part) => part !== '' && part !== '.'),
      budget,
      io,
    )) {
      if (!left.some((out) => one === out || one.startsWith(`${out}/`))) found.add(one);
    }
  }
  return [...found];
}

function usable(patterns: readonly string[]): readonly string[] {
  return patterns.slice(0, maxPatterns).filter(({ length }) => length <= maxLength);
}

async function expanded(
  folder: ProjectFolder,
  parts: readonly string[],
  budget: Budget,
  io: Io,
): Promise<readonly string[]> {
  let level = ['.'];
  for (const part of parts) {
    const next = new Set<string>();
    for (const at of level) {
      if (--budget.steps < 0) return [];
      const inside = part === '**' ? await below(folder, at, budget, io) : await matching(folder, at, part, budget, io);
      for (const one of inside) next.add(one);
    }
    level = [...next];
  }
  return level;
}

async function matching(
  folder: ProjectFolder,
  at: string,
  part: string,
  budget: Budget,
  io: Io,
): Promise<readonly string[]> {
  if (!/[*?]/.test(part)) return [path.posix.join(at, part)];
  const names = await foldersIn(folder, at, budget, io);
  return names.filter((name) => matchesWildcards(name, part)).map((name) => path.posix.join(at, name));
}

/** A folder and all below it. */
async function below(folder: ProjectFolder, at: string, budget: Budget, io: Io): Promise<readonly string[]> {
  const found = [at];
  for (const one of found) {
    if (one.split('/').length > maxDepth) continue;
    for (const name of await foldersIn(folder, one, budget, io)) found.push(path.posix.join(one, name));
  }
  return found;
}

async function foldersIn(folder: ProjectFolder, at: string, budget: Budget, io: Io): Promise<readonly string[]> {
  if (budget.folders <= 0) return [];
  const entries = await readableEntries(folder, at, io);
  const names = entries.flatMap(({ name, kind }) => (kind === 'folder' ? [name] : []));
  const shown = names.filter((name) => !name.startsWith('.') && name !== 'target' && name !== 'node_modules');
  budget.folders -= 1 + shown.length;
  return shown;
}

/** `*` stands for any characters, `?` for one. Takes time in proportion to both lengths at most. */
export function matchesWildcards(name: string, pattern: string): boolean {
  let [at, star, from] = [0, -1, 0];
  let p = 0;
  while (at < name.length) {
    if (pattern[p] === '*') [star, from] = [p++, at];
    else if (pattern[p] === '?' || (p < pattern.length && pattern[p] === name[at])) [p, at] = [p + 1, at + 1];
    else if (star >= 0) [p, at, from] = [star + 1, from + 1, from + 1];
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
