import { fetchManifest } from '../content/bytes.ts';
import type { ImageSource, ImageTarget, Io, Mounter, Resolved, TaggingTarget } from '../content/store.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { manifestDescriptor } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import { type ImageGraph, readGraph } from './graph.ts';
import { mapParallel } from './parallel.ts';
import { selectPlatforms } from './platforms.ts';
import { assertTag, taggedDigest } from './tagGuard.ts';
import { on } from './transferFailure.ts';

/** Where an image can be copied to. */
export type CopyTarget = ImageTarget & Partial<Mounter & TaggingTarget>;

/** The tag that a copy will write, and what it named when the plan was made. */
export interface TagState {
  /** Absent: the image is stored under its digest only. */
  readonly tag?: string;
  /** Absent: there was no such tag. */
  readonly old?: Digest;
}

/** What a copy will do; nothing is written before it is executed. */
export interface CopyPlan {
  /** What the target tag will name: the source's own digest, but where platforms were chosen. */
  readonly descriptor: Descriptor;
  readonly tagState: TagState;
  /** True where the tag names this digest already: there is nothing to do, and nothing more was read. */
  readonly done: boolean;
  /** The manifests to write: each one's children are in earlier levels; the last level is the root alone. */
  readonly levels: readonly (readonly Resolved[])[];
  /** Blobs that the target has. */
  readonly present: readonly Descriptor[];
  /** Blobs that the registry can take over from the source's repository. */
  readonly mountable: readonly Descriptor[];
  /** Blobs to transfer. */
  readonly transfer: readonly Descriptor[];
  /** Layers that stay where their `urls` say. */
  readonly foreign: readonly Descriptor[];
  /** The size of `transfer`, in bytes. */
  readonly bytes: number;
}

export interface PlanOptions {
  /** Only these platforms of an index, as a new index. Default: everything. */
  readonly platforms?: readonly Platform[];
  readonly tag?: string;
}

/**
 * Resolves the source once and finds out what a copy has to move. Two requests where the tag names the same digest already.
 * @throws OciError with the side that failed; not-found where the source lacks a child manifest or a platform
 */
export async function planCopy(
  source: ImageSource,
  identifier: string,
  target: CopyTarget,
  options: PlanOptions,
  io: Io,
): Promise<CopyPlan> {
  if (options.tag !== undefined) assertTag(options.tag);
  const [descriptor, tagState] = await Promise.all([
    on('source', source.resolve(identifier, io)),
    on('target', readTag(target, options.tag, io)),
  ]);
  if (options.platforms === undefined && tagState.old === descriptor.digest) return done(descriptor, tagState);
  const { root, graph } = await on('source', readImage(source, descriptor, options.platforms, io));
  if (tagState.old === root.digest) return done(root, tagState);
  const blobs = await sortBlobs(source, target, graph.blobs, io);
  const bytes = blobs.transfer.reduce((sum, { size }) => sum + size, 0);
  const { levels, foreign } = graph;
  return { descriptor: root, tagState, done: false, levels, ...blobs, foreign, bytes };
}

async function readTag(target: CopyTarget, tag: string | undefined, io: Io): Promise<TagState> {
  if (tag === undefined) return {};
  const old = await taggedDigest(target, tag, io);
  return old === undefined ? { tag } : { tag, old };
}

function done(descriptor: Descriptor, tagState: TagState): CopyPlan {
  const nothing = { levels: [], present: [], mountable: [], transfer: [], foreign: [], bytes: 0 };
  return { descriptor, tagState, done: true, ...nothing };
}

async function readImage(
  source: ImageSource,
  descriptor: Descriptor,
  platforms: readonly Platform[] | undefined,
  io: Io,
): Promise<{ root: Descriptor; graph: ImageGraph }> {
  const manifest = await fetchManifest(source, descriptor, io);
  if (platforms === undefined)
    return { root: descriptor, graph: await readGraph(source, { descriptor, manifest }, io) };
  const { root, derived } = await selectPlatforms(source, manifest, platforms, io);
  const chosen = root === manifest ? descriptor : manifestDescriptor(root);
  return { root: chosen, graph: await readGraph(source, { descriptor: chosen, manifest: root }, io, derived) };
}

type SortedBlobs = Pick<CopyPlan, 'present' | 'mountable' | 'transfer'>;

/** Mountable blobs are not looked for: the mount itself says whether they are there. */
async function sortBlobs(
  source: ImageSource,
  target: CopyTarget,
  blobs: readonly Descriptor[],
  io: Io,
): Promise<SortedBlobs> {
  const largestFirst = blobs.toSorted((a, b) => b.size - a.size);
  if (target.mountableFrom?.(source) !== undefined) return { present: [], mountable: largestFirst, transfer: [] };
  const look = (blob: Descriptor, inner: Io): Promise<boolean> => on('target', target.has(blob, inner));
  const there = await mapParallel(largestFirst, 6, look, io);
  return {
    present: largestFirst.filter((_, at) => there[at] === true),
    mountable: [],
    transfer: largestFirst.filter((_, at) => there[at] !== true),
  };
}
