import type { GeneratedContent } from './treeEntry.ts';

/** Something that goes into a layer. */
export type LayerFile = FileOnDisk | GeneratedFile;

interface Placed {
  /** Permission bits of every file. Default: 0755 for executables, 0644 for others. */
  readonly mode?: number;
  /** Permission bits of every folder. Default: 0755. */
  readonly directoryMode?: number;
  /** Owner of everything. Default: 0. */
  readonly uid?: number;
  readonly gid?: number;
}

/** A file or folder of this machine and where it goes in the image. */
export interface FileOnDisk extends Placed {
  /** A path of this machine. A folder's contents go below `to`; a symbolic link given here is followed, one found in a folder is not. */
  readonly from: string;
  /** The absolute path in the image. A file goes into `to` under its own name where `to` ends in `/`. */
  readonly to: string;
  /** Which of the contents of a folder. Default: all. */
  readonly filter?: PathFilter;
}

/** A file that is on no disk, such as one out of a JAR. */
export interface GeneratedFile extends Placed {
  readonly to: string;
  readonly content: GeneratedContent;
}

/** Chooses paths below a folder: relative, with `/`, without one at either end. */
export interface PathFilter {
  /** True where a file, link or folder itself goes into the layer. Folders above something that does are in it anyway. */
  keeps(path: string, isFolder: boolean): boolean;
  /** True where a folder that is not kept may hold something that is. */
  enters(path: string): boolean;
}
