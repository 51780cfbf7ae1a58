import type { BinaryDescription, DescribeBinaryOptions, PreflightOptions, PreflightResult } from './apiContainerize.ts';
import type {
  AnalyzeImageOptions,
  AnalyzeImageResult,
  CompareImagesOptions,
  CompareImagesResult,
  FileEntry,
  ListFilesOptions,
  ReadFileOptions,
  SaveImageOptions,
  SaveImageResult,
  SearchInImageOptions,
  SearchInImageResult,
} from './apiFiles.ts';
import type {
  ConfigChanges,
  ContainerizeOptions,
  ContainerizeResult,
  DetectProjectsOptions,
  ProjectSummary,
  RecommendBasesOptions,
  RecommendedBase,
} from './apiImage.ts';
import type { OciErrorCode } from './errors.ts';

export type * from './apiContainerize.ts';
export type * from './apiFiles.ts';
export type * from './apiImage.ts';

/** Options and results of the verbs. Everything is plain JSON, but the optional signal and progress callback. */

/** Bytes moved so far. `total` is absent until it is known. */
export interface Progress {
  readonly message: string;
  readonly bytes: number;
  readonly total?: number;
}

/** Accepted by every verb beside its own options. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface CopyImageOptions {
  /** A registry reference or `oci:PATH[:TAG]`. */
  readonly source: string;
  readonly target: string;
  /** `linux/arm64`, …: only these platforms of an index, as a new index. Default: everything, digest unchanged. */
  readonly platforms?: readonly string[];
  /**
   * Let the target tag move where it names another digest: `true`, or the digest that it may move from. Default: false,
   * rejects with already-exists.
   */
  readonly overwrite?: boolean | string;
  /** Plan only: nothing is written; `transferred` and `bytesTransferred` say what would be. */
  readonly dryRun?: boolean;
}

export interface BlobCounts {
  readonly present: number;
  readonly mounted: number;
  readonly transferred: number;
}

export interface CopyImageResult {
  readonly digest: string;
  readonly mediaType: string;
  readonly target: string;
  readonly blobs: BlobCounts;
  readonly bytesTransferred: number;
}

export interface RetagOptions {
  readonly image: string;
  readonly tags: readonly string[];
  readonly overwrite?: boolean | string;
}

export interface RetagResult {
  readonly digest: string;
  readonly tags: readonly string[];
}

export interface InspectImageOptions {
  readonly image: string;
  /** Which image of an index. Default: the first platform of the settings that the index has, else its first image. */
  readonly platform?: string;
}

export interface LayerSummary {
  readonly digest: string;
  readonly diffId: string | null;
  readonly size: number;
  readonly mediaType: string;
  readonly createdBy: string | null;
}

export interface PlatformSummary {
  /** `linux/arm64`, `unknown/unknown` for attestations. */
  readonly platform: string;
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

export interface InspectImageResult {
  readonly reference: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly platforms: readonly PlatformSummary[];
  /** The image config as the registry stores it; null for an artifact or an index without images. */
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly layers: readonly LayerSummary[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** One file, folder or tar to put into the new layer. */
export interface FileToAdd {
  /** An absolute path on this machine: a file, a folder (its contents go below `to`) or a symbolic link. */
  readonly from: string;
  /** The absolute path in the image. */
  readonly to: string;
  /** Octal permissions of a file, such as `0755`. Default: 0755 for executable files and folders, 0644 for others. */
  readonly mode?: string;
}

export type Compression = 'gzip' | 'zstd' | 'none';

export interface AppendLayerOptions {
  /** A reference, `oci:PATH[:TAG]`, or `scratch`. */
  readonly base: string;
  readonly target: string;
  readonly files: readonly FileToAdd[];
  /** Layers that exist as tar files (plain, gzip or zstd), appended before `files`. */
  readonly tars?: readonly string[];
  /** Owner of every added file, `uid[:gid]`. Default: 0:0. */
  readonly owner?: string;
  /** Default: every image of the base; for `scratch` linux/amd64. */
  readonly platforms?: readonly string[];
  readonly config?: ConfigChanges;
  readonly compression?: Compression;
  readonly overwrite?: boolean | string;
  readonly dryRun?: boolean;
}

export interface AddedLayer {
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
  /** True where the target had the layer already and it was not uploaded. */
  readonly reused: boolean;
}

export interface AppendLayerResult {
  readonly digest: string;
  readonly target: string;
  readonly layers: readonly AddedLayer[];
  readonly bytesTransferred: number;
}

export interface DeleteImageOptions {
  readonly image: string;
  /** Remove only the tag. Default: false, the manifest is removed with every tag that names it. */
  readonly untagOnly?: boolean;
}

export interface DeleteImageResult {
  /** The digest, or with untagOnly the tag, that was removed. */
  readonly deleted: string;
  /** Other tags that named the same manifest and are gone with it. */
  readonly alsoUntagged: readonly string[];
}

/** What `activate()` returns, and what the commands of the same names do. Rejects with an Error that has a `code`. */
export interface GantryApi {
  copyImage(options: CopyImageOptions, run?: RunOptions): Promise<CopyImageResult>;
  retag(options: RetagOptions, run?: RunOptions): Promise<RetagResult>;
  inspectImage(options: InspectImageOptions, run?: RunOptions): Promise<InspectImageResult>;
  appendLayer(options: AppendLayerOptions, run?: RunOptions): Promise<AppendLayerResult>;
  containerize(options: ContainerizeOptions, run?: RunOptions): Promise<ContainerizeResult>;
  detectProjects(options: DetectProjectsOptions, run?: RunOptions): Promise<readonly ProjectSummary[]>;
  recommendBases(options: RecommendBasesOptions, run?: RunOptions): Promise<readonly RecommendedBase[]>;
  listRepositories(options: { readonly registry: string }, run?: RunOptions): Promise<readonly string[]>;
  listTags(options: { readonly repository: string }, run?: RunOptions): Promise<readonly string[]>;
  deleteImage(options: DeleteImageOptions, run?: RunOptions): Promise<DeleteImageResult>;
  listFiles(options: ListFilesOptions, run?: RunOptions): Promise<readonly FileEntry[]>;
  readFile(options: ReadFileOptions, run?: RunOptions): Promise<Uint8Array>;
  searchInImage(options: SearchInImageOptions, run?: RunOptions): Promise<SearchInImageResult>;
  analyzeImage(options: AnalyzeImageOptions, run?: RunOptions): Promise<AnalyzeImageResult>;
  compareImages(options: CompareImagesOptions, run?: RunOptions): Promise<CompareImagesResult>;
  saveImage(options: SaveImageOptions, run?: RunOptions): Promise<SaveImageResult>;
  describeBinary(options: DescribeBinaryOptions, run?: RunOptions): Promise<BinaryDescription>;
  preflight(options: PreflightOptions, run?: RunOptions): Promise<PreflightResult>;
}

export type GantryErrorCode = OciErrorCode;
