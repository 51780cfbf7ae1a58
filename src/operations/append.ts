import type { AddedLayer } from '../api.ts';
import type { Io } from '../content/store.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { executeCopy } from './copy.ts';
import type { OnProgress } from './copyProgress.ts';
import type { DerivedSource } from './derivedSource.ts';
import { mapParallel } from './parallel.ts';
import { type CopyPlan, type CopyTarget, planCopy } from './plan.ts';
import { type AppendPlan, planAppend } from './appendPlan.ts';
import type { Overwrite } from './tagGuard.ts';
import { on } from './transferFailure.ts';

export { planAppend };

export interface PushAppendOptions {
  /** Absent: the new image is stored under its digest only. */
  readonly tag?: string;
  /** Let the tag move where it names another digest. */
  readonly overwrite: Overwrite;
  readonly onProgress?: OnProgress;
}

export interface AppendOutcome {
  readonly descriptor: Descriptor;
  /** The new layers in the order they were given; `reused` where the target had one already. */
  readonly layers: readonly AddedLayer[];
  /** The sizes of the blobs that were transferred. */
  readonly bytesTransferred: number;
}

/**
 * What `pushAppend` would do, found out without writing anything. Base layers that the target's registry can mount count as
 * mounted; a tag that would have to move is no failure yet.
 */
export async function previewAppend(
  plan: AppendPlan,
  target: CopyTarget,
  tag: string | undefined,
  io: Io,
): Promise<AppendOutcome> {
  const copy = await planPush(plan, target, tag, io);
  return outcome(plan, copy, copy.bytes);
}

/**
 * Writes a new image: base layers mounted where the base is in the same registry, else kept or copied; new layers the target
 * lacks; then configs, manifests and the tag, in the order and with the care of a copy.
 * @throws as `executeCopy`
 */
export async function pushAppend(
  plan: AppendPlan,
  target: CopyTarget,
  options: PushAppendOptions,
  io: Io,
): Promise<AppendOutcome> {
  const copy = await planPush(plan, target, options.tag, io);
  const choice = { ...options, doing: `Appending to ${plan.onto}` };
  const { bytesTransferred } = await executeCopy(copy, plan.source, mountingFromBase(target, plan.source), choice, io);
  return outcome(plan, copy, bytesTransferred);
}

function outcome(plan: AppendPlan, copy: CopyPlan, bytesTransferred: number): AppendOutcome {
  const pushed = new Set(copy.transfer.map(({ digest }) => digest));
  const layers = plan.layers.map(({ digest, diffId, size }) => ({ digest, diffId, size, reused: !pushed.has(digest) }));
  return { descriptor: plan.descriptor, layers, bytesTransferred };
}

/** A copy plan in which only what the base has is to be mounted; new content is looked for. */
async function planPush(plan: AppendPlan, target: CopyTarget, tag: string | undefined, io: Io): Promise<CopyPlan> {
  const { source, descriptor } = plan;
  const options = tag === undefined ? {} : { tag };
  const copy = await planCopy(source, descriptor.digest, mountingFromBase(target, source), options, io);
  const added = copy.mountable.filter((blob) => source.isNew(blob));
  const look = (blob: Descriptor, inner: Io): Promise<boolean> => on('target', target.has(blob, inner));
  const there = await mapParallel(added, 6, look, io);
  const transfer = [...copy.transfer, ...added.filter((_, at) => there[at] !== true)];
  return {
    ...copy,
    mountable: copy.mountable.filter((blob) => !source.isNew(blob)),
    present: [...copy.present, ...added.filter((_, at) => there[at] === true)],
    transfer,
    bytes: transfer.reduce((sum, { size }) => sum + size, 0),
  };
}

/** The target, that takes the base for the place to mount from when it is asked about the new image. */
function mountingFromBase(target: CopyTarget, source: DerivedSource): CopyTarget {
  const { base } = source;
  const pushTagged = target.pushTagged?.bind(target);
  return {
    has: (descriptor, io) => target.has(descriptor, io),
    push: (descriptor, open, io) => target.push(descriptor, open, io),
    resolve: (identifier, io) => target.resolve(identifier, io),
    tag: (descriptor, tag, io) => target.tag(descriptor, tag, io),
    mountableFrom: (from) => {
      const origin = from === source ? base : from;
      return origin === undefined ? undefined : target.mountableFrom?.(origin);
    },
    mount: async (descriptor, from, io) => (await target.mount?.(descriptor, from, io)) ?? false,
    ...(pushTagged === undefined ? {} : { pushTagged }),
  };
}
