import type { LayerEntry } from './layerIndex.ts';
import type { TreeNode } from './treeNode.ts';

/** What a layer did to one path. */
export interface Touch {
  /** What the layers below have there. */
  readonly before: TreeNode | undefined;
  /** What is there now, where the layer put or kept it. */
  node: TreeNode | undefined;
  /** The entry that put `node` there; undefined for directories that are only implied. */
  entry: LayerEntry | undefined;
  /** What removed `before` or what was in it. */
  removedBy: LayerEntry | undefined;
  /** True where a whiteout names the path. */
  hidden: boolean;
}

/** Everything that a layer put, kept or removed, by path, in the order of its tar. */
export class Touches {
  readonly #byPath = new Map<string, Touch>();

  get(path: string): Touch | undefined {
    return this.#byPath.get(path);
  }

  [Symbol.iterator](): IterableIterator<[string, Touch]> {
    return this.#byPath.entries();
  }

  /** The touch of a name in a directory, noted before the layer first changes it: then the layers below are still seen. */
  at(directory: TreeNode, name: string, path: string): Touch {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const parent = this.#byPath.get(directory.path);
    const below = parent === undefined ? directory : parent.before;
    return this.#note(path, below?.children?.get(name));
  }

  /** The touch of a path in a directory that is not there. */
  inNothing(path: string): Touch {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const names: string[] = [];
    let parent: Touch | undefined;
    for (let at = path; parent === undefined && at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      parent = this.#byPath.get(at);
      if (parent === undefined) names.push(at.slice(at.lastIndexOf('/') + 1));
    }
    let before: TreeNode | undefined = parent?.before;
    for (const name of names.reverse()) before = before?.children?.get(name);
    return this.#note(path, before);
  }

  /** The touch of the root, which is always there. */
  atRoot(root: TreeNode): Touch {
    return this.#byPath.get('') ?? this.#note('', root);
  }

  #note(path: string, before: TreeNode | undefined): Touch {
    const touch: Touch = { before, node: undefined, entry: undefined, removedBy: undefined, hidden: false };
    this.#byPath.set(path, touch);
    return touch;
  }
}
