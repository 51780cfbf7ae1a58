import type { BigIntStats } from 'node:fs';
import { lstat, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../content/store.ts';
import { fileError } from './fileError.ts';
import { fileMode } from './fileMode.ts';
import { inOrder } from './inOrder.ts';
import type { FileOnDisk, GeneratedFile, LayerFile } from './layerFile.ts';
import { isWhiteout, layerPath, maxPathBytes } from './layerPath.ts';
import { gibibytes, maxLayerBytes } from './layerSize.ts';
import { linkText } from './linkText.ts';
import { type OpenFolder, openFolder } from './openFolder.ts';
import { Problems } from './problems.ts';
import { sourceFile } from './sourceFile.ts';
import type { TreeEntry } from './treeEntry.ts';

export interface Walked {
  readonly entries: readonly TreeEntry[];
  /** Paths in the image of symbolic links that point out of the folder they were found in. */
  readonly leaving: readonly string[];
}

export interface WalkOptions {
  /** The system that the files lie on. Default: this one. */
  readonly platform?: NodeJS.Platform;
}

/** Most entries one layer may have. */
const maxEntries = 2_000_000;
const maxDepth = 255;
const parallelStats = 32;

interface Root {
  readonly file: FileOnDisk;
  /** The real path of `from`, fixed once. */
  readonly real: string;
  readonly platform: NodeJS.Platform;
  readonly problems: Problems;
  readonly entries: TreeEntry[];
  readonly leaving: string[];
}

interface Place {
  readonly onDisk: string;
  /** By what it is looked at: `onDisk`, or the folder it is in as it is open. */
  readonly through: string;
  readonly inImage: string;
  /** Below the root, with `/`; empty for the root itself. */
  readonly relative: string;
  readonly depth: number;
}

/**
 * Lists what `files` name, without reading any content and without following a link inside a folder.
 * @throws OciError naming up to 10 of the files that cannot be in a layer: unsupported-media-type (FIFO, socket, device),
 * invalid-reference (name or place in the image), not-found, forbidden; too-large above 2,000,000 entries
 */
export async function walk(files: readonly LayerFile[], options: WalkOptions, io: Io): Promise<Walked> {
  const { platform = process.platform } = options;
  const found: Omit<Root, 'file' | 'real'> = { platform, problems: new Problems(), entries: [], leaving: [] };
  for (const file of files) {
    if ('content' in file) found.entries.push(generated(file));
    else {
      const { inImage, real, stat } = await start(file);
      await visit({ file, real, ...found }, { onDisk: real, through: real, inImage, relative: '', depth: 0 }, stat, io);
    }
  }
  found.problems.throwIfAny();
  return found;
}

function generated({ to, mode = 0o644, uid = 0, gid = 0, content }: GeneratedFile): TreeEntry {
  return { path: layerPath(to), kind: 'file', mode, uid, gid, source: content };
}

async function start(file: FileOnDisk): Promise<{ inImage: string; real: string; stat: BigIntStats }> {
  const inImage = layerPath(file.to);
  try {
    const real = await realpath(file.from);
    const stat = await lstat(real, { bigint: true });
    const own = file.to.endsWith('/') && !stat.isDirectory();
    return { inImage: own ? layerPath(`${file.to}${path.basename(file.from)}`) : inImage, real, stat };
  } catch (cause) {
    throw fileError(cause, 'read', file.from);
  }
}

async function visit(root: Root, first: Place, firstStat: BigIntStats, io: Io): Promise<void> {
  const folders = await take(root, first, firstStat);
  for (let place = folders.pop(); place !== undefined; place = folders.pop()) {
    io.signal.throwIfAborted();
    await list(root, place, folders, io);
  }
}

/** Takes what is in a folder; adds the folders in it to those still to be listed. */
async function list(root: Root, place: Place, folders: Place[], io: Io): Promise<void> {
  if (place.depth >= maxDepth) {
    root.problems.add('too-large', place.onDisk, `folders may be ${maxDepth} deep`);
    return;
  }
  let folder: OpenFolder | undefined;
  try {
    folder = await openFolder(place.onDisk);
    const children = placesIn(root, place, folder);
    for await (const { child, stat } of inOrder(children, parallelStats, (one) => status(root, one))) {
      io.signal.throwIfAborted();
      if (stat !== undefined) folders.push(...(await take(root, child, stat)));
    }
    await folder.finish();
  } catch (cause) {
    root.problems.addFailure(cause, place.onDisk);
  } finally {
    await folder?.close();
  }
}

async function status(root: Root, child: Place): Promise<{ child: Place; stat: BigIntStats | undefined }> {
  try {
    return { child, stat: await lstat(child.through, { bigint: true }) };
  } catch (cause) {
    root.problems.addFailure(cause, child.onDisk);
    return { child, stat: undefined };
  }
}

/** Adds what lies at a place; gives the place back where it is a folder still to be listed. */
async function take(root: Root, place: Place, stat: BigIntStats): Promise<Place[]> {
  const { problems, entries, file } = root;
  const { onDisk, inImage, relative } = place;
  const isFolder = stat.isDirectory();
  if (relative !== '' && file.filter !== undefined && !file.filter.keeps(relative, isFolder)) {
    return isFolder && file.filter.enters(relative) ? [place] : [];
  }
  if (!isPlaceable(root, place)) return [];
  const owner = { path: inImage, uid: file.uid ?? 0, gid: file.gid ?? 0 };
  if (isFolder) {
    if (inImage !== '') entries.push({ ...owner, kind: 'directory', mode: file.directoryMode ?? 0o755 });
    return [place];
  }
  if (inImage === '') problems.add('invalid-reference', onDisk, 'a file cannot replace the root of an image');
  else if (stat.isSymbolicLink()) {
    const found = await linkTarget(root, place);
    if (found === undefined) return [];
    const { target, leaves } = linkText({ root: root.real, link: onDisk, target: found }, root.platform);
    entries.push({ ...owner, kind: 'symlink', mode: 0o777, target });
    if (leaves) root.leaving.push(`/${inImage}`);
  } else if (stat.isFile()) {
    const mode = await modeOf(root, place, stat);
    if (mode !== undefined) entries.push({ ...owner, kind: 'file', mode, source: sourceFile(onDisk, stat) });
  } else problems.add('unsupported-media-type', onDisk, `it is a ${kindOf(stat)}`);
  return [];
}

/** False, and a problem, where the name of something that is kept cannot be in a layer. */
function isPlaceable({ problems, entries }: Root, { onDisk, inImage }: Place): boolean {
  if (entries.length >= maxEntries) problems.add('too-large', onDisk, `a layer may have ${maxEntries} entries`);
  // The folders above it too: those that are left out come back with it.
  else if (isWhiteout(inImage) || inImage.includes('/.wh.'))
    problems.add('invalid-reference', onDisk, 'names with .wh. mean a deletion in a layer');
  else if (Buffer.byteLength(inImage) > maxPathBytes) problems.add('invalid-reference', onDisk, 'its path is too long');
  else return true;
  return false;
}

/** Undefined, and a problem, where the file cannot be packed. */
async function modeOf(
  { problems, file, platform }: Root,
  place: Place,
  stat: BigIntStats,
): Promise<number | undefined> {
  const { onDisk, through } = place;
  if (stat.size > maxLayerBytes) {
    const most = `a layer may have ${gibibytes(maxLayerBytes)}. Leave it out, such as by a line in .dockerignore`;
    problems.add('too-large', onDisk, `it has ${gibibytes(Number(stat.size))}, ${most}`);
    return undefined;
  }
  try {
    return file.mode ?? (await fileMode(through, stat, platform));
  } catch (cause) {
    problems.addFailure(cause, onDisk);
    return undefined;
  }
}

function placesIn(root: Root, place: Place, folder: OpenFolder): readonly Place[] {
  return folder.names.flatMap((name) => childOf(root, place, folder, name));
}

function childOf({ problems }: Root, place: Place, folder: OpenFolder, bytes: Buffer): readonly Place[] {
  const name = bytes.toString('utf8');
  const onDisk = path.join(place.onDisk, name);
  if (!Buffer.from(name).equals(bytes)) {
    problems.add('invalid-reference', onDisk, 'its name is not UTF-8');
    return [];
  }
  const [inImage, relative] = [below(place.inImage, name), below(place.relative, name)];
  return [{ onDisk, through: folder.at(name), inImage, relative, depth: place.depth + 1 }];
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

async function linkTarget({ problems }: Root, { onDisk, through }: Place): Promise<string | undefined> {
  try {
    const target = await readlink(through, { encoding: 'buffer' });
    const text = target.toString('utf8');
    if (Buffer.from(text).equals(target)) return text;
    problems.add('invalid-reference', onDisk, 'the target of the link is not UTF-8');
  } catch (cause) {
    // It was a link when it was looked at, and is none now.
    const isReplaced = cause instanceof Error && 'code' in cause && cause.code === 'EINVAL';
    if (isReplaced) problems.add('content-mismatch', onDisk, 'it was replaced meanwhile');
    else problems.addFailure(cause, onDisk);
  }
  return undefined;
}

function kindOf(stat: BigIntStats): string {
  if (stat.isFIFO()) return 'FIFO';
  if (stat.isSocket()) return 'socket';
  return 'device';
}
