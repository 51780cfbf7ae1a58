import assert from 'node:assert/strict';
import { fetchManifest, opens } from '../../src/content/bytes.ts';
import type { Io } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { successors } from '../../src/oci/manifest.ts';
import { copyImage } from '../../src/operations/copy.ts';
import { forEachParallel } from '../../src/operations/parallel.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { faultKinds, type FaultKind, type FaultPlan } from '../support/faultPlan.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { testIo } from '../support/io.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newMemoryDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { testClient } from './client.ts';
import { cancelled, type FaultOutcome, faultRig, type FaultRig, type Flow, flows, runCase, tag } from './faultFlows.ts';
import { repositoryState } from './registryState.ts';

/** What passes by itself: the user should not notice it. */
const transient: readonly FaultKind[] = [
  'refuse',
  'rst_before_forward',
  'rst_mid_request',
  'lost_ack',
  'stale_keepalive',
  'hang',
  'slow_drip',
  'delay',
  's429',
  's500',
  's502',
  's503',
  's504',
  'retry_after',
  'resp_truncate',
  'dup_forward',
];

/** Much like another kind, or about the bodies of answers: only the short flows get them, for time's sake. */
const forShortFlows: readonly FaultKind[] = ['stale_keepalive', 'delay', 'gzip_encode_answer', 'wrong_content_type'];
const shortFlows: readonly string[] = ['pull', 'retag'];

interface Case {
  readonly plan: FaultPlan;
  readonly outcome: FaultOutcome;
}

describe('copy, append and retag with every fault at every request', function () {
  this.timeout(180_000);
  let registry: RunningRegistry | undefined;
  let directory = '';
  let rig: FaultRig;
  before(async function () {
    needs(this, 'docker-registry');
    directory = await newMemoryDir();
    registry = await startDockerRegistry({ directory });
    rig = await faultRig(registry, testIo());
  });
  after(async () => {
    await registry?.stop();
    if (directory !== '') await removeTempDir(directory);
  });

  const replayed = process.env['FAULT_PLAN'];
  const replay = replayed === undefined ? undefined : (JSON.parse(replayed) as { flow: string; plan: FaultPlan });

  for (const flow of flows) {
    if (replay !== undefined && replay.flow !== flow.name) continue;
    it(`F1, 95, 96, 102: ${flow.name} leaves no wrong tag, no broken image and tells no untruth`, async function () {
      const io = testIo(170_000);
      const clean = await runCase(rig, flow, [], io);
      assert.deepEqual([clean.error, clean.broken], [undefined, []], clean.describe);
      const plans = replay?.plan === undefined ? everyFault(flow.name, clean.trace.length) : [replay.plan];
      const cases: Case[] = [];
      await forEachParallel(
        plans,
        16,
        async (plan, inner) => void cases.push({ plan, outcome: await runCase(rig, flow, plan, inner) }),
        io,
      );
      const applied = cases.filter(({ outcome }) => outcome.trace.some((entry) => entry.applied === true));
      const passing = applied.filter(({ plan }) => plan.every(({ kind }) => transient.includes(kind)));
      const lost = passing.filter(({ outcome }) => outcome.error !== undefined);
      this.test!.title += ` (${cases.length} cases, ${applied.length} with a fault, ${passing.length - lost.length} of ${passing.length} transient ones recovered)`;
      assert.deepEqual(wrong(flow.name, cases), []);
      assert.ok(lost.length <= passing.length / 100, failures(flow.name, lost));
      const most = Math.max(...cases.map(({ outcome }) => outcome.trace.length));
      assert.ok(most <= 5 * clean.trace.length, `I8: ${most} requests instead of ${clean.trace.length}`);
    });
  }

  for (const flow of flows.filter(({ writes }) => replay === undefined && writes)) {
    it(`115: ${flow.name} that is cancelled at any request leaves the tag as it was and no open upload`, async () => {
      const io = testIo(60_000);
      const clean = await runCase(rig, flow, [], io);
      const cancelling = async (index: number, inner: Io): Promise<void> => {
        const outcome = await runCase(rig, flow, [{ index, kind: 'hang' }], inner, { cancelAtFault: true });
        assert.equal(outcome.error, cancelled, outcome.describe);
        assert.deepEqual(outcome.broken, [], outcome.describe);
      };
      await forEachParallel(clean.trace.keys(), 12, cancelling, io);
    });
  }

  const liars: readonly (readonly [string, () => Promise<void>, RegExp])[] = [
    ['does nothing and says done', () => Promise.resolve(), /^I3: said done, but the tag names sha256:/],
    [
      'says that the tag is not there',
      () => Promise.reject(new OciError('unavailable', `failed. The tag ${tag} was not made.`)),
      /^I4: says that there is no tag/,
    ],
    [
      'says that the tag has moved',
      () => Promise.reject(new OciError('unavailable', `failed. The tag ${tag} now names sha256:${'0'.repeat(64)}.`)),
      /^I4: says that the tag names sha256:0000/,
    ],
    ['fails without a type', () => Promise.reject(new Error('oops')), /^I4: not an OciError: Error: oops$/],
  ];
  for (const [what, lie, expected] of liars) {
    it(`F1: would notice a program that ${what}`, async () => {
      const liar = { name: 'liar', writes: true, run: () => lie().then(() => undefined) };
      const { broken } = await runCase(rig, liar, [], testIo());
      assert.equal(broken.length, 1);
      assert.match(broken[0] ?? '', expected);
    });
  }

  it('F1: would notice a wrong tag and a broken image', async () => {
    const vandal: Flow = {
      name: 'vandal',
      writes: true,
      run: async ({ memory }, through, target, io) => {
        await copyImage(memory, rig.base.digest, through.repository(target), { tag, overwrite: true }, io);
        const [config] = successors(await fetchManifest(memory, rig.base, io));
        const { host } = registry!;
        await fetch(`http://${host}/v2/${target}/blobs/${config?.digest ?? ''}`, { method: 'DELETE' });
        return undefined;
      },
    };
    const { broken } = await runCase(rig, vandal, [], testIo());
    assert.deepEqual(
      broken.map((text) => text.slice(0, 2)),
      ['I1', 'I2', 'I3'],
    );
  });

  it('152: push brings a blob once more that somebody deletes before the manifest is written', async () => {
    const image = await fetchManifest(rig.memory, rig.base, testIo());
    const [config] = successors(image);
    const request = { method: 'DELETE', path: `/v2/{target}/blobs/${config?.digest ?? ''}` };
    const flow: Flow = {
      name: 'push one image',
      writes: true,
      becomes: () => rig.base,
      run: async ({ memory, base }, through, target, io) => {
        await copyImage(memory, base.digest, through.repository(target), { tag, overwrite: true }, io);
        return undefined;
      },
    };
    const plan: FaultPlan = [{ method: 'PUT', pathClass: 'manifest', kind: 'meddle', params: { request } }];
    const { error, broken, trace, describe: told } = await runCase(rig, flow, plan, testIo());
    assert.deepEqual([error, broken], [undefined, []], told);
    const writes = trace.filter(({ method, pathClass }) => method === 'PUT' && pathClass === 'manifest');
    assert.deepEqual(
      writes.map(({ status }) => status),
      [400, 201],
    );
  });

  it('115: an upload that is cancelled leaves no open session', async () => {
    const { host } = registry!;
    const proxy = await startFaultProxy(host, [{ method: 'PUT', kind: 'hang' }]);
    const client = testClient(proxy.host);
    try {
      const bytes = seededBytes(5, 10_000);
      const cancel = new AbortController();
      void proxy.faulted.then(() => cancel.abort(cancelled));
      const repository = client.registry.repository('cancelled');
      const pushing = repository.push(describeBytes(bytes, 'application/octet-stream'), opens(bytes), {
        signal: cancel.signal,
      });
      await assert.rejects(pushing, cancelled);
      assert.deepEqual(await repositoryState({ host, directory }, 'cancelled').openUploads(), []);
      assert.deepEqual(
        proxy.trace.map(({ method, pathClass, status }) => [method, pathClass, status]),
        [
          ['GET', 'ping', 200],
          ['POST', 'upload', 202],
          ['PUT', 'upload', undefined],
          ['DELETE', 'upload', 204],
        ],
      );
    } finally {
      await client.close();
      await proxy.stop();
    }
  });
});

function everyFault(flow: string, requests: number): readonly FaultPlan[] {
  const kinds = faultKinds.filter((kind) => shortFlows.includes(flow) || !forShortFlows.includes(kind));
  return Array.from({ length: requests }, (_, index) => kinds.map((kind) => [{ index, kind }])).flat();
}

function wrong(flow: string, cases: readonly Case[]): readonly string[] {
  return cases
    .filter(({ outcome }) => outcome.broken.length > 0)
    .map(({ plan, outcome }) => `${outcome.broken.join('; ')} ${line(flow, plan)}\n${outcome.describe}`);
}

function failures(flow: string, cases: readonly Case[]): string {
  return cases.map(({ plan, outcome }) => `${String(outcome.error)}\n  ${line(flow, plan)}`).join('\n');
}

/** The line that repeats one case. */
function line(flow: string, plan: FaultPlan): string {
  return `FAULT_PLAN='${JSON.stringify({ flow, plan })}' npx mocha test/integration/faults.test.ts`;
}
