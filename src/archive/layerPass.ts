import { escapeText } from '../oci/reference.ts';
import { linkedTo } from './hardLinks.ts';
import type { LayerEntry } from './layerIndex.ts';
import type { LayerProblems } from './layerProblems.ts';
import { Parents, type PassBudget } from './parents.ts';
import { Touches } from './touches.ts';
import { DirectoryNode, LeafNode, type TreeNode } from './treeNode.ts';
import { whiteoutOf } from './whiteouts.ts';

/** Files that are looked at before others get a chance to run. */
const batch = 2000;

/**
 * Applies the entries of one layer to a tree, in their order, as unpackers do that keep to the image-spec: what a layer
 * brings is not hidden by its own whiteouts. Never throws: what cannot be done is a problem.
 */
export class LayerPass {
  readonly touches = new Touches();
  readonly #layer: number;
  readonly #problems: LayerProblems;
  readonly #parents: Parents;
  /** The children of directories that hold nothing from below any more. */
  readonly #cleared = new Set<ReadonlyMap<string, TreeNode>>();
  #undid = false;
  #rest: Iterator<undefined, undefined> | undefined;

  constructor(root: DirectoryNode, layer: number, budget: PassBudget, problems: LayerProblems) {
    this.#layer = layer;
    this.#problems = problems;
    this.#parents = new Parents(root, layer, this.touches, budget, problems);
  }

  get root(): DirectoryNode {
    return this.#parents.root;
  }

  /** True where the layer replaced a directory in which it had put something: touches may be of what is gone. */
  get undid(): boolean {
    return this.#undid;
  }

  /** Applies the next entry. Returns how much work that was, 1 for most; `goOn` does the rest. */
  add(entry: LayerEntry): number {
    const whiteout = whiteoutOf(entry.path);
    if (whiteout?.kind === 'removal') this.#hide(whiteout.path, entry);
    else if (whiteout?.kind === 'opaque') this.#empty(whiteout.path, entry);
    else if (whiteout !== undefined) this.#problems.add(`${escapeText(entry.path)} is no valid whiteout: ignored`);
    else if (entry.path === '') this.#putRoot(entry);
    else this.#put(entry);
    return 1 + this.#parents.takeWork();
  }

  /** Goes on with what the last entry left to do. True when there may be more: to be called until it returns false. */
  goOn(): boolean {
    if (this.#rest?.next().done === false) return true;
    this.#rest = undefined;
    return false;
  }

  #put(entry: LayerEntry): void {
    const place = this.#parents.make(entry);
    if (place === undefined) return;
    const { name, path } = place;
    const { children } = place.directory;
    const touch = this.touches.at(place.directory, name, path);
    const existing = children.get(name);
    this.#parents.forget(existing);
    if (entry.type !== 'directory' && existing?.children !== undefined) {
      touch.removedBy ??= entry;
      this.#undid ||= existing.touched === this.#layer;
    }
    // A hard link to its own name, or into the directory that it replaces, finds nothing: as on a disk.
    if (entry.type === 'hardlink') children.delete(name);
    touch.entry = entry;
    touch.node = this.#node(entry, name, path, existing);
    children.set(name, touch.node);
  }

  #putRoot(entry: LayerEntry): void {
    if (entry.type !== 'directory') {
      this.#problems.add('an entry would make the root no directory: ignored');
      return;
    }
    const touch = this.touches.atRoot(this.root);
    const node = new DirectoryNode('', '', { entry, layer: this.#layer }, this.root.children);
    touch.entry = entry;
    touch.node = node;
    this.#parents.replaceRoot(node);
  }

  #node(entry: LayerEntry, name: string, path: string, existing: TreeNode | undefined): TreeNode {
    const layer = this.#layer;
    if (entry.type === 'directory') {
      return new DirectoryNode(path, name, { entry, layer }, existing?.children ?? new Map<string, TreeNode>());
    }
    if (entry.type === 'file') return new LeafNode(path, name, entry, layer, { layer, entry });
    return entry.type === 'hardlink' ? this.#link(entry, name, path) : new LeafNode(path, name, entry, layer);
  }

  #link(entry: LayerEntry, name: string, path: string): LeafNode {
    const target = linkedTo(entry, (names) => this.#parents.find(names, entry));
    if (typeof target !== 'string') {
      const { content } = target;
      return new LeafNode(path, name, content === undefined ? { ...target.entry, path } : entry, this.#layer, content);
    }
    const link = `${escapeText(entry.path)} is a hard link to ${escapeText(entry.linkname ?? '')}`;
    this.#problems.add(`${link}, which is ${target} when the link is made`);
    return new LeafNode(path, name, entry, this.#layer);
  }

  /** Hides what the layers below have at a path. */
  #hide(path: string, entry: LayerEntry): void {
    const spot = this.#parents.spot(path, entry);
    if (spot === undefined) return;
    const { directory } = spot;
    const existing = directory?.children.get(spot.name);
    const touch =
      directory === undefined ? this.touches.inNothing(spot.path) : this.touches.at(directory, spot.name, spot.path);
    touch.hidden = true;
    touch.removedBy ??= entry;
    if (directory === undefined || existing === undefined) return;
    if (existing.touched === this.#layer) {
      touch.node = existing;
      this.#rest = this.#clear(existing, entry);
    } else this.#remove(directory, existing);
  }

  /** Hides what the layers below have in a directory. */
  #empty(path: string, entry: LayerEntry): void {
    const directory = this.#parents.find(path.split('/'), entry);
    if (directory !== undefined) this.#rest = this.#clear(directory, entry);
  }

  /** Removes from a directory what the layer has not brought. Each is cleared once: nothing comes in from below later. */
  *#clear(top: TreeNode, entry: LayerEntry): Generator<undefined, undefined, undefined> {
    const todo = [top];
    let seen = 0;
    for (let directory = todo.pop(); directory !== undefined; directory = todo.pop()) {
      if (directory.children === undefined || this.#cleared.has(directory.children)) continue;
      this.#cleared.add(directory.children);
      for (const child of directory.children.values()) {
        if (++seen % batch === 0) yield;
        if (child.touched === this.#layer) todo.push(child);
        else {
          this.touches.at(directory, child.name, child.path).removedBy ??= entry;
          this.#remove(directory, child);
        }
      }
    }
  }

  #remove(directory: DirectoryNode, node: TreeNode): void {
    this.#parents.forget(node);
    directory.children.delete(node.name);
  }
}
