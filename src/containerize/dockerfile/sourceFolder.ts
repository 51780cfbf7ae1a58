import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../archive/fileError.ts';
import type { PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { quoted, wrong } from './complaints.ts';
import { goMatch, hasWildcards } from './goMatch.ts';
import { linksInside, type PlaceInside } from './linksInside.ts';

/** A folder of this machine that COPY takes from: the context, or what stands for another stage. */
export interface SourceFolder {
  /** The real absolute path. */
  readonly root: string;
  /** What it is, for messages: `the context`. */
  readonly name: string;
  readonly filter?: PathFilter;
}

/** What one source of COPY or ADD names. */
export interface FoundSource {
  /** The last name of the path that led to it. */
  readonly name: string;
  /** Below the folder, with `/`, links followed; empty for the folder itself. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

const maxMatches = 100_000;

/** @throws OciError invalid-reference for what is no absolute path of a folder, not-found, forbidden */
export async function openSourceFolder(folder: string, name: string, filter?: PathFilter): Promise<SourceFolder> {
  try {
    if (path.isAbsolute(folder) && !folder.includes('\0') && (await stat(folder)).isDirectory()) {
      return { root: await realpath(folder), name, ...(filter === undefined ? {} : { filter }) };
    }
  } catch (cause) {
    throw fileError(cause, 'read', folder);
  }
  throw new OciError('invalid-reference', `${escapeText(folder)} is not the absolute path of a folder (${name}).`);
}

/**
 * What a source names, patterns resolved, sorted by name. A pattern may match nothing; what is left out of the folder is not
 * there.
 * @throws OciError invalid-spec where there is nothing, or the path leads out of the folder
 */
export async function findSources(source: string, folder: SourceFolder, io: Io): Promise<readonly FoundSource[]> {
  const names = namesInside(source, folder);
  if (hasWildcards(names.join('/'))) return matching(names, folder, io);
  const found = await existing(names, folder);
  if (found !== undefined) return [found];
  const isThere = (await linksInside(folder.root, names.join('/'))) !== undefined;
  const reason = isThere ? `ignore rules leave it out of ${folder.name}` : `${folder.name} has none`;
  throw wrong(`there is no ${quoted(source)}: ${reason} (${escapeText(folder.root)}).`);
}

/** The names of a path without `.` and `..`. @throws OciError invalid-spec where it leads out of the folder or holds a NUL */
export function namesInside(source: string, { name }: SourceFolder): readonly string[] {
  if (source.includes('\0')) throw wrong(`${quoted(source)} holds a NUL.`);
  const names: string[] = [];
  for (const one of source.split('/')) {
    if (one === '' || one === '.') continue;
    if (one !== '..') names.push(one);
    else if (names.pop() === undefined) throw wrong(`${quoted(source)} leads out of ${name}.`);
  }
  return names;
}

async function existing(names: readonly string[], folder: SourceFolder): Promise<FoundSource | undefined> {
  const place = await linksInside(folder.root, names.join('/'));
  if (place === undefined || !isKept(place, folder)) return undefined;
  return { name: names.at(-1) ?? '', path: place.path, kind: place.stat.isDirectory() ? 'folder' : 'file' };
}

function isKept({ path: relative, stat: found }: PlaceInside, { filter }: SourceFolder): boolean {
  if (filter === undefined || relative === '') return true;
  const isFolder = found.isDirectory();
  return filter.keeps(relative, isFolder) || (isFolder && filter.enters(relative));
}

/** Links are followed before the first pattern and behind the last, not between them. */
async function matching(names: readonly string[], folder: SourceFolder, io: Io): Promise<readonly FoundSource[]> {
  const first = names.findIndex(hasWildcards);
  const start = await linksInside(folder.root, names.slice(0, first).join('/'));
  let places: readonly string[] = start?.stat.isDirectory() === true ? [start.path] : [];
  for (const [at, name] of names.slice(first).entries()) {
    const isLast = first + at === names.length - 1;
    places = await nextPlaces(places, name, isLast, folder, io);
  }
  const found = await Promise.all(places.map((place) => existing(place.split('/'), folder)));
  return found.filter((one) => one !== undefined);
}

async function nextPlaces(
  places: readonly string[],
  pattern: string,
  isLast: boolean,
  { root }: SourceFolder,
  io: Io,
): Promise<readonly string[]> {
  const matches = goMatch(pattern);
  const next: string[] = [];
  for (const place of places) {
    io.signal.throwIfAborted();
    const entries = await listed(path.join(root, place));
    for (const entry of entries) {
      if ((isLast || entry.isFolder) && matches(entry.name))
        next.push(place === '' ? entry.name : `${place}/${entry.name}`);
    }
    if (next.length > maxMatches)
      throw wrong(`${quoted(pattern)} matches more than ${maxMatches} files. Name a folder.`);
  }
  return next;
}

async function listed(folder: string): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const named = entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    return named.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw fileError(cause, 'list', folder);
  }
}
