import type { SourceFile } from './sourceFile.ts';

interface EntryBase {
  /** The path in the image without a slash at either end. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** One entry of a layer to be written. */
export type TreeEntry =
  | (EntryBase & { readonly kind: 'directory' })
  | (EntryBase & { readonly kind: 'file'; readonly source: SourceFile })
  /** `target` is the text of a symbolic link, or the path in the image of the file that a hard link is another name of. */
  | (EntryBase & { readonly kind: 'symlink' | 'link'; readonly target: string });
