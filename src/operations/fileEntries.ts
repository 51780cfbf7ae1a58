import type { FileEntry } from '../api.ts';
import { type FileNode, type LayerChange, statOf } from '../archive/fileNode.ts';
import type { LayerEntry } from '../archive/layerIndex.ts';

/** A file of the merged view, for the public API: a hard link is the file that it is another name of. */
export function fileEntry(node: FileNode): FileEntry {
  return { path: `/${node.path}`, ...statOf(node), layer: node.layer };
}

/** What a layer (from 0) did to a path: its own entry there; of a removal what was removed, as the layers below had it. */
export function changedEntry({ path, change, entry, before }: LayerChange, layer: number): FileEntry {
  if (change !== 'removed') return { ...ownEntry(entry, layer), path: `/${path}`, change };
  const gone = before === undefined ? ownEntry(entry, layer) : fileEntry(before);
  return { ...gone, path: `/${path}`, layer, change };
}

/** An entry as the tar of its layer (from 0) has it. */
export function ownEntry(entry: LayerEntry, layer: number): FileEntry {
  const { path, type, size, mode, uid, gid, mtime, linkname } = entry;
  const link = linkname === undefined ? {} : { linkname };
  return { path: `/${path}`, type, size, mode, uid, gid, mtime, ...link, layer };
}
