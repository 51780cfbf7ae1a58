import type { ByteStream, Io } from '../content/store.ts';
import type { SourceFile } from './sourceFile.ts';

/** Content that is on no disk. */
export interface GeneratedContent {
  /** Bytes; what `open` gives must have exactly so many. */
  readonly size: number;
  /** What it is, for messages: `classes.jar: com/example/A.class`. */
  readonly name: string;
  readonly open: (io: Io) => ByteStream;
}

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
  | (EntryBase & { readonly kind: 'file'; readonly source: SourceFile | GeneratedContent })
  /** `target` is the text of a symbolic link, or the path in the image of the file that a hard link is another name of. */
  | (EntryBase & { readonly kind: 'symlink' | 'link'; readonly target: string });

/** What a source of content is, for messages. */
export function nameOf(source: SourceFile | GeneratedContent): string {
  return 'open' in source ? source.name : source.path;
}
