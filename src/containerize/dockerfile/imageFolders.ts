import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { FileOnDisk } from '../../archive/pack.ts';
import type { FileOwner } from './owner.ts';
import type { ImageFolder, StageBase } from './stageBase.ts';

/** The folders of an image while it is made: those of its base, and those that instructions add. */
export class ImageFolders {
  readonly #base: StageBase;
  readonly #added = new Map<string, ImageFolder>();
  readonly #trees: FileOnDisk[] = [];

  constructor(base: StageBase) {
    this.#base = base;
  }

  /** What is at an absolute path; undefined where there is no folder. */
  async find(place: string): Promise<ImageFolder | undefined> {
    return this.#added.get(place) ?? this.#base.folder(place) ?? (await this.#copied(place));
  }

  /** Where a path really is, the links of the folders on its way followed; what is not there keeps its name. */
  async real(place: string): Promise<string> {
    const missing: string[] = [];
    for (let at = place; at !== '/'; at = path.posix.dirname(at)) {
      const folder = await this.find(at);
      if (folder !== undefined) return path.posix.join(folder.path, ...missing.toReversed());
      missing.push(path.posix.basename(at));
    }
    return place;
  }

  /**
   * Sees to it that there is a folder: what is missing on the way belongs to `owner`. Gives back all of that way which an
   * entry has to be written for, so that it has, or keeps, its owner and mode.
   */
  async make(place: string, owner: FileOwner): Promise<readonly ImageFolder[]> {
    const way: ImageFolder[] = [];
    for (let at = place; at !== '/'; at = path.posix.dirname(at)) {
      const folder = (await this.find(at)) ?? { path: at, mode: 0o755, ...owner };
      this.#added.set(at, folder);
      way.push(folder);
    }
    return way.toReversed();
  }

  /** Remembers a folder with everything in it. */
  addTree(tree: FileOnDisk): void {
    this.#trees.push(tree);
  }

  /** Remembers a folder with the metadata that it was given. */
  add(folder: ImageFolder): void {
    this.#added.set(folder.path, folder);
  }

  async #copied(place: string): Promise<ImageFolder | undefined> {
    for (const tree of this.#trees.toReversed()) {
      const relative = path.posix.relative(tree.to, place);
      if (relative === '' || relative.startsWith('../') || relative === '..') continue;
      const stat = await lstat(path.join(tree.from, relative)).catch(() => undefined);
      if (stat?.isDirectory() !== true || tree.filter?.keeps(relative, true) === false) continue;
      return { path: place, mode: tree.directoryMode ?? 0o755, uid: tree.uid ?? 0, gid: tree.gid ?? 0 };
    }
    return undefined;
  }
}
