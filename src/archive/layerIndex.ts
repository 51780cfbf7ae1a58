import type { Digest } from '../oci/digest.ts';
import type { Compression } from './compress.ts';

/** What an entry of a layer is. `other`: a type flag that Go's archive/tar passes on without knowing it. */
export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo' | 'other';

/** A part of a file's content inside the blob, where a table of contents says where it is. */
export interface ContentChunk {
  /** Bytes `start` up to, not including, `end` of the blob: one gzip member or zstd frame (or more). */
  readonly start: number;
  readonly end: number;
  /** Bytes of the decompressed range that come before the content. */
  readonly skip: number;
  /** Where the chunk stands in the file, and its length there, in bytes. */
  readonly offset: number;
  readonly size: number;
  /** Of the chunk's uncompressed content. */
  readonly digest?: Digest;
}

/** A piece of a sparse file that is stored; what is between the pieces is zeros. */
export interface Fragment {
  readonly offset: number;
  readonly size: number;
}

/**
 * One entry of a layer, as its tar has it: whiteouts too. Texts from the tar are UTF-8; bytes that are not are lone
 * surrogates U+DC80 to U+DCFF (byte + 0xDC00), so that every name is told from every other and none is lost.
 */
export interface LayerEntry {
  /**
   * The path from the root of the image as unpackers clean it: `a/b`, without slashes at the ends, `.`, `..` or empty names;
   * `''` is the root itself.
   */
  readonly path: string;
  readonly type: EntryType;
  /** Bytes of content; 0 for everything but files. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970, clamped to what a Date can show. */
  readonly mtime: number;
  /** As written: the text of a symbolic link, the path in the image of a hard link. */
  readonly linkname?: string;
  /** Of a file's content; absent for empty and sparse files, and where nothing has read the content. */
  readonly digest?: Digest;
  /** Where the content begins in the uncompressed tar, in bytes; -1 where only chunks say where it is. */
  readonly offset: number;
  readonly chunks?: readonly ContentChunk[];
  /** Of a sparse file: what the tar stores of it, one after the other from `offset`. */
  readonly fragments?: readonly Fragment[];
  /** The name as written, where a `..` of it leaves the root. */
  readonly unsafe?: string;
  /** Of device nodes. */
  readonly device?: { readonly major: number; readonly minor: number };
  /** Extended attributes: name to value in hex. */
  readonly xattrs?: Readonly<Record<string, string>>;
  /** The type flag of `other`. */
  readonly typeflag?: string;
}

/** What a layer holds, in the order of its tar. */
export interface LayerIndex {
  /** As its first bytes say, whatever its media type declares. */
  readonly compression: Compression;
  /** Bytes of the uncompressed tar; undefined where only a table of contents was read. */
  readonly tarSize?: number;
  readonly entries: readonly LayerEntry[];
  /** Sentences about what is odd but could be read: a wrong label, data after the end, duplicate or unsafe names. */
  readonly problems: readonly string[];
  /** Why reading ended early: entries up to there are right, more may be missing. */
  readonly damage?: string;
}

/** Bounds of what a layer may make this program read. */
export interface LayerLimits {
  readonly entries: number;
  /** Bytes of an uncompressed layer. */
  readonly tarBytes: number;
}

export const defaultLayerLimits: LayerLimits = { entries: 2_000_000, tarBytes: 32 * 2 ** 30 };

/** Longest path and link target of an entry, in bytes, and deepest path, in names. */
export const entryLimits = { pathBytes: 4096, depth: 255 } as const;
