import type { FileEntry } from '../api.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { byFolderAndName, type FolderItem } from './folderItem.ts';
import type { FilesNode, FilesystemNode, LayerNode, NoteNode, PathNode, TreeNode, UnsafeNode } from './nodes.ts';
import { visibleName } from './pathNames.ts';
import type { Seen } from './seen.ts';
import { formatBytes, visibleText } from './text.ts';

/** Sentences about one layer that are shown; a hostile one has as many as it has files. */
const maxNotes = 20;

/** The files of an image as a container sees them; `id` is the manifest's. */
export function filesystemNode(
  id: string,
  place: { readonly registry: string; readonly repository: string },
  manifest: Descriptor,
): FilesystemNode {
  return { kind: 'filesystem', id: `${id}/fs`, ...place, manifest };
}

/** The position from 0 of the layer that a node is in; undefined in the merged view. */
export function layerOf(node: FilesNode): number | undefined {
  if (node.kind === 'layer') return node.position - 1;
  return node.kind === 'filesystem' ? undefined : node.layer;
}

/** A file or folder below a node. A colon before the name keeps its id apart from those of notes. */
export function pathNode(parent: FilesNode, item: FolderItem): PathNode {
  const { registry, repository, manifest } = parent;
  const layer = layerOf(parent);
  const id = `${parent.id}/:${visibleName(item.name)}`;
  return { kind: 'path', id, registry, repository, manifest, ...(layer === undefined ? {} : { layer }), item };
}

/** The group of a layer's names that lead out of the image; absent where there are none. */
export function unsafeNodes(parent: LayerNode, count: number): readonly UnsafeNode[] {
  if (count === 0) return [];
  const { id, registry, repository, manifest, position } = parent;
  return [{ kind: 'unsafe', id: `${id}/unsafe`, registry, repository, manifest, layer: position - 1, count }];
}

/** Why a layer is not whole, and what is odd about it. */
export function noteNodes(
  parent: TreeNode,
  { damage, problems }: { readonly damage?: string | undefined; readonly problems: readonly string[] },
): readonly NoteNode[] {
  const note = (name: string, message: string, severity: NoteNode['severity']): NoteNode => {
    return { kind: 'note', id: `${parent.id}/${name}`, registry: parent.registry, message, severity };
  };
  const shown = problems.slice(0, maxNotes);
  const rest = problems.length - shown.length;
  return [
    ...(damage === undefined ? [] : [note('damage', visibleText(`Damaged: ${damage}`), 'warning')]),
    ...shown.map((problem, at) => note(`note:${at}`, visibleText(problem), 'warning')),
    ...(rest === 0 ? [] : [note('notes', `… and ${rest} more remarks`, 'info')]),
  ];
}

/** What is shown while a layer, or all of them, are read: how far that is, and the names so far. */
export function seenNodes(parent: LayerNode | FilesystemNode, seen: Seen): readonly TreeNode[] {
  const files = seen.files === 0 ? [] : [`${seen.files.toLocaleString('en-US')} files`];
  const of = seen.total === 0 ? '' : ` of ${formatBytes(seen.total)}`;
  const message = `Reading… ${[...files, `${formatBytes(seen.bytes)}${of}`].join(' · ')}`;
  const note: NoteNode = {
    kind: 'note',
    id: `${parent.id}/reading`,
    registry: parent.registry,
    message,
    severity: 'progress',
  };
  const layer = layerOf(parent) ?? 0;
  const items = [...seen.names].map(([name, type]): FolderItem => {
    const entry: FileEntry = { path: `/${name}`, type, size: 0, mode: 0, uid: 0, gid: 0, mtime: 0, layer };
    return { name, entry, expands: false, nameOnly: true };
  });
  return [note, ...items.sort(byFolderAndName).map((item) => pathNode(parent, item))];
}
