import type { Compression, RunOptions } from '../api.ts';
import type { Layers } from '../archive/layers.ts';
import type { GitFacts } from '../containerize/spec/gitFacts.ts';
import type { BuildStep } from '../containerize/recipes/recipe.ts';
import type { Io } from '../content/store.ts';
import type { Stores } from './stores.ts';

/** What the verbs need beside their options. */
export interface VerbContext {
  readonly stores: Stores;
  /** What is known of layers, with its caches. */
  readonly layers: Layers;
  /** Platforms to show first, such as `linux/amd64`. */
  readonly platforms: () => readonly string[];
  readonly compression: () => Compression;
  /** A folder for layers that are being packed; emptied after each use. */
  readonly temporary: string;
  /** Seconds since 1970 for everything dated in a new image (SOURCE_DATE_EPOCH). */
  readonly epoch: number;
  /** References of bases that the user wants recommended beside the usual ones. */
  readonly bases?: () => readonly string[];
  /** What the editor knows of the commit of a folder. */
  readonly git?: (folder: string) => Promise<GitFacts>;
  /** Of this program, for the documents it writes. */
  readonly version?: string;
  /** Whether an SBOM is attached where the options do not say. Absent: no. */
  readonly sbom?: () => boolean;
  /** Runs a command of the user's tool chain. Absent: nothing can be built. @throws OciError helper-failed, not-found */
  readonly runBuild?: (step: BuildStep, io: Io) => Promise<void>;
}

/** One verb: options from outside, the stores and settings, where to report, and the signal that stops it. */
export type Verb<Result> = (options: unknown, context: VerbContext, run: RunOptions, io: Io) => Promise<Result>;
