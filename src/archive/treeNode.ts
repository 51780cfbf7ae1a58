import type { ContentPlace, FileNode } from './fileNode.ts';
import type { LayerEntry } from './layerIndex.ts';

/** A node of the tree that layers are applied to. Only children and `touched` change: a new entry makes a new node. */
export type TreeNode = DirectoryNode | LeafNode;

/** What brought a node; without an entry a directory that is only implied. */
export interface Origin {
  readonly entry: LayerEntry | undefined;
  readonly layer: number;
}

export class DirectoryNode implements FileNode {
  readonly name: string;
  readonly path: string;
  readonly entry: LayerEntry | undefined;
  readonly layer: number;
  readonly content = undefined;
  /** Shared with the node whose place this took where both are directories. */
  readonly children: Map<string, TreeNode>;
  /** The last layer that brought this or something below it; -1 before the first. */
  touched: number;

  constructor(path: string, name: string, { entry, layer }: Origin, children: Map<string, TreeNode>) {
    this.name = name;
    this.path = path;
    this.entry = entry;
    this.layer = layer;
    this.children = children;
    this.touched = layer;
  }
}

/** Everything but directories. */
export class LeafNode implements FileNode {
  readonly name: string;
  readonly path: string;
  readonly entry: LayerEntry;
  readonly layer: number;
  readonly content: ContentPlace | undefined;
  readonly children = undefined;

  constructor(path: string, name: string, entry: LayerEntry, layer: number, content?: ContentPlace) {
    this.name = name;
    this.path = path;
    this.entry = entry;
    this.layer = layer;
    this.content = content;
  }

  get touched(): number {
    return this.layer;
  }
}

/** The root of an image without layers. */
export function emptyRoot(): DirectoryNode {
  const root = new DirectoryNode('', '', { entry: undefined, layer: 0 }, new Map());
  root.touched = -1;
  return root;
}

/** The path of a name in a directory. */
export function childPath(directory: FileNode, name: string): string {
  return directory.path === '' ? name : `${directory.path}/${name}`;
}
