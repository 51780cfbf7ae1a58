import type { BlobCounts } from '../api.ts';
import { opens } from '../content/bytes.ts';
import type { ContentSource, ImageSource, Io, Resolved } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { shortDigest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { CopyProgress, type OnProgress } from './copyProgress.ts';
import { blobsOf } from './graph.ts';
import { forEachParallel } from './parallel.ts';
import { type CopyPlan, type CopyTarget, planCopy, type PlanOptions } from './plan.ts';
import { failed, isTagged, putTagged, untouchedTag, writeTag } from './tagCommit.ts';
import { assertMayMove, type Overwrite } from './tagGuard.ts';
import { pushBlob, transferBlob } from './transfer.ts';
import { on } from './transferFailure.ts';

export interface CopyOptions {
  /** Let the tag move where the plan says that it names another digest. */
  readonly overwrite: Overwrite;
  /** What is being done, for errors. Default: `Copying sha256:ab12…`. */
  readonly doing?: string;
  readonly onProgress?: OnProgress;
}

export interface CopyOutcome {
  readonly descriptor: Descriptor;
  readonly blobs: BlobCounts;
  /** The sizes of the blobs that were transferred. */
  readonly bytesTransferred: number;
}

/** Plans a copy and executes it at once. @throws as `planCopy` and `executeCopy` */
export async function copyImage(
  source: ImageSource,
  identifier: string,
  target: CopyTarget,
  options: PlanOptions & CopyOptions,
  io: Io,
): Promise<CopyOutcome> {
  const plan = await planCopy(source, identifier, target, options, io);
  return executeCopy(plan, source, target, options, io);
}

/**
 * Does what was planned: blobs, then manifests, children before parents, the root with its tag last.
 * @throws OciError already-exists where the tag would move without `overwrite`, or has moved since the plan was made;
 * else with the side that failed and what the tag names now
 */
export async function executeCopy(
  plan: CopyPlan,
  source: ContentSource,
  target: CopyTarget,
  options: CopyOptions,
  io: Io,
): Promise<CopyOutcome> {
  const { descriptor, tagState } = plan;
  const { tag, old } = tagState;
  if (tag !== undefined) assertMayMove(tag, old, descriptor.digest, options);
  const progress = new CopyProgress(plan.present.length, plan.bytes, options.onProgress);
  const copying: Copying = { plan, source, target };
  const { doing = `Copying ${shortDigest(descriptor.digest)}` } = options;
  try {
    await moveBlobs(copying, progress, io);
    await pushManifests(copying, io);
  } catch (error) {
    io.signal.throwIfAborted();
    throw failed(doing, error, tag === undefined ? 'No tag was to be written.' : untouchedTag(tag, old));
  }
  const root = plan.levels.at(-1)?.[0];
  if (tag !== undefined && root !== undefined) {
    const put = (late: Io): Promise<void> =>
      repairing(copying, root, (inner) => putTagged(target, root, tag, inner), late);
    const change = { doing, tag, digest: descriptor.digest, old };
    if (!(await isTagged(target, change, io))) await writeTag(target, change, put, io);
  }
  return { descriptor, blobs: progress.blobs, bytesTransferred: progress.bytesTransferred };
}

interface Copying {
  readonly plan: CopyPlan;
  readonly source: ContentSource;
  readonly target: CopyTarget;
}

async function moveBlobs({ plan, source, target }: Copying, progress: CopyProgress, io: Io): Promise<void> {
  const mountable = new Set(plan.mountable);
  const move = async (blob: Descriptor, inner: Io): Promise<void> => {
    if (mountable.has(blob)) {
      progress.count(await transferBlob(source, target, blob, inner, progress.unplanned(blob)), blob);
    } else {
      await pushBlob(source, target, blob, inner, progress.onBytes);
      progress.count('transferred', blob);
    }
  };
  await forEachParallel([...plan.mountable, ...plan.transfer], 6, move, io);
}

/** All but the root of an image that gets a tag: tag and manifest are one request where the target can. */
async function pushManifests(copying: Copying, io: Io): Promise<void> {
  const { levels, tagState } = copying.plan;
  for (const level of tagState.tag === undefined ? levels : levels.slice(0, -1)) {
    await forEachParallel(level, 6, (node, inner) => pushManifest(copying, node, inner), io);
  }
}

async function pushManifest(copying: Copying, node: Resolved, io: Io): Promise<void> {
  const push = (inner: Io): Promise<void> => {
    return copying.target.push(node.descriptor, opens(node.manifest.bytes), inner);
  };
  await repairing(copying, node, push, io);
}

/** Content can go between the plan and the manifest: what the target misses is brought once more, and `put` tried again. */
async function repairing(copying: Copying, node: Resolved, put: (io: Io) => Promise<void>, io: Io): Promise<void> {
  try {
    await put(io);
  } catch (error) {
    io.signal.throwIfAborted();
    if (!isOciError(error, 'not-found')) throw error;
    await bringMissing(copying, node.manifest, io);
    await on('target', put(io));
  }
}

async function bringMissing(copying: Copying, manifest: Manifest, io: Io): Promise<void> {
  const { plan, source, target } = copying;
  const foreign = new Set(plan.foreign.map(({ digest }) => digest));
  const blobs = blobsOf(manifest).filter(({ digest }) => !foreign.has(digest));
  const bring = async (blob: Descriptor, inner: Io): Promise<void> => {
    if (!(await on('target', target.has(blob, inner)))) await pushBlob(source, target, blob, inner);
  };
  await forEachParallel(new Map(blobs.map((blob) => [blob.digest, blob])).values(), 6, bring, io);
  if (manifest.kind === 'image') return;
  const listed = new Set(manifest.manifests.map(({ digest }) => digest));
  for (const child of plan.levels.flat().filter(({ descriptor }) => listed.has(descriptor.digest))) {
    if (!(await on('target', target.has(child.descriptor, io)))) await pushManifest(copying, child, io);
  }
}
