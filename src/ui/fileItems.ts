import type { FolderItem } from '../browse/folderItem.ts';
import { visibleName } from '../browse/pathNames.ts';
import { counted, formatBytes, formatMode } from '../browse/text.ts';
import { exactBytes, type NodeOf, type Parts } from './itemParts.ts';

/** What stands for files of an image: its merged view, files and folders, and names that lead out of it. */
export function fileParts(node: NodeOf<'filesystem' | 'path' | 'unsafe'>): Parts {
  switch (node.kind) {
    case 'filesystem':
      return {
        type: 'group',
        label: 'Filesystem',
        description: 'all layers',
        tooltip: ['The files as a container sees them: every layer applied'],
        icon: 'root-folder',
        context: ['filesystem'],
      };
    case 'path':
      return pathParts(node);
    case 'unsafe':
      return {
        type: 'warning',
        label: 'Unsafe paths',
        description: counted(node.count, 'name'),
        tooltip: ['Names that lead out of the image or are absolute, as they are written in the layer'],
        icon: 'warning',
        context: ['unsafe'],
      };
  }
}

/** True for what a click opens: a file, a link that leads to one, or the last version of a removed one. */
export function isReadable({ layer, item }: NodeOf<'path'>): boolean {
  const { type, change } = item.entry;
  if (item.nameOnly === true || (change === 'removed' && item.removedFrom === undefined)) return false;
  if (type === 'symlink') return layer !== undefined || item.leadsTo === 'file';
  return type === 'file' || type === 'hardlink';
}

const words = { file: 'file', directory: 'folder', symlink: 'link', hardlink: 'hard link' };

function pathParts(node: NodeOf<'path'>): Parts {
  const { item, layer } = node;
  const { type, change } = item.entry;
  const word = type in words ? words[type as keyof typeof words] : 'special file';
  const readable = isReadable(node);
  return {
    type: change === undefined || change === 'unchanged' ? word : `${change} ${word}`,
    label: visibleName(item.name),
    description: item.nameOnly === true ? '' : description(item),
    tooltip: item.nameOnly === true ? [item.entry.path] : tooltip(item, layer),
    icon: iconOf(item),
    context: [
      'path',
      type === 'directory' ? 'folder' : 'leaf',
      readable ? 'readable' : '',
      readable && type !== 'symlink' ? 'downloadable' : '',
      layer === undefined ? 'merged' : 'inlayer',
      change === 'removed' ? 'removed' : 'present',
    ],
    ...(item.expands ? {} : { expands: false }),
    ...(readable ? { command: 'gantry.openFile' } : {}),
  };
}

function iconOf({ entry, leadsTo }: FolderItem): string {
  if (entry.type === 'directory') return 'folder';
  if (entry.type === 'symlink') return leadsTo === 'directory' ? 'file-symlink-directory' : 'file-symlink-file';
  return entry.type === 'file' || entry.type === 'hardlink' ? 'file' : 'circuit-board';
}

/** `removed`, or size, mode, owner where it is not root, and where a link leads. */
function description({ entry }: FolderItem): string {
  const { type, change, size, mode, uid, gid, linkname } = entry;
  if (change === 'removed') return 'removed';
  const parts = [
    type === 'file' ? formatBytes(size) : '',
    type === 'symlink' ? '' : formatMode(mode),
    uid === 0 && gid === 0 ? '' : `${uid}:${gid}`,
    linkname === undefined || (type !== 'symlink' && type !== 'hardlink') ? '' : `→ ${linkname}`,
    change === 'unchanged' && type !== 'directory' ? 'unchanged' : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function tooltip({ entry, removedFrom }: FolderItem, layer: number | undefined): readonly string[] {
  const { path, type, change, size, mode, uid, gid, mtime, linkname } = entry;
  if (change === 'removed') {
    const last = removedFrom === undefined ? [] : [`Its last version is in layer #${removedFrom + 1}`];
    return [path, 'Removed by this layer', ...last];
  }
  return [
    path,
    ...(layer === undefined ? [`From layer #${entry.layer + 1}`] : []),
    ...(change === undefined ? [] : [changes[change]]),
    ...(type === 'file' ? [exactBytes(size)] : []),
    `${formatMode(mode)} (${mode.toString(8).padStart(4, '0')}), owner ${uid}:${gid}`,
    `Modified ${new Date(mtime * 1000).toISOString()}`,
    ...(linkname === undefined ? [] : [`→ ${linkname}`]),
  ];
}

const changes = {
  added: 'Added by this layer',
  modified: 'Modified by this layer',
  removed: 'Removed by this layer',
  unchanged: 'The same as in the layers below',
};
