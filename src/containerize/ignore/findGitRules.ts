import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { GitRules } from './gitignore.ts';
import { readIgnoreFile } from './readIgnoreFile.ts';

const maxFolders = 500_000;
const maxAbove = 64;

/**
 * Reads the `.gitignore` files of a folder and, where it is part of a git repository, of the folders above it up to the
 * repository's own. Folders that they or `other` leave out are not looked into, nor are links followed.
 * @throws SpecError; OciError too-large above 500,000 folders
 */
export async function findGitRules(root: string, other: PathFilter, io: Io): Promise<GitRules> {
  const above = await foldersAbove(root);
  const below = above.map((folder) => path.basename(folder)).join('/');
  const rules = new GitRules(below);
  for (const [at, folder] of above.entries()) {
    await add(rules, path.dirname(folder), below.split('/').slice(0, at).join('/'), io);
  }
  const folders = [''];
  let count = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    io.signal.throwIfAborted();
    if (++count > maxFolders)
      throw new OciError('too-large', `${escapeText(root)} has more than ${maxFolders} folders.`);
    await add(rules, path.join(root, folder), joined(below, folder), io);
    for (const name of await foldersIn(path.join(root, folder))) {
      const relative = joined(folder, name);
      const isChosen = rules.keeps(relative, true) && (other.keeps(relative, true) || other.enters(relative));
      if (isChosen && name !== '.git') folders.push(relative);
    }
  }
  return rules;
}

/** The folders from below the repository's down to `root`; empty where that is the repository's, or in none. */
async function foldersAbove(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let folder = root; found.length < maxAbove; folder = path.dirname(folder)) {
    const isRepository = await lstat(path.join(folder, '.git')).then(
      () => true,
      () => false,
    );
    if (isRepository) return found;
    if (folder === path.dirname(folder)) break;
    found.unshift(folder);
  }
  return [];
}

async function add(rules: GitRules, onDisk: string, folder: string, io: Io): Promise<void> {
  // git does not follow a link in the place of a .gitignore either.
  const found = await lstat(path.join(onDisk, '.gitignore')).catch(() => undefined);
  if (found?.isFile() !== true) return;
  const text = await readIgnoreFile(onDisk, '.gitignore', io);
  if (text !== undefined) rules.add({ folder, text });
}

/** What cannot be listed is said when it is packed. */
async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function joined(folder: string, name: string): string {
  return folder === '' || name === '' ? folder + name : `${folder}/${name}`;
}
