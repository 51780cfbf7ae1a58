import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { PackedLayer } from '../../src/archive/pack.ts';
import { fetchManifest, opens } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { Io } from '../../src/content/store.ts';
import { isOciError } from '../../src/errors.ts';
import { type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { Manifest } from '../../src/oci/manifest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { planAppend, pushAppend } from '../../src/operations/append.ts';
import { copyImage } from '../../src/operations/copy.ts';
import { retag } from '../../src/operations/tagImage.ts';
import type { Registry } from '../../src/registry/registry.ts';
import type { RunningRegistry } from '../support/dockerRegistry.ts';
import type { FaultPlan, FaultRule, TraceEntry } from '../support/faultPlan.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { putImage, putIndex, seededBytes, tarOf } from '../support/seededImage.ts';
import { validateImage } from '../support/validateImage.ts';
import { quickClock, testClient } from './client.ts';
import { repositoryState } from './registryState.ts';

/** What all cases share: a registry with a source repository, and the images in it. */
export interface FaultRig {
  readonly registry: RunningRegistry;
  /** Holds `image` too: the source of pushes. */
  readonly memory: MemoryStore;
  /** An index of two images, tagged `v1` in the repository `source`. */
  readonly image: Descriptor;
  /** An image that layers are appended to, tagged `base` there. */
  readonly base: Descriptor;
  /** One layer of its own, for the append. */
  readonly layer: PackedLayer;
  /** What `base` becomes with `layer`. */
  readonly appended: Descriptor;
  /** What the target's tag names before. */
  readonly old: Descriptor;
  /** What another writer makes the target's tag name: bytes and media type of its manifest. */
  readonly third: Manifest;
  /** Makes a repository as a copy of another, in the registry's storage. */
  start(from: string, to: string): void;
}

const repositories = 'docker/registry/v2/repositories';

/** What a cancelled flow rejects with. */
export const cancelled = new Error('cancelled by the test');
/** The tag that the flows write. */
export const tag = 'prod';

/** Fills a registry for the flows. Each case starts with a copy of one of its repositories. */
export async function faultRig(registry: RunningRegistry, io: Io): Promise<FaultRig> {
  const memory = new MemoryStore();
  const image = await putIndex(memory, { seed: 1, layers: 1, layerBytes: 3000 }, io);
  const base = await putImage(memory, { seed: 5, layers: 1 }, io);
  const old = await putImage(memory, { seed: 2, layers: 1 }, io);
  const third = await fetchManifest(memory, await putImage(memory, { seed: 3, layers: 1 }, io), io);
  const client = testClient(registry.host);
  const put = async (repository: string, digest: string, as?: string): Promise<void> => {
    const options = { overwrite: false, ...(as === undefined ? {} : { tag: as }) };
    await copyImage(memory, digest, client.registry.repository(repository), options, io);
  };
  await put('source', image.digest, 'v1');
  await put('source', base.digest, 'base');
  for (const repository of ['start/copy', 'start/retag']) {
    await put(repository, old.digest, tag);
    await put(repository, third.digest);
  }
  await put('start/retag', image.digest, 'next');
  await client.close();
  const layer = packed(tarOf('added', seededBytes(4, 2000)));
  const { descriptor: appended } = await planAppend(memory, base.digest, { layers: [layer] }, io);
  return {
    registry,
    memory,
    image,
    base,
    layer,
    appended,
    old,
    third,
    start: starter(path.join(registry.directory, repositories)),
  };
}

function packed(tar: Uint8Array): PackedLayer {
  const bytes = gzipSync(tar);
  const { digest, size } = describeBytes(bytes, mediaTypes.layerGzip);
  const known = { digest, size, diffId: digestOf(tar), open: opens(bytes) };
  return { ...known, compression: 'gzip', entries: 1, contents: ['/added'], leaving: [] };
}

/** Copies link files of a few bytes: they are read once. */
function starter(root: string): FaultRig['start'] {
  const known = new Map<string, readonly (readonly [string, Buffer])[]>();
  const filesOf = (from: string): readonly (readonly [string, Buffer])[] => {
    const entries = readdirSync(path.join(root, from), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [path.relative(path.join(root, from), file), readFileSync(file)]);
  };
  return (from, to) => {
    const files = known.get(from) ?? filesOf(from);
    known.set(from, files);
    for (const [file, bytes] of files) {
      mkdirSync(path.dirname(path.join(root, to, file)), { recursive: true });
      writeFileSync(path.join(root, to, file), bytes);
    }
  };
}

/** One operation whose requests all go through the proxy. */
export interface Flow {
  readonly name: string;
  /** Whether it writes the tag of its own target repository; else it reads into memory. */
  readonly writes: boolean;
  /** What the tag names afterwards. Default: the image. */
  readonly becomes?: (rig: FaultRig) => Descriptor;
  run(rig: FaultRig, through: Registry, target: string, io: Io): Promise<MemoryStore | undefined>;
}

export const flows: readonly Flow[] = [
  {
    name: 'push',
    writes: true,
    run: async ({ memory, image }, through, target, io) => {
      await copyImage(memory, image.digest, through.repository(target), { tag, overwrite: true }, io);
      return undefined;
    },
  },
  {
    name: 'promote',
    writes: true,
    run: async (_rig, through, target, io) => {
      await copyImage(through.repository('source'), 'v1', through.repository(target), { tag, overwrite: true }, io);
      return undefined;
    },
  },
  {
    name: 'pull',
    writes: false,
    run: async (_rig, through, _target, io) => {
      const memory = new MemoryStore();
      await copyImage(through.repository('source'), 'v1', memory, { tag, overwrite: true }, io);
      return memory;
    },
  },
  {
    name: 'append',
    writes: true,
    becomes: ({ appended }) => appended,
    run: async ({ layer }, through, target, io) => {
      const plan = await planAppend(through.repository('source'), 'base', { layers: [layer] }, io);
      await pushAppend(plan, through.repository(target), { tag, overwrite: true }, io);
      return undefined;
    },
  },
  {
    name: 'retag',
    writes: true,
    run: async (_rig, through, target, io) => {
      await retag(through.repository(target), 'next', [tag], { overwrite: true }, io);
      return undefined;
    },
  },
];

export interface FaultOutcome {
  /** Why it failed; undefined where the client said that it is done. */
  readonly error: unknown;
  /** Invariants that do not hold. */
  readonly broken: readonly string[];
  readonly trace: readonly TraceEntry[];
  /** Plan and trace. */
  readonly describe: string;
}

let cases = 0;

/** Runs a flow once with a plan of faults, and then looks at the registry itself. */
export async function runCase(
  rig: FaultRig,
  flow: Flow,
  plan: FaultPlan,
  io: Io,
  options: { readonly cancelAtFault?: boolean } = {},
): Promise<FaultOutcome> {
  const target = `case/${cases++}`;
  const { host } = rig.registry;
  if (flow.writes) rig.start(flow.name === 'retag' ? 'start/retag' : 'start/copy', target);
  const proxy = await startFaultProxy(
    host,
    plan.map((rule) => aimed(rig, rule, target)),
  );
  const cancel = new AbortController();
  if (options.cancelAtFault === true) void proxy.faulted.then(() => cancel.abort(cancelled));
  // Only a request that hangs is to time out, however busy the machine is.
  const timeoutSeconds = plan.some(({ kind }) => kind === 'hang') ? 1.5 : 30;
  const client = testClient(proxy.host, { network: { timeoutSeconds }, clock: quickClock });
  try {
    const attempt = await attempted(
      flow.run(rig, client.registry, target, { signal: AbortSignal.any([io.signal, cancel.signal]) }),
    );
    const meddled = proxy.trace.some(({ fault }) => fault === 'meddle');
    const check = flow.writes
      ? checkRegistry({ ...rig, image: flow.becomes?.(rig) ?? rig.image }, target, attempt, meddled)
      : checkMemory(rig, attempt, io);
    return { error: attempt.error, broken: await check, trace: proxy.trace, describe: proxy.describe() };
  } finally {
    await client.close();
    await proxy.stop();
  }
}

/** `{target}` in a path becomes the case's repository; by default another writer moves its tag to the third image. */
function aimed({ third }: FaultRig, rule: FaultRule, target: string): FaultRule {
  if (rule.kind !== 'meddle') return rule;
  const given = rule.params?.request;
  if (given !== undefined)
    return { ...rule, params: { request: { ...given, path: given.path.replace('{target}', target) } } };
  const request = {
    method: 'PUT',
    path: `/v2/${target}/manifests/${tag}`,
    contentType: third.mediaType,
    body: Buffer.from(third.bytes).toString('utf8'),
  };
  return { ...rule, params: { request } };
}

interface Attempt {
  readonly error: unknown;
  readonly memory: MemoryStore | undefined;
}

async function attempted(run: Promise<MemoryStore | undefined>): Promise<Attempt> {
  try {
    return { error: undefined, memory: await run };
  } catch (error) {
    return { error, memory: undefined };
  }
}

/** I1 to I4: the tag is old or new, what it names is whole, what the client said is true. A cancelled one leaves no upload. */
async function checkRegistry(
  rig: FaultRig,
  target: string,
  { error }: Attempt,
  meddled: boolean,
): Promise<readonly string[]> {
  const state = repositoryState(rig.registry, target);
  const now = await state.tagged(tag);
  const may = [rig.old.digest, rig.image.digest, ...(meddled ? [rig.third.digest] : [])];
  const broken: string[] = [];
  if (now === undefined || !may.some((digest) => digest === now)) broken.push(`I1: the tag names ${now ?? 'nothing'}`);
  // Nothing here can break the old image: it is only read.
  if (now !== rig.old.digest) {
    await state.assertComplete(tag).catch((reason: unknown) => broken.push(`I2: ${String(reason)}`));
  }
  if (error === undefined && now !== rig.image.digest)
    broken.push(`I3: said done, but the tag names ${now ?? 'nothing'}`);
  if (error !== undefined && error !== cancelled) broken.push(...untrue(error, now));
  const left = error === cancelled ? await state.openUploads() : [];
  if (left.length > 0) broken.push(`115: ${left.length} uploads were left open`);
  return broken;
}

/** A failure is typed, and what its text says of the tag is so. */
function untrue(error: unknown, now: string | undefined): readonly string[] {
  if (!isOciError(error)) return [`I4: not an OciError: ${String(error)}`];
  const named = /The tag \S+ (?:still names|now names|names) (sha256:[0-9a-f]{64})/.exec(error.message)?.[1];
  const absent = /The tag \S+ was not made|The tag \S+ does not exist|There is no tag/.test(error.message);
  if (named !== undefined && named !== now)
    return [`I4: says that the tag names ${named}, but it names ${now ?? 'nothing'}`];
  return absent && now !== undefined ? [`I4: says that there is no tag, but it names ${now}`] : [];
}

/** What was pulled is whole and tagged, or not tagged at all. */
async function checkMemory({ image }: FaultRig, { error, memory }: Attempt, io: Io): Promise<readonly string[]> {
  if (error !== undefined) return untrue(error, undefined);
  try {
    assert.equal((await validateImage(memory ?? new MemoryStore(), tag, io)).digest, image.digest);
    return [];
  } catch (reason) {
    return [`I10: ${String(reason)}`];
  }
}
