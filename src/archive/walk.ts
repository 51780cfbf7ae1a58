import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../content/store.ts';
import { fileError } from './fileError.ts';
import { inOrder } from './inOrder.ts';
import { isWhiteout, layerPath, maxPathBytes } from './layerPath.ts';
import { Problems } from './problems.ts';
import { sourceFile } from './sourceFile.ts';
import type { TreeEntry } from './treeEntry.ts';

/** A file or folder of this machine and where it goes in the image. */
export interface LayerFile {
  /** A path of this machine. A folder's contents go below `to`; a symbolic link given here is followed, one found in a folder is not. */
  readonly from: string;
  /** The absolute path in the image. A file goes into `to` under its own name where `to` ends in `/`. */
  readonly to: string;
  /** Permission bits of every file. Default: 0755 for executables, 0644 for others. Folders have 0755. */
  readonly mode?: number;
  /** Owner of everything from `from`. Default: 0. */
  readonly uid?: number;
  readonly gid?: number;
}

export interface Walked {
  readonly entries: readonly TreeEntry[];
  /** Paths in the image of symbolic links that point out of the folder they were found in. */
  readonly leaving: readonly string[];
}

/** Most entries one layer may have. */
const maxEntries = 2_000_000;
const maxDepth = 255;
const parallelStats = 32;

interface Root {
  readonly file: LayerFile;
  /** The real path of `from`, fixed once. */
  readonly real: string;
  readonly problems: Problems;
  readonly entries: TreeEntry[];
  readonly leaving: string[];
}

interface Place {
  readonly onDisk: string;
  readonly inImage: string;
  readonly depth: number;
}

/**
 * Lists what `files` name, without reading any content and without following a link inside a folder.
 * @throws OciError naming up to 10 of the files that cannot be in a layer: unsupported-media-type (FIFO, socket, device),
 * invalid-reference (name or place in the image), not-found, forbidden; too-large above 2,000,000 entries
 */
export async function walk(files: readonly LayerFile[], io: Io): Promise<Walked> {
  const found = { problems: new Problems(), entries: [], leaving: [] };
  for (const file of files) {
    const { inImage, real, stat } = await start(file);
    await visit({ file, real, ...found }, { onDisk: real, inImage, depth: 0 }, stat, io);
  }
  found.problems.throwIfAny();
  return found;
}

async function start(file: LayerFile): Promise<{ inImage: string; real: string; stat: BigIntStats }> {
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
    for await (const { child, stat } of inOrder(await children(root, place, io), parallelStats, (c) =>
      status(root, c),
    )) {
      io.signal.throwIfAborted();
      if (stat !== undefined) folders.push(...(await take(root, child, stat)));
    }
  }
}

async function status(root: Root, child: Place): Promise<{ child: Place; stat: BigIntStats | undefined }> {
  try {
    return { child, stat: await lstat(child.onDisk, { bigint: true }) };
  } catch (cause) {
    root.problems.addFailure(cause, child.onDisk);
    return { child, stat: undefined };
  }
}

/** Adds what lies at a place; gives the place back where it is a folder still to be listed. */
async function take(root: Root, place: Place, stat: BigIntStats): Promise<Place[]> {
  const { problems, entries, file } = root;
  const { onDisk, inImage } = place;
  const owner = { path: inImage, uid: file.uid ?? 0, gid: file.gid ?? 0 };
  if (entries.length >= maxEntries) problems.add('too-large', onDisk, `a layer may have ${maxEntries} entries`);
  else if (stat.isDirectory()) {
    if (inImage !== '') entries.push({ ...owner, kind: 'directory', mode: 0o755 });
    return [place];
  } else if (inImage === '') problems.add('invalid-reference', onDisk, 'a file cannot replace the root of an image');
  else if (stat.isSymbolicLink()) {
    const target = await linkTarget(root, onDisk);
    if (target !== undefined) entries.push({ ...owner, kind: 'symlink', mode: 0o777, target });
    if (target !== undefined && leaves(root.real, onDisk, target)) root.leaving.push(`/${inImage}`);
  } else if (stat.isFile()) {
    entries.push({ ...owner, kind: 'file', mode: file.mode ?? modeOf(stat), source: sourceFile(onDisk, stat) });
  } else problems.add('unsupported-media-type', onDisk, `it is a ${kindOf(stat)}`);
  return [];
}

async function children(root: Root, folder: Place, io: Io): Promise<readonly Place[]> {
  io.signal.throwIfAborted();
  const { problems } = root;
  if (folder.depth >= maxDepth) {
    problems.add('too-large', folder.onDisk, `folders may be ${maxDepth} deep`);
    return [];
  }
  try {
    const names = await readdir(folder.onDisk, { encoding: 'buffer' });
    // A folder swapped for a link after it was seen would lead the walk out of the tree.
    if ((await realpath(folder.onDisk)) !== folder.onDisk) {
      problems.add('content-mismatch', folder.onDisk, 'it was replaced by a link while it was being listed');
      return [];
    }
    return names.flatMap((name) => childOf(root, folder, name));
  } catch (cause) {
    problems.addFailure(cause, folder.onDisk);
    return [];
  }
}

function childOf({ problems }: Root, folder: Place, bytes: Buffer): readonly Place[] {
  const name = bytes.toString('utf8');
  const onDisk = path.join(folder.onDisk, name);
  const inImage = folder.inImage === '' ? name : `${folder.inImage}/${name}`;
  if (!Buffer.from(name).equals(bytes)) problems.add('invalid-reference', onDisk, 'its name is not UTF-8');
  else if (isWhiteout(name)) problems.add('invalid-reference', onDisk, 'names with .wh. mean a deletion in a layer');
  else if (Buffer.byteLength(inImage) > maxPathBytes) problems.add('invalid-reference', onDisk, 'its path is too long');
  else return [{ onDisk, inImage, depth: folder.depth + 1 }];
  return [];
}

async function linkTarget({ problems }: Root, onDisk: string): Promise<string | undefined> {
  try {
    const target = await readlink(onDisk, { encoding: 'buffer' });
    const text = target.toString('utf8');
    if (Buffer.from(text).equals(target)) return path.sep === '\\' ? text.replaceAll('\\', '/') : text;
    problems.add('invalid-reference', onDisk, 'the target of the link is not UTF-8');
  } catch (cause) {
    problems.addFailure(cause, onDisk);
  }
  return undefined;
}

function leaves(root: string, link: string, target: string): boolean {
  const relative = path.relative(root, path.resolve(path.dirname(link), target));
  return (
    path.isAbsolute(target) || relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)
  );
}

/** Set-id and sticky bits are dropped. Windows has no exec bit, so every file there may be run. */
function modeOf(stat: BigIntStats): number {
  return process.platform === 'win32' || (stat.mode & 0o111n) !== 0n ? 0o755 : 0o644;
}

function kindOf(stat: BigIntStats): string {
  if (stat.isFIFO()) return 'FIFO';
  if (stat.isSocket()) return 'socket';
  return 'device';
}
