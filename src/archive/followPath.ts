import type { DirectoryNode, LeafNode } from './treeNode.ts';

/** Where a path leads when every link in it is followed inside the root. */
export interface Followed {
  /** The directories on the way, from the root on. */
  readonly directories: readonly [DirectoryNode, ...DirectoryNode[]];
  /** What comes after them, where that is no directory. */
  readonly end: LeafNode | undefined;
  /** The names after those that are not there. */
  readonly missing: readonly string[];
  /** How many names were read from links: work that a hostile image makes. */
  readonly linkNames: number;
}

/** How a path is followed. */
export interface Following {
  /** Most symbolic links on the way. */
  readonly links: number;
  /** Where `..` leads behind what is not there: back, as in texts, or nowhere. */
  readonly upFromMissing: 'back' | 'nowhere';
}

/** As Linux follows a path that is opened. */
export const opening: Following = { links: 40, upFromMissing: 'nowhere' };
/** As unpackers follow the path of an entry. */
export const unpacking: Following = { links: 255, upFromMissing: 'back' };

/** Most names that the links of one path may bring. */
export const maxLinkNames = 16_384;

/** The names of a path, cleaned as text: without `.`, empty names, and `..` that would leave the root. */
export function namesOf(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names;
}

/** Follows names and every symbolic link among them from the root, never out of it; undefined where links have no end. */
export function followNames(root: DirectoryNode, names: readonly string[], following: Following): Followed | undefined {
  const way = new Way(root, following);
  const todo = names.toReversed();
  let [links, linkNames] = [0, 0];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    const target = way.go(name);
    if (target === undefined) continue;
    const more = target.split('/').reverse();
    linkNames += more.length;
    if (++links > following.links || linkNames > maxLinkNames) return undefined;
    todo.push(...more);
  }
  return { directories: way.directories, end: way.end, missing: way.missing, linkNames };
}

/** Somebody on the way from the root to somewhere. */
class Way {
  readonly directories: [DirectoryNode, ...DirectoryNode[]];
  readonly missing: string[] = [];
  end: LeafNode | undefined;
  readonly #following: Following;

  constructor(root: DirectoryNode, following: Following) {
    this.directories = [root];
    this.#following = following;
  }

  /** Goes on to a name. Where that is a symbolic link, returns its target instead, to be gone to next. */
  go(name: string): string | undefined {
    if (name === '' || name === '.') return undefined;
    const isLost = this.missing.length > 0 || this.end !== undefined;
    const isUp = name === '..' && !(isLost && this.#following.upFromMissing === 'nowhere');
    if (isUp) this.#goUp();
    else if (isLost) this.missing.push(name);
    else return this.#goDown(name);
    return undefined;
  }

  #goUp(): void {
    if (this.missing.length > 0) this.missing.pop();
    else if (this.end !== undefined) this.end = undefined;
    else if (this.directories.length > 1) this.directories.pop();
  }

  #goDown(name: string): string | undefined {
    const child = this.directories.at(-1)?.children.get(name);
    if (child === undefined) this.missing.push(name);
    else if (child.children !== undefined) this.directories.push(child);
    else if (child.entry.type !== 'symlink') this.end = child;
    else {
      const target = child.entry.linkname ?? '';
      if (target.startsWith('/')) this.directories.length = 1;
      return target;
    }
    return undefined;
  }
}
