/** Options and results of the verbs that look inside images. */

/** Reads one image without pulling it. */
export interface ImageOptions {
  /** A registry reference, `oci:PATH[:TAG]`, `oci-archive:PATH[:TAG]` or `docker-archive:PATH[:NAME]`. */
  readonly image: string;
  /** Which image of an index. Default: the first platform of the settings that the index has, else its first image. */
  readonly platform?: string;
}

export interface ListFilesOptions extends ImageOptions {
  /** One layer's own entries instead of the merged view: its position from 0, or its digest. */
  readonly layer?: number | string;
  /** Only this path and what is below it. Default: everything. */
  readonly path?: string;
}

export type FileType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo' | 'other';

/** What a layer did to a path. */
export type FileChange = 'added' | 'modified' | 'removed' | 'unchanged';

export interface FileEntry {
  /** Absolute, without a slash at the end but for the root. Bytes that are not UTF-8 are lone surrogates U+DC80–U+DCFF. */
  readonly path: string;
  /** In the merged view a hard link is the file that it is another name of. */
  readonly type: FileType;
  /** Bytes of content; 0 for everything but files. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky, as a number: 0o755 is 493. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly linkname?: string;
  /** The layer it comes from, from 0. */
  readonly layer: number;
  /** With `layer` only. A removal is the path that was removed. */
  readonly change?: FileChange;
}

export interface ReadFileOptions extends ImageOptions {
  /** The version of this layer (position from 0, or digest) instead of the merged view's. */
  readonly layer?: number | string;
  /** Symbolic links are followed inside the image. */
  readonly path: string;
}

/** dive's rules: an absent rule is not checked, a number or text as dive's CI file has it. */
export interface AnalysisRules {
  /** Fails where efficiency is lower; 0 to 1. */
  readonly lowestEfficiency?: number | string;
  /** Fails where more bytes are wasted; a number, or text such as `20MB`. */
  readonly highestWastedBytes?: number | string;
  /** Fails where a larger part of all layers but the first is wasted; 0 to 1. */
  readonly highestUserWastedPercent?: number | string;
}

export interface AnalyzeImageOptions extends ImageOptions {
  readonly rules?: AnalysisRules;
}

export interface InefficientFile {
  readonly path: string;
  /** Layers that hold the path. */
  readonly count: number;
  /** Bytes of all of its versions together. */
  readonly bytes: number;
}

export interface LayerSize {
  readonly digest: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Bytes of the files in it, uncompressed. */
  readonly sizeBytes: number;
  readonly createdBy: string | null;
}

export type FindingKind = 'setuid' | 'setgid' | 'world-writable' | 'secret' | 'cache' | 'unsafe-path';

export interface Finding {
  readonly kind: FindingKind;
  readonly path: string;
  /** A sentence. */
  readonly text: string;
  readonly layer: number;
  /** Bytes that are affected; 0 where size does not matter. */
  readonly bytes: number;
}

/** Files of the merged view with the same content. */
export interface DuplicateFiles {
  readonly digest: string;
  /** Of one of them. */
  readonly size: number;
  readonly paths: readonly string[];
  /** What all but one of them take. */
  readonly wastedBytes: number;
}

export interface RuleResult {
  readonly rule: string;
  readonly passed: boolean;
  readonly value: number;
  readonly threshold: number;
}

export interface AnalyzeImageResult {
  readonly reference: string;
  readonly digest: string;
  readonly platform: string | null;
  /** Uncompressed bytes of the files of all layers. */
  readonly sizeBytes: number;
  /** The same without the first layer. */
  readonly userSizeBytes: number;
  /** dive's score, 0 to 1. */
  readonly efficiency: number;
  /** dive's figure: all versions of files that are in more than one layer, the last one too. */
  readonly wastedBytes: number;
  /** wastedBytes of userSizeBytes, 0 to 1 and above; 0 where userSizeBytes is 0. */
  readonly wastedPercent: number;
  /** The true figure: bytes in the layers that the merged view does not show. */
  readonly reclaimableBytes: number;
  /** Bytes of the merged view; each hard-linked file once. */
  readonly filesystemBytes: number;
  readonly fileCount: number;
  readonly inefficientFiles: readonly InefficientFile[];
  readonly duplicates: readonly DuplicateFiles[];
  readonly layers: readonly LayerSize[];
  readonly findings: readonly Finding[];
  /** With `rules` only. */
  readonly rules?: readonly RuleResult[];
  /** What could not be read or looked odd, in sentences. */
  readonly problems: readonly string[];
}

/** The merged view by size, largest first, for a picture of it. */
export interface SizeNode {
  readonly name: string;
  readonly path: string;
  /** Of all files in it. */
  readonly bytes: number;
  readonly files: number;
  /** The layer that the file, or most bytes of the directory, come from, from 0. */
  readonly layer: number;
  /** `rest`: several small ones together. */
  readonly kind: 'directory' | 'file' | 'rest';
  readonly children: readonly SizeNode[];
}

/** What the image report shows. */
export interface ImageReport {
  readonly result: AnalyzeImageResult;
  readonly tree: SizeNode;
}

/** What the page of an image report is sent: of each list as many entries as it can show. */
export interface ReportPageContent extends ImageReport {
  /** How many entries the lists have, shown or not. */
  readonly totals: Readonly<Record<'inefficientFiles' | 'duplicates' | 'findings' | 'problems', number>>;
  /** How many paths each of the duplicates has, shown or not. */
  readonly paths: readonly number[];
  /** The page keeps it for the next start of the window. */
  readonly image: string;
}

export interface SearchInImageOptions extends ImageOptions {
  /** One line of text, matched in any part of a line. */
  readonly query: string;
  /** The query is a JavaScript regular expression, matched against single lines. Default: false. */
  readonly isRegExp?: boolean;
  /** Default: false. */
  readonly isCaseSensitive?: boolean;
  /** One layer's own files instead of the merged view: its position from 0, or its digest. */
  readonly layer?: number | string;
  /** Only this path and what is below it. Default: everything. */
  readonly path?: string;
}

/** A line of a text file, by its first match. */
export interface FoundLine {
  /** Absolute. A hard-linked file is found by one of its names. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1, of the match in the line, in UTF-16 units. */
  readonly column: number;
  /** The line; of one of more than 400 characters the part around the match. */
  readonly text: string;
}

export interface SearchInImageResult {
  /** In the order of paths and lines; at most 2,000. */
  readonly matches: readonly FoundLine[];
  /** Sentences about what was not searched: large files, damaged layers, matches beyond the limit. */
  readonly problems: readonly string[];
}

export interface CompareImagesOptions {
  readonly left: string;
  readonly right: string;
  readonly platform?: string;
}

/** A path of one of two images. */
export interface ComparedFile {
  readonly path: string;
  readonly type: FileType;
  readonly size: number;
}

export interface ChangedFile {
  readonly path: string;
  readonly before: FileEntry;
  readonly after: FileEntry;
  /** What differs. */
  readonly differences: readonly ('type' | 'content' | 'device' | 'mode' | 'owner' | 'linkname' | 'xattrs')[];
}

export interface ConfigDifference {
  /** Such as `Env.PATH`, `Entrypoint`, `Labels.version`. */
  readonly name: string;
  /** null where it is absent. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface PackageDifference {
  readonly name: string;
  readonly manager: 'dpkg' | 'apk' | 'rpm';
  /** null where it is absent. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface CompareImagesResult {
  readonly left: { readonly reference: string; readonly digest: string; readonly platform: string | null };
  readonly right: { readonly reference: string; readonly digest: string; readonly platform: string | null };
  readonly added: readonly ComparedFile[];
  readonly removed: readonly ComparedFile[];
  readonly changed: readonly ChangedFile[];
  readonly config: readonly ConfigDifference[];
  readonly packages: readonly PackageDifference[];
  readonly problems: readonly string[];
}

export interface SaveImageOptions {
  readonly image: string;
  /** `oci:PATH[:TAG]`, `oci-archive:PATH[:TAG]` or `docker-archive:PATH[:NAME]`. */
  readonly target: string;
  /** Default: everything; for docker-archive the image must have one platform or one must be named. */
  readonly platforms?: readonly string[];
  /** Replace an archive file that is there. Default: false, rejects with already-exists. */
  readonly overwrite?: boolean;
}

export interface SaveImageResult {
  readonly digest: string;
  readonly target: string;
  readonly bytes: number;
}
