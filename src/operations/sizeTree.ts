import type { SizeNode } from '../api.ts';
import type { FileNode, LayerStack } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import { nodesBelow, shownPath } from './fileNodes.ts';
import { inTurns, largestInTurns } from './inTurns.ts';
import { storedFiles } from './storedFiles.ts';

/** A file or directory while the tree is made. */
interface Measured {
  readonly node: FileNode;
  readonly parent: Directory | undefined;
  bytes: number;
  files: number;
  layer: number;
}

interface Directory extends Measured {
  /** Bytes by layer of what is in it, until they are passed on. */
  layers: Map<number, number>;
  /** What is shown by itself, largest first. */
  readonly shown: (Measured | Directory)[];
  /** Names in it that hold files. */
  names: number;
}

/**
 * The merged view by size, for a picture of it: at most `maxNodes` nodes (2 or more), the largest ones, largest first in each
 * directory. What is too small is one node of the kind `rest` in its directory. A hard-linked file counts its bytes once and
 * each of its names as a file.
 */
export async function sizeTree(
  stack: LayerStack,
  { maxNodes }: { readonly maxNodes: number },
  io: Io,
): Promise<SizeNode> {
  const limit = Math.max(2, maxNodes);
  const { root, all } = await measure(stack.root, io);
  // Directories come first, so that of equal sizes a directory comes before what is in it.
  choose(await largestInTurns(all, limit, ({ bytes }) => bytes, io), limit);
  return toNode(root);
}

/** The root, and all below it that holds files, with the sums of what is in it: directories first, each after its parent. */
async function measure(
  top: FileNode,
  io: Io,
): Promise<{ readonly root: Directory; readonly all: readonly Measured[] }> {
  const root = directoryOf(top, undefined);
  const directories = new Map([[top, root]]);
  const files: Measured[] = [];
  const counted = new Set<FileNode>();
  await inTurns((await storedFiles(top, io)).files, ({ node }) => void counted.add(node), io);
  const enter = (node: FileNode, parent: Directory | undefined): void => {
    if (node.children !== undefined) {
      directories.set(node, directoryOf(node, parent));
    } else if (node.content !== undefined) {
      const bytes = counted.has(node) ? node.content.entry.size : 0;
      const file = { node, parent, bytes, files: 1, layer: node.content.layer };
      files.push(file);
      if (parent !== undefined) addTo(parent, file, [[file.layer, bytes]]);
    }
  };
  await inTurns(nodesBelow(top), ({ node, directory }) => enter(node, directories.get(directory)), io);
  // Directories come before what is in them: backwards all sums are ready when they are passed on.
  await inTurns([...directories.values()].reverse(), finish, io);
  const below = [...directories.values()].filter((directory) => directory !== root && directory.files > 0);
  return { root, all: [...below, ...files] };
}

function directoryOf(node: FileNode, parent: Directory | undefined): Directory {
  return { node, parent, bytes: 0, files: 0, layer: node.layer, layers: new Map(), shown: [], names: 0 };
}

function addTo(parent: Directory, { bytes, files }: Measured, layers: Iterable<readonly [number, number]>): void {
  parent.bytes += bytes;
  parent.files += files;
  parent.names++;
  for (const [layer, more] of layers) parent.layers.set(layer, (parent.layers.get(layer) ?? 0) + more);
}

/** Settles the layer of a directory, the one with most bytes, and passes its sums on. */
function finish(directory: Directory): void {
  const { parent, layers, files } = directory;
  if (files === 0) return;
  let most: readonly [number, number] = [0, -1];
  for (const [layer, bytes] of layers) {
    if (bytes > most[1] || (bytes === most[1] && layer < most[0])) most = [layer, bytes];
  }
  directory.layer = most[0];
  if (parent === undefined) return;
  // The larger map is kept, so that a deep tree of many layers stays cheap.
  const [target, source] = parent.layers.size < layers.size ? [layers, parent.layers] : [parent.layers, layers];
  parent.layers = target;
  directory.layers = new Map();
  addTo(parent, directory, source);
}

/** Shows the first ones, each in its directory, and keeps a place for the rest of every directory that is shown. */
function choose(sorted: readonly Measured[], maxNodes: number): void {
  let used = 2;
  for (const one of sorted) {
    const { parent, bytes } = one;
    if (bytes === 0) return;
    const completes = parent !== undefined && parent.shown.length + 1 === parent.names;
    used += (isDirectory(one) ? 2 : 1) - (completes ? 1 : 0);
    if (used > maxNodes) return;
    parent?.shown.push(one);
  }
}

function isDirectory(one: Measured | Directory): one is Directory {
  return 'shown' in one;
}

function toNode(one: Measured | Directory): SizeNode {
  const { node, bytes, files, layer } = one;
  const children = isDirectory(one) ? [...one.shown.map(toNode), ...restOf(one)] : [];
  children.sort((a, b) => b.bytes - a.bytes);
  const kind = isDirectory(one) ? 'directory' : 'file';
  return { name: node.name, path: shownPath(node.path), bytes, files, layer, kind, children };
}

/** What of a directory is not shown by itself. */
function restOf({ node, bytes, files, layer, shown, names }: Directory): readonly SizeNode[] {
  if (names === shown.length) return [];
  const left = { bytes, files };
  for (const one of shown) {
    left.bytes -= one.bytes;
    left.files -= one.files;
  }
  return [
    { name: `${names - shown.length} more`, path: shownPath(node.path), ...left, layer, kind: 'rest', children: [] },
  ];
}
