import assert from 'node:assert/strict';
import path from 'node:path';
import { copyImage } from '../../src/operations/copy.ts';
import type { Io } from '../../src/content/store.ts';
import { forEachParallel } from '../../src/operations/parallel.ts';
import { startChild } from '../support/childProcess.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import type { FaultPlan, TraceEntry } from '../support/faultPlan.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { testIo } from '../support/io.ts';
import { newMemoryDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { testClient } from './client.ts';
import { faultRig, type FaultRig, tag } from './faultFlows.ts';
import { repositoryState } from './registryState.ts';

const program = path.join(import.meta.dirname, 'copyProcess.ts');

describe('copyImage in a process that is killed', function () {
  this.timeout(60_000);
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

  /** Copies in a child, which is killed when the plan's fault begins; ends when the child has. */
  async function copied(target: string, plan: FaultPlan): Promise<readonly TraceEntry[]> {
    const { host } = rig.registry;
    rig.start('start/copy', target);
    const proxy = await startFaultProxy(host, plan);
    const child = startChild(process.execPath, [program, host, proxy.host, target, tag], directory);
    try {
      void proxy.faulted.then(() => child.kill('SIGKILL'));
      await child.ended;
      assert.equal(child.output(), '');
      return proxy.trace;
    } finally {
      await child.stop();
      await proxy.stop();
    }
  }

  /** How many blobs a second run brings, with nothing in its way. */
  async function broughtAgain(target: string, io: Io): Promise<number> {
    const client = testClient(rig.registry.host);
    try {
      const repository = client.registry.repository(target);
      const { blobs } = await copyImage(rig.memory, rig.image.digest, repository, { tag, overwrite: true }, io);
      return blobs.transferred;
    } finally {
      await client.close();
    }
  }

  it('251: leaves the old tag or the whole new image, and is taken up where it ended', async function () {
    const io = testIo(55_000);
    const clean = await copied('kill/clean', []);
    assert.equal(await repositoryState(rig.registry, 'kill/clean').tagged(tag), rig.image.digest);
    const uploads = (trace: readonly TraceEntry[]): number =>
      trace.filter(({ method, pathClass, status }) => method === 'PUT' && pathClass === 'upload' && status === 201)
        .length;
    const all = uploads(clean);
    const outcomes: string[] = [];
    const kill = async (index: number, inner: Io): Promise<void> => {
      const target = `kill/${index}`;
      const state = repositoryState(rig.registry, target);
      const trace = await copied(target, [{ index, kind: index % 4 < 2 ? 'hang' : 'lost_ack' }]);
      const now = await state.tagged(tag);
      assert.ok(
        now === rig.old.digest || now === rig.image.digest,
        `request ${index}: the tag names ${now ?? 'nothing'}`,
      );
      if (now === rig.image.digest) await state.assertComplete(tag);
      outcomes.push(now === rig.old.digest ? 'old' : 'new');
      const brought = await broughtAgain(target, inner);
      const kept = uploads(trace);
      assert.ok(brought <= all - kept, `request ${index}: ${brought} of ${all} blobs, though ${kept} were there`);
      assert.equal(await state.tagged(tag), rig.image.digest);
      await state.assertComplete(tag);
    };
    await forEachParallel(clean.keys(), 2, kill, io);
    this.test!.title += ` (${clean.length} requests, killed at ${outcomes.length})`;
    assert.ok(outcomes.includes('old'));
  });
});
