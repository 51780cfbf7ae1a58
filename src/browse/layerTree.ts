import type { FileEntry } from '../api.ts';
import type { LayerChange } from '../archive/fileNode.ts';
import type { Io } from '../content/store.ts';
import type { OciError } from '../errors.ts';
import { changedEntry } from '../operations/fileEntries.ts';
import { inTurns, sortInTurns } from '../operations/inTurns.ts';
import { byFolderAndName, type FolderItem, parentPath } from './folderItem.ts';
import { lastSegment } from './pathTree.ts';

/** What one layer did to the files below it, as folders: unchanged folders stand there only as parents of something. */
export class LayerTree {
  /** Why the layer could not be compared with those below it: then nothing says what it changed. */
  readonly failure: OciError | undefined;
  readonly #layer: number;
  readonly #changes = new Map<string, LayerChange>();
  /** Names in each folder, `''` for the root. */
  readonly #folders = new Map<string, Set<string>>([['', new Set()]]);
  readonly #sorted = new Map<string, readonly FolderItem[]>();

  private constructor(layer: number, failure: OciError | undefined) {
    this.#layer = layer;
    this.failure = failure;
  }

  /** `layer`: its position from 0. With a failure, `changes` are of the layer on nothing. */
  static async of(changes: readonly LayerChange[], layer: number, io: Io, failure?: OciError): Promise<LayerTree> {
    const tree = new LayerTree(layer, failure);
    await inTurns(changes, (change) => tree.#note(change), io);
    await inTurns(changes, (change) => tree.#place(change), io);
    return tree;
  }

  /** The layer's own entry of a path; undefined where it has none. */
  change(path: string): LayerChange | undefined {
    return this.#changes.get(path);
  }

  /** A path of the tree; undefined for one that is not in it. */
  item(path: string): FolderItem | undefined {
    const isParent = this.#folders.has(path);
    const change = this.#changes.get(path);
    if (!isParent && (change === undefined || !this.#isShown(path))) return undefined;
    const name = lastSegment(path);
    if (change === undefined) return { name, entry: impliedFolder(path, this.#layer), expands: true, nameOnly: true };
    return {
      name,
      entry: this.#entry(change),
      expands: isParent,
      ...(change.change === 'removed' && change.before !== undefined ? { removedFrom: change.before.layer } : {}),
    };
  }

  /** What stands in a folder, sorted; undefined where there is no such folder. */
  async list(path: string, io: Io): Promise<readonly FolderItem[] | undefined> {
    const known = this.#sorted.get(path);
    if (known !== undefined) return known;
    const names = this.#folders.get(path);
    if (names === undefined) return this.item(path)?.entry.type === 'directory' ? [] : undefined;
    const items: FolderItem[] = [];
    const add = (name: string): void => {
      const item = this.item(path === '' ? name : `${path}/${name}`);
      if (item !== undefined) items.push(item);
    };
    await inTurns(names, add, io);
    const sorted = await sortInTurns(items, byFolderAndName, io);
    this.#sorted.set(path, sorted);
    return sorted;
  }

  #entry(change: LayerChange): FileEntry {
    const entry = changedEntry(change, this.#layer);
    if (this.failure === undefined) return entry;
    const { change: unknown, ...rest } = entry;
    return unknown === 'removed' ? entry : rest;
  }

  /** A path that was removed and made anew in one layer is what it was made. */
  #note(change: LayerChange): void {
    if (change.change === 'removed' && this.#changes.has(change.path)) return;
    this.#changes.set(change.path, change);
  }

  #place({ path, change, entry }: LayerChange): void {
    if (change === 'unchanged' && entry.type === 'directory') return;
    for (let at = path; at !== ''; at = parentPath(at)) {
      const parent = parentPath(at);
      const siblings = this.#folders.get(parent);
      siblings?.add(lastSegment(at));
      if (siblings !== undefined) return;
      this.#folders.set(parent, new Set([lastSegment(at)]));
    }
  }

  #isShown(path: string): boolean {
    return path === '' || this.#folders.get(parentPath(path))?.has(lastSegment(path)) === true;
  }
}

function impliedFolder(path: string, layer: number): FileEntry {
  return {
    path: `/${path}`,
    type: 'directory',
    size: 0,
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime: 0,
    layer,
  };
}
