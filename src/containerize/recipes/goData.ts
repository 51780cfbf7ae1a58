import type { Stats } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../archive/fileError.ts';
import type { LayerFile, PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { pathBelow } from '../pathBelow.ts';

/** Where a program finds its static files, as ko places them; the program is told by KO_DATA_PATH. */
export const koDataRoot = '/var/run/ko';

/** ko's, for files and folders alike. */
export const koMode = 0o555;

const maxFiles = 100_000;
const maxDepth = 64;
const maxParents = 64;

export interface GoDataOptions {
  /** The absolute path of the folder `kodata` beside the program's source. */
  readonly folder: string;
  /** An absolute path of a folder that is there, for an image without static files: its folder is there all the same. */
  readonly empty: string;
  /** The folder of the workspace that `filter` speaks of. */
  readonly root: string;
  readonly filter?: PathFilter;
}

interface Walk {
  /** Links may lead to what is below it. */
  readonly repository: string;
  readonly options: GoDataOptions;
  readonly files: LayerFile[];
}

interface Place {
  /** A real path. */
  readonly onDisk: string;
  readonly inImage: string;
  /** The real paths above it, to find circles. */
  readonly above: readonly string[];
}

/**
 * The static files of a Go program. Links are followed where they lead to something in the same git repository, or without
 * one in the folder itself.
 * @throws OciError invalid-reference for links that lead out of it or to themselves; too-large, unsupported-media-type, forbidden
 */
export async function goData(options: GoDataOptions, io: Io): Promise<readonly LayerFile[]> {
  const real = await realFolder(options.folder);
  if (real === undefined) return [onlyFolder(options.empty, koDataRoot)];
  const walk: Walk = { repository: await repositoryOf(real), options, files: [onlyFolder(real, koDataRoot)] };
  const folders: Place[] = [{ onDisk: real, inImage: koDataRoot, above: [] }];
  for (let place = folders.pop(); place !== undefined; place = folders.pop()) {
    io.signal.throwIfAborted();
    for (const name of await namesIn(place.onDisk)) {
      io.signal.throwIfAborted();
      folders.push(...(await take(walk, place, name)));
    }
  }
  return walk.files;
}

/** Undefined where there is none. A link in its place could lead anywhere: it is none. */
async function realFolder(folder: string): Promise<string | undefined> {
  try {
    return (await lstat(folder)).isDirectory() ? await realpath(folder) : undefined;
  } catch {
    return undefined;
  }
}

/** Adds what a name leads to; gives it back where it is a folder still to be listed. */
async function take(walk: Walk, place: Place, name: string): Promise<readonly Place[]> {
  const { files, options } = walk;
  const link = path.join(place.onDisk, name);
  const inImage = `${place.inImage}/${name}`;
  if (files.length >= maxFiles || place.above.length >= maxDepth) {
    throw new OciError(
      'too-large',
      `${escapeText(options.folder)} has more than ${maxFiles} files, or folders too deep.`,
    );
  }
  const { real, stat } = await followed(walk, link);
  const own = pathBelow(options.root, real) ?? pathBelow(walk.repository, real) ?? name;
  const isKept = options.filter?.keeps(own, stat.isDirectory()) !== false;
  if (stat.isDirectory()) {
    const above = [...place.above, place.onDisk];
    if (above.includes(real))
      throw new OciError('invalid-reference', `${escapeText(link)} leads to a folder that it is in.`);
    if (isKept) files.push(onlyFolder(real, inImage));
    return isKept || options.filter.enters(own) ? [{ onDisk: real, inImage, above }] : [];
  }
  if (!stat.isFile()) {
    throw new OciError('unsupported-media-type', `${escapeText(link)} is neither a file nor a folder. Leave it out.`);
  }
  if (isKept) files.push({ from: real, to: inImage, mode: koMode });
  return [];
}

async function followed({ repository }: Walk, link: string): Promise<{ readonly real: string; readonly stat: Stats }> {
  try {
    const real = await realpath(link);
    if (pathBelow(repository, real) !== undefined) return { real, stat: await lstat(real) };
  } catch (cause) {
    throw fileError(cause, 'read', link);
  }
  throw new OciError(
    'invalid-reference',
    `${escapeText(link)} leads out of ${escapeText(repository)}. Put a copy of what it leads to in its place.`,
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw fileError(cause, 'list', folder);
  }
}

/** A folder without what is in it. */
function onlyFolder(from: string, to: string): LayerFile {
  return { from, to, directoryMode: koMode, filter: { keeps: () => false, enters: () => false } };
}

async function repositoryOf(folder: string): Promise<string> {
  let at = folder;
  for (let level = 0; level < maxParents; level += 1) {
    const isRoot = await lstat(path.join(at, '.git')).then(
      () => true,
      () => false,
    );
    if (isRoot) return at;
    if (path.dirname(at) === at) break;
    at = path.dirname(at);
  }
  return folder;
}
