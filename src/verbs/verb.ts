import type { Compression, RunOptions } from '../api.ts';
import type { Layers } from '../archive/layers.ts';
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
}

/** One verb: options from outside, the stores and settings, where to report, and the signal that stops it. */
export type Verb<Result> = (options: unknown, context: VerbContext, run: RunOptions, io: Io) => Promise<Result>;
