import { FilePermission, type FileStat, FileType } from 'vscode';
import type { FolderItem } from '../browse/folderItem.ts';
import type { FileAddress } from './filePaths.ts';

/** What a read-only file answers: its type, bytes, and time in milliseconds since 1970. */
export function statOf(type: FileType, size: number, mtime: number): FileStat {
  return { type, ctime: 0, mtime, size, permissions: FilePermission.Readonly };
}

/** True for symbolic and hard links: their size is that of what they lead to. */
export function isLink({ entry }: FolderItem): boolean {
  return entry.type === 'symlink' || entry.type === 'hardlink';
}

/** A link that leads nowhere, and what is no file or folder, is of unknown type: editors leave it alone. */
export function typeOf({ entry, leadsTo, expands }: FolderItem, { layer }: FileAddress): FileType {
  if (entry.type === 'directory' || expands) return FileType.Directory;
  if (entry.type === 'symlink') {
    if (layer !== undefined || leadsTo === 'file') return FileType.SymbolicLink | FileType.File;
    if (leadsTo === 'directory') return FileType.SymbolicLink | FileType.Directory;
    return FileType.SymbolicLink;
  }
  const isFile = entry.type === 'file' || (entry.type === 'hardlink' && layer !== undefined);
  return isFile ? FileType.File : FileType.Unknown;
}
