import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../../archive/fileError.ts';
import type { Io } from '../../../content/store.ts';
import { isOciError } from '../../../errors.ts';

const maxDepth = 64;

/**
 * The first `limit` regular files below a folder, relative with `/`; empty where there is no such folder. Links are not followed.
 * @param folder an absolute path
 * @throws OciError forbidden
 */
export async function listFiles(folder: string, limit: number, io: Io): Promise<readonly string[]> {
  const files: string[] = [];
  const folders = [{ inside: '', depth: 0 }];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    io.signal.throwIfAborted();
    for (const entry of await entriesOf(path.join(folder, next.inside))) {
      const inside = next.inside === '' ? entry.name : `${next.inside}/${entry.name}`;
      if (entry.isDirectory() && next.depth < maxDepth) folders.push({ inside, depth: next.depth + 1 });
      else if (entry.isFile() && files.push(inside) >= limit) return files;
    }
  }
  return files;
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    const error = fileError(cause, 'list', folder);
    if (isOciError(error, 'not-found')) return [];
    throw error;
  }
}
