import path from 'node:path';
import type { FileOnDisk, LayerFile, PathFilter } from '../../archive/pack.ts';
import { walk } from '../../archive/walk.ts';
import type { Io } from '../../content/store.ts';
import { filterBelow } from '../ignore/filterBelow.ts';
import type { ImageFolder } from './stageBase.ts';
import type { SourceFolder } from './sourceFolder.ts';

/** Owner, and permission bits where they are not the files' own. */
export interface Attributes {
  readonly uid: number;
  readonly gid: number;
  readonly mode?: number;
  readonly directoryMode?: number;
}

const nothing: PathFilter = { keeps: () => false, enters: () => false };

/** A folder of a source with what is in it. */
export function treeOf(folder: SourceFolder, relative: string, to: string, attributes: Attributes): FileOnDisk {
  const filter = folder.filter === undefined ? undefined : filterBelow(folder.filter, relative);
  const from = path.join(folder.root, relative);
  return { from, to, ...attributes, ...(filter === undefined ? {} : { filter }) };
}

/** Entries for folders alone; those that anybody would make the same way need none. */
export function folderEntries(folders: readonly ImageFolder[], anyFolder: string): readonly FileOnDisk[] {
  const own = folders.filter(({ mode, uid, gid }) => mode !== 0o755 || uid !== 0 || gid !== 0);
  return own.map(({ path: to, mode, uid, gid }) => folderEntry({ path: to, mode, uid, gid }, anyFolder));
}

/** @param anyFolder an absolute path of this machine: nothing of what is in it is taken */
export function folderEntry({ path: to, mode, uid, gid }: ImageFolder, anyFolder: string): FileOnDisk {
  return { from: anyFolder, to, uid, gid, directoryMode: mode, filter: nothing };
}

/** Both filters' choice; a filter that is absent keeps everything. */
export function both(one: PathFilter | undefined, other: PathFilter | undefined): PathFilter | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    keeps: (place, isFolder) => one.keeps(place, isFolder) && other.keeps(place, isFolder),
    enters: (place) => {
      const canHold = (filter: PathFilter): boolean => filter.keeps(place, true) || filter.enters(place);
      return canHold(one) && canHold(other);
    },
  };
}

/** Something of a layer: one file, a folder with what is in it, or a folder alone. */
export interface Copied {
  readonly kind: 'file' | 'tree' | 'folder';
  readonly file: LayerFile;
}

/** Files of which none hides another: of two that go to one place the later is left, as if one were written over the other. */
export async function withoutHidden(copied: readonly Copied[], io: Io): Promise<readonly LayerFile[]> {
  const first = copied.findIndex(({ kind }) => kind !== 'folder');
  /** Places, and the number of the last that goes there. */
  const takers = new Map<string, number>();
  const kept: LayerFile[] = [];
  for (const [at, { kind, file }] of [...copied.entries()].reverse()) {
    io.signal.throwIfAborted();
    const isAlone = kind === 'folder' || takers.size === 0;
    const left = isAlone ? file : unhidden(file, (place) => (takers.get(place) ?? at) > at);
    if (left === undefined) continue;
    kept.push(left);
    // What is in the first of them can hide nothing.
    if (at === first || kind === 'folder') continue;
    if (kind === 'file') takers.set(placeOf(left), at);
    else
      for (const entry of (await walk([left], {}, io)).entries)
        if (entry.kind !== 'directory') takers.set(entry.path, at);
  }
  return kept.reverse();
}

function unhidden(file: LayerFile, isHidden: (place: string) => boolean): LayerFile | undefined {
  const to = placeOf(file);
  if (isHidden(to)) return undefined;
  if ('content' in file) return file;
  const prefix = to === '' ? '' : `${to}/`;
  const own: PathFilter = { keeps: (place, isFolder) => isFolder || !isHidden(prefix + place), enters: () => true };
  const filter = both(file.filter, own);
  return filter === undefined ? file : { ...file, filter };
}

function placeOf(file: LayerFile): string {
  return file.to.replace(/^\/+|\/+$/g, '');
}
