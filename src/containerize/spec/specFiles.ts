import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../archive/fileError.ts';
import type { FileOnDisk, PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { dockerignoreFilter, parseDockerignore } from '../ignore/dockerignore.ts';
import { filterBelow } from '../ignore/filterBelow.ts';
import { pathBelow } from '../pathBelow.ts';
import type { SpecContext } from './specContext.ts';
import type { SpecFile } from './specLayers.ts';

/** A file or folder of a spec that was found on disk. */
export interface PlacedFile {
  readonly layerFile: FileOnDisk;
  readonly isFolder: boolean;
}

/** Looks for what a spec names. A sentence where it cannot go into the image: it is not there, outside, or ignored. */
export async function placeFile(
  file: SpecFile,
  { folder, root = folder, filter }: FilePlaces,
  io: Io,
): Promise<PlacedFile | string> {
  io.signal.throwIfAborted();
  const from = path.resolve(folder, file.from);
  const found = await lookAt(from, root, file.from);
  if (typeof found === 'string') return found;
  const { isFolder } = found;
  // Rules hold for what a link leads to as for the link: another name makes no secret harmless.
  const places = [...new Set([pathBelow(root, from) ?? '', found.place])];
  if (filter !== undefined && places.some((place) => isLeftOut(filter, place, isFolder))) {
    return `${escapeText(file.from)} is left out by ignore rules, or as a secret. Change them, or ignore: in this file`;
  }
  const filters = isFolder ? filtersOf(file, places, filter) : [];
  const { to, mode, uid, gid } = file;
  return {
    isFolder,
    layerFile: {
      from,
      to,
      ...(mode === undefined ? {} : { mode }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      ...(filters.length === 0 ? {} : { filter: allOf(filters) }),
    },
  };
}

type FilePlaces = Pick<SpecContext, 'folder' | 'root' | 'filter'>;

interface Found {
  readonly isFolder: boolean;
  /** Its real path, below the real path of the root. */
  readonly place: string;
}

/** What is outside the folder, be it by `..` or by a link, is not for a file of the folder to name. */
async function lookAt(from: string, root: string, written: string): Promise<Found | string> {
  const name = escapeText(written);
  const outside = `${name} leads out of the folder. Only what is in it can go into the image: copy it there`;
  if (pathBelow(root, from) === undefined) return outside;
  try {
    const [real, realRoot] = await Promise.all([realpath(from), realpath(root)]);
    const place = pathBelow(realRoot, real);
    return place === undefined ? outside : { isFolder: (await stat(real)).isDirectory(), place };
  } catch (cause) {
    const error = fileError(cause, 'read', from);
    if (isOciError(error, 'not-found')) return `${name} is not there. Build it first, or correct its path`;
    if (isOciError(error)) return error.message;
    throw error;
  }
}

function isLeftOut(filter: PathFilter, below: string, isFolder: boolean): boolean {
  if (below === '') return false;
  return !filter.keeps(below, isFolder) && !(isFolder && filter.enters(below));
}

function filtersOf(
  { include, exclude }: SpecFile,
  places: readonly string[],
  filter: PathFilter | undefined,
): readonly PathFilter[] {
  return [
    ...(filter === undefined ? [] : places.map((place) => filterBelow(filter, place))),
    ...(include === undefined ? [] : [only(dockerignoreFilter(parseDockerignore(include.join('\n'))))]),
    ...(exclude === undefined ? [] : [dockerignoreFilter(parseDockerignore(exclude.join('\n')))]),
  ];
}

/** What rules leave out is all that goes in. */
function only(rules: PathFilter): PathFilter {
  return { keeps: (below, isFolder) => !rules.keeps(below, isFolder), enters: () => true };
}

function allOf(filters: readonly PathFilter[]): PathFilter {
  return {
    keeps: (below, isFolder) => filters.every((filter) => filter.keeps(below, isFolder)),
    enters: (below) => filters.every((filter) => filter.keeps(below, true) || filter.enters(below)),
  };
}
