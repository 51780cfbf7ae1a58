import type { FileNode } from '../archive/fileNode.ts';
import type { LayerStack } from '../archive/layerStack.ts';
import { isOciError } from '../errors.ts';
import { fileEntry } from '../operations/fileEntries.ts';
import type { FolderItem } from './folderItem.ts';

/** A file or folder of the merged view, with what a link leads to. */
export function mergedItem(stack: LayerStack, node: FileNode): FolderItem {
  const entry = fileEntry(node);
  const leadsTo = entry.type === 'symlink' ? targetOf(stack, node.path) : undefined;
  return {
    name: node.name,
    entry,
    expands: (node.children?.size ?? 0) > 0,
    ...(leadsTo === undefined ? {} : { leadsTo }),
  };
}

function targetOf(stack: LayerStack, path: string): FolderItem['leadsTo'] {
  try {
    const target = stack.resolve(path);
    return target.children !== undefined ? 'directory' : target.content !== undefined ? 'file' : 'other';
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}
