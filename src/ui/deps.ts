import type {
  AnalyzeImageResult,
  AppendLayerResult,
  BinaryDescription,
  CompareImagesResult,
  ContainerizeResult,
  CopyImageResult,
  DeleteImageResult,
  FileEntry,
  ImageReport,
  InspectImageResult,
  PreflightResult,
  ProjectSummary,
  RecommendedBase,
  RetagResult,
  RunOptions,
  SaveImageResult,
  SearchInImageResult,
} from '../api.ts';
import type { RegistryList } from '../browse/access.ts';
import type { ImageFolders } from '../browse/imageFolders.ts';
import type { LocalStores } from '../browse/localStore.ts';
import type { Io } from '../content/store.ts';
import type { CredentialOptions } from '../credentials/dockerConfig.ts';
import type { SecretCredentials } from './secrets.ts';
import type { LogChannel } from './logChannel.ts';

/** The verbs with options nobody has read yet: each verb reads its own and refuses what it does not know. */
export interface ProgramApi {
  copyImage(options: unknown, run?: RunOptions): Promise<CopyImageResult>;
  retag(options: unknown, run?: RunOptions): Promise<RetagResult>;
  inspectImage(options: unknown, run?: RunOptions): Promise<InspectImageResult>;
  appendLayer(options: unknown, run?: RunOptions): Promise<AppendLayerResult>;
  containerize(options: unknown, run?: RunOptions): Promise<ContainerizeResult>;
  detectProjects(options: unknown, run?: RunOptions): Promise<readonly ProjectSummary[]>;
  recommendBases(options: unknown, run?: RunOptions): Promise<readonly RecommendedBase[]>;
  listRepositories(options: unknown, run?: RunOptions): Promise<readonly string[]>;
  listTags(options: unknown, run?: RunOptions): Promise<readonly string[]>;
  deleteImage(options: unknown, run?: RunOptions): Promise<DeleteImageResult>;
  listFiles(options: unknown, run?: RunOptions): Promise<readonly FileEntry[]>;
  readFile(options: unknown, run?: RunOptions): Promise<Uint8Array>;
  searchInImage(options: unknown, run?: RunOptions): Promise<SearchInImageResult>;
  analyzeImage(options: unknown, run?: RunOptions): Promise<AnalyzeImageResult>;
  compareImages(options: unknown, run?: RunOptions): Promise<CompareImagesResult>;
  saveImage(options: unknown, run?: RunOptions): Promise<SaveImageResult>;
  describeBinary(options: unknown, run?: RunOptions): Promise<BinaryDescription>;
  preflight(options: unknown, run?: RunOptions): Promise<PreflightResult>;
}

/** The registry this program serves on loopback. */
export interface LocalRegistryControl {
  /** `localhost:PORT`, running or not. */
  readonly name: string;
  readonly running: boolean;
  start(io: Io): Promise<void>;
  stop(): Promise<void>;
}

/** What finds credential files on this machine. */
export type CredentialFiles = Pick<CredentialOptions, 'env' | 'home' | 'platform' | 'helperDirectory'>;

/** What the user interface is given; extension.ts builds it. */
export interface UiDeps {
  /** The verbs, made at their first use. */
  readonly api: () => ProgramApi;
  /** What the image report shows. Not for programs: `analyzeImage` is. */
  readonly report: (options: unknown, run?: RunOptions) => Promise<ImageReport>;
  /** The gantry.yaml in a folder that makes again what options make. Not for programs. */
  readonly specText: (options: unknown, run?: RunOptions) => Promise<string>;
  readonly registries: RegistryList;
  /** Opens layouts and archives on disk. */
  readonly localStores: LocalStores;
  /** What is known of the files of images. */
  readonly folders: ImageFolders;
  /** Empties the cache of layers. Returns the bytes that were freed. */
  readonly clearCache: () => Promise<number>;
  readonly secrets: SecretCredentials;
  readonly log: LogChannel;
  readonly localRegistry: LocalRegistryControl;
  /** Where docker's configuration is looked for. */
  readonly credentialFiles: CredentialFiles;
  /** Forgets connections and tokens, so that changed credentials and settings are used from now on. */
  readonly reset: () => Promise<void>;
}
