import type { FileEntry } from '../api.ts';

/** One file or folder of an image, as a list shows it. */
export interface FolderItem {
  /** As in a layer's index: bytes that are not UTF-8 are lone surrogates. `''` for the root. */
  readonly name: string;
  readonly entry: FileEntry;
  /** True for a folder that holds something. */
  readonly expands: boolean;
  /** Nothing but its name is known: its layer is still being read, or has files in it without listing it. */
  readonly nameOnly?: boolean;
  /** Of a symbolic link that leads to something inside the image. */
  readonly leadsTo?: 'file' | 'directory' | 'other';
  /** Of a removed file: the layer, from 0, that has its last version. */
  readonly removedFrom?: number;
}

/** Folders first, then by the code units of the names: the same on every machine, whatever its language. */
export function byFolderAndName(a: FolderItem, b: FolderItem): number {
  const folders = Number(b.entry.type === 'directory') - Number(a.entry.type === 'directory');
  return folders !== 0 ? folders : a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** The part of a path before its last slash; `''` for a name alone. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
