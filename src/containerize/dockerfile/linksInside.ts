import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../archive/fileError.ts';
import { isOciError } from '../../errors.ts';

/** Something below a folder, links on the way to it followed. */
export interface PlaceInside {
  /** Relative, with `/`; empty for the folder itself. No part of it is a link. */
  readonly path: string;
  readonly stat: Stats;
}

const maxLinks = 255;

/**
 * What a relative path leads to when the folder is taken for the root of the file system: links in it cannot lead out.
 * Undefined where there is nothing, or links turn in a circle.
 * @param root a real absolute path
 * @param platform the system that it lies on
 * @throws OciError forbidden
 */
export async function linksInside(
  root: string,
  relative: string,
  platform: NodeJS.Platform = process.platform,
): Promise<PlaceInside | undefined> {
  const left = relative.split('/').toReversed();
  const done: string[] = [];
  let stat = await status(root);
  for (let links = 0; ;) {
    const name = left.pop();
    if (name === undefined) return stat === undefined ? undefined : { path: done.join('/'), stat };
    if (name === '' || name === '.') continue;
    if (name === '..') {
      done.pop();
      stat = await status(path.join(root, ...done));
      continue;
    }
    // Such a name would lead Windows elsewhere: out of the folder, or to a stream of a file.
    if (stat?.isDirectory() !== true || (platform === 'win32' && /[\\:]/.test(name))) return undefined;
    const next = path.join(root, ...done, name);
    stat = await status(next);
    if (stat?.isSymbolicLink() !== true) {
      done.push(name);
      continue;
    }
    if (++links > maxLinks) return undefined;
    const target = await targetOf(next, root);
    if (target === undefined) return undefined;
    if (target.startsWith('/')) done.length = 0;
    left.push(...target.split('/').toReversed());
    stat = await status(path.join(root, ...done));
  }
}

async function status(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (cause) {
    const error = fileError(cause, 'read', file);
    if (isOciError(error, 'not-found', 'content-mismatch')) return undefined;
    throw error;
  }
}

/** With `/`; absolute ones count from the root. */
async function targetOf(link: string, root: string): Promise<string | undefined> {
  const target = await readlink(link);
  if (path.sep === '/') return target;
  if (!path.isAbsolute(target)) return target.replaceAll('\\', '/');
  const inside = path.relative(root, target);
  if (path.isAbsolute(inside) || inside.startsWith('..')) return undefined;
  return `/${inside.replaceAll('\\', '/')}`;
}
