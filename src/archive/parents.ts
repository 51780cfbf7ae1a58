import { escapeText } from '../oci/reference.ts';
import { type Followed, followNames, maxLinkNames, unpacking } from './followPath.ts';
import { entryLimits, type LayerEntry } from './layerIndex.ts';
import type { LayerProblems } from './layerProblems.ts';
import type { Touches } from './touches.ts';
import { childPath, DirectoryNode, type LeafNode, type TreeNode } from './treeNode.ts';

/** What an image may still cost before it is taken for an attack; shared by its layers. */
export interface PassBudget {
  /** Names read from symbolic links. */
  linkNames: number;
  /** Directories that no layer lists. */
  implied: number;
}

const endless = 'leads through symbolic links without end';

/** A name in a directory; `path` is where that is, with no link in it. */
export interface Place {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly path: string;
}

/** A place whose directory need not be there. */
export type Spot = Omit<Place, 'directory'> & { readonly directory: DirectoryNode | undefined };

/** Finds and makes the directories that one layer's entries are in. */
export class Parents {
  readonly #layer: number;
  readonly #touches: Touches;
  readonly #budget: PassBudget;
  readonly #problems: LayerProblems;
  #root: DirectoryNode;
  /** The directory of the entry before, as most entries are in the same one. */
  #last: { readonly text: string; readonly directory: DirectoryNode } | undefined;
  #work = 0;

  constructor(root: DirectoryNode, layer: number, touches: Touches, budget: PassBudget, problems: LayerProblems) {
    this.#root = root;
    this.#layer = layer;
    this.#touches = touches;
    this.#budget = budget;
    this.#problems = problems;
  }

  get root(): DirectoryNode {
    return this.#root;
  }

  replaceRoot(root: DirectoryNode): void {
    this.#root = root;
    this.#last = undefined;
  }

  /** The work done since this was last called: names read from links, directories made. */
  takeWork(): number {
    const work = this.#work;
    this.#work = 0;
    return work;
  }

  /** Called before `node` is replaced or removed: directories and links may change where other paths lead. */
  forget(node: TreeNode | undefined): void {
    if (node !== undefined && node.content === undefined) this.#last = undefined;
  }

  /** What the names that `entry` means lead to, links followed inside the root; undefined where nothing is there. */
  find(names: readonly string[], entry: LayerEntry): TreeNode | undefined {
    const followed = this.#follow(names);
    if (followed === undefined) this.#problems.add(`${escapeText(entry.path)} ${endless}`);
    return followed?.missing.length === 0 ? (followed.end ?? followed.directories.at(-1)) : undefined;
  }

  /** The place that a path of `entry` means; undefined, and a problem, where links have no end. */
  spot(text: string, entry: LayerEntry): Spot | undefined {
    const names = text.split('/');
    const name = names.pop() ?? '';
    const followed = this.#follow(names);
    if (followed === undefined) {
      this.#problems.add(`${escapeText(entry.path)} ${endless}`);
      return undefined;
    }
    const { directories, end, missing } = followed;
    const last = end ?? directories.at(-1) ?? this.#root;
    const path = [...(last.path === '' ? [] : [last.path]), ...missing, name].join('/');
    return { directory: missing.length > 0 || end !== undefined ? undefined : directories.at(-1), name, path };
  }

  /** Where an entry goes; its directory is made where it is missing. Undefined, and a problem, where it cannot be. */
  make(entry: LayerEntry): Place | undefined {
    const slash = entry.path.lastIndexOf('/');
    const text = slash === -1 ? '' : entry.path.slice(0, slash);
    const directory = this.#last?.text === text ? this.#last.directory : this.#open(text, entry);
    if (directory === undefined) return undefined;
    this.#last = { text, directory };
    const name = entry.path.slice(slash + 1);
    return { directory, name, path: directory.path === text ? entry.path : childPath(directory, name) };
  }

  #open(text: string, entry: LayerEntry): DirectoryNode | undefined {
    const followed = this.#follow(text.split('/'));
    const wrong = followed === undefined ? endless : this.#wrong(followed);
    if (followed === undefined || wrong !== undefined) {
      this.#problems.add(`${escapeText(entry.path)} ${wrong}: ignored`);
      return undefined;
    }
    const { directories, end, missing } = followed;
    let directory = directories.at(-1) ?? this.#root;
    for (let at = directories.length; at-- > 0;) {
      const above = directories[at];
      if (above === undefined || above.touched === this.#layer) break;
      above.touched = this.#layer;
    }
    if (end !== undefined) directory = this.#replace(directory, end, entry);
    for (const name of missing) directory = this.#imply(directory, name);
    return directory;
  }

  /** Why there can be no entry: as on a disk, paths have an end. */
  #wrong({ directories, missing }: Followed): string | undefined {
    if (directories.length + missing.length > entryLimits.depth) return 'is too deep';
    const path = [directories.at(-1)?.path, ...missing].join('/');
    if (path.length > entryLimits.pathBytes / 3 && Buffer.byteLength(path) > entryLimits.pathBytes)
      return 'is too deep';
    this.#budget.implied -= missing.length;
    this.#work += missing.length;
    return this.#budget.implied < 0 ? 'is in one of too many directories that are not listed' : undefined;
  }

  /** A file where a path needs a directory: most unpackers give up here. */
  #replace(directory: DirectoryNode, file: LeafNode, entry: LayerEntry): DirectoryNode {
    this.#problems.add(`${escapeText(entry.path)} is in what is no directory, which it replaces`);
    return this.#imply(directory, file.name);
  }

  #imply(directory: DirectoryNode, name: string): DirectoryNode {
    const path = childPath(directory, name);
    const made = new DirectoryNode(path, name, { entry: undefined, layer: this.#layer }, new Map());
    const touch = this.#touches.at(directory, name, path);
    touch.entry = undefined;
    touch.node = made;
    directory.children.set(name, made);
    return made;
  }

  #follow(names: readonly string[]): Followed | undefined {
    if (this.#budget.linkNames <= 0) return undefined;
    const followed = followNames(this.#root, names, unpacking);
    const linkNames = followed?.linkNames ?? maxLinkNames;
    this.#budget.linkNames -= linkNames;
    this.#work += linkNames;
    return followed;
  }
}
