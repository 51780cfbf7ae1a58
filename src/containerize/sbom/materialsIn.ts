import { type Dirent, type Dir } from 'node:fs';
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';

const maxDepth = 24;
const maxEntries = 500_000;

/**
 * The files below a folder that say what is installed in it: of Python each `*.dist-info/METADATA`, of Node the lock file of
 * `node_modules` or each package's own file, JARs, and what .NET publishes. Links are not followed.
 * @param most how many names are looked at
 * @throws OciError too-large where there are more, behind what was found before
 */
export async function* materialsIn(folder: string, io: Io, most = maxEntries): AsyncGenerator<string, void, undefined> {
  const waiting = [{ folder, depth: 0 }];
  let seen = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    io.signal.throwIfAborted();
    const entries = await entriesOf(next.folder, most - seen);
    seen += entries.length;
    if (seen > most) throw new OciError('too-large', `it has more than ${most} names.`);
    if (isDistInfo(next.folder)) {
      yield* entries.flatMap(({ name }) => (name === 'METADATA' ? [path.join(next.folder, name)] : []));
      continue;
    }
    const hidden = path.basename(next.folder) === 'node_modules' ? '.package-lock.json' : undefined;
    if (hidden !== undefined && entries.some(({ name }) => name === hidden)) {
      yield path.join(next.folder, hidden);
      continue;
    }
    for (const entry of entries) {
      const file = path.join(next.folder, entry.name);
      if (entry.isFile() && isMaterial(next.folder, entry.name)) yield file;
      if (entry.isDirectory() && next.depth < maxDepth) waiting.push({ folder: file, depth: next.depth + 1 });
    }
  }
}

/** Tests and samples of packages hold lock files too, so only what installs leave behind counts. */
function isMaterial(folder: string, name: string): boolean {
  if (/\.(?:jar|war|deps\.json)$/.test(name)) return true;
  return name === 'package.json' && isPackageFolder(folder);
}

/** `…/node_modules/name` or `…/node_modules/@scope/name`. */
function isPackageFolder(folder: string): boolean {
  const [above = '', parent = ''] = folder.split(path.sep).slice(-3, -1);
  return parent === 'node_modules' || (parent.startsWith('@') && above === 'node_modules');
}

function isDistInfo(folder: string): boolean {
  return folder.endsWith('.dist-info');
}

/** Sorted by name, no more than one above the limit; empty for what cannot be read. */
async function entriesOf(folder: string, limit: number): Promise<readonly Dirent[]> {
  let opened: Dir;
  try {
    opened = await opendir(folder);
  } catch {
    return [];
  }
  const entries: Dirent[] = [];
  for await (const entry of opened) {
    entries.push(entry);
    if (entries.length > limit) break;
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
