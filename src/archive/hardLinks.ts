import { namesOf } from './followPath.ts';
import type { LayerEntry } from './layerIndex.ts';
import type { LeafNode, TreeNode } from './treeNode.ts';

/**
 * What a hard link is another name of when link(2) is called now: links on the way to the target are followed, one at its
 * end is not. A text says why it cannot be made.
 */
export function linkedTo(
  entry: LayerEntry,
  find: (names: readonly string[]) => TreeNode | undefined,
): LeafNode | 'not there' | 'a directory' {
  const names = namesOf(entry.linkname ?? '');
  const name = names.pop();
  if (name === undefined) return 'a directory';
  const target = find(names)?.children?.get(name);
  if (target === undefined) return 'not there';
  if (target.children !== undefined) return 'a directory';
  return target.content === undefined && target.entry.type === 'hardlink' ? 'not there' : target;
}
