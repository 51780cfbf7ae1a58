import type { EntryType, LayerEntry } from './layerIndex.ts';

/** Where a file's bytes are: in an entry of a layer (from 0). */
export interface ContentPlace {
  readonly layer: number;
  readonly entry: LayerEntry;
}

/** A file or directory of the merged view. */
export interface FileNode {
  /** The last part of the path; `''` for the root. */
  readonly name: string;
  readonly path: string;
  /**
   * The entry that made it; undefined for a directory that is only implied by a path below it. A hard link to what is no
   * file is another name of that: its entry is the target's, with this path.
   */
  readonly entry: LayerEntry | undefined;
  /** The layer of `entry`, from 0. */
  readonly layer: number;
  /** Of files and hard links to files: where the bytes are; undefined for a hard link whose target is not there. */
  readonly content?: ContentPlace | undefined;
  /** Of directories only. */
  readonly children?: ReadonlyMap<string, FileNode> | undefined;
}

export type Change = 'added' | 'modified' | 'removed' | 'unchanged';

/** What one layer did to one path. */
export interface LayerChange {
  /** Where it is in the image: not where the entry says, where a parent of it is a symbolic link there. */
  readonly path: string;
  readonly change: Change;
  /** The layer's own entry; for a removal its whiteout, or the entry that took the place of a parent. */
  readonly entry: LayerEntry;
  /** What the layers below had at the path; of a directory's children only those that no later layer changed. */
  readonly before?: FileNode;
  /** Of files and hard links to files: where the bytes are as of this layer. */
  readonly content?: ContentPlace;
}

/** What a file is, with hard links resolved. */
export interface FileStat {
  /** `hardlink` only where the target is not there. */
  readonly type: EntryType;
  /** Bytes of content; 0 for everything but files. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly linkname?: string;
}

/** As unpackers make directories that no layer lists. */
const impliedDirectory: FileStat = { type: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0, mtime: 0 };

/** What a node is: of a hard link its file, of an implied directory 0755 of root. */
export function statOf(node: FileNode): FileStat {
  const entry = node.content?.entry ?? node.entry;
  if (entry === undefined) return impliedDirectory;
  const { type, size, mode, uid, gid, mtime, linkname } = entry;
  return { type, size, mode, uid, gid, mtime, ...(linkname === undefined ? {} : { linkname }) };
}

/** Bytes of a file's content; 0 for everything else. */
export function sizeOf(node: FileNode): number {
  return node.content?.entry.size ?? 0;
}
