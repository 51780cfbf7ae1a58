import type { FileNode } from '../archive/layerStack.ts';

/** A node of the merged view with the directory it is in. */
export interface NodeInDirectory {
  readonly node: FileNode;
  readonly directory: FileNode;
}

/**
 * Everything below a directory but not itself, in no particular order but each directory before what is in it. What is
 * yielded is used anew for the next one.
 */
export function* nodesBelow(top: FileNode): Generator<NodeInDirectory, void, undefined> {
  const left = [top];
  const visited = { node: top, directory: top };
  for (let directory = left.pop(); directory !== undefined; directory = left.pop()) {
    visited.directory = directory;
    for (const node of directory.children?.values() ?? []) {
      visited.node = node;
      yield visited;
      if (node.children !== undefined) left.push(node);
    }
  }
}

/** A path of the merged view or of a layer as results show it. */
export function shownPath(path: string): string {
  return `/${path}`;
}
