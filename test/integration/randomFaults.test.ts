import assert from 'node:assert/strict';
import type { Io } from '../../src/content/store.ts';
import { forEachParallel } from '../../src/operations/parallel.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { faultKinds, type FaultPlan } from '../support/faultPlan.ts';
import { testIo } from '../support/io.ts';
import { seededNumbers } from '../support/seededImage.ts';
import { newMemoryDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { faultRig, type FaultRig, flows, runCase } from './faultFlows.ts';

/** `FAULT_SEED=17` repeats one schedule, `FAULT_SEEDS=2000` runs more of them, both together from that one on. */
const given = process.env['FAULT_SEED'];
const count = Number(process.env['FAULT_SEEDS'] ?? (given === undefined ? 150 : 1));
const probability = 0.15;
/** Requests that may get a fault: more than any flow makes. */
const requests = 200;

describe('copy and append with many faults at once', function () {
  this.timeout(1000 * Math.max(120, count));
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

  const chosen = flows.filter(({ name }) => ['push', 'promote', 'pull', 'append'].includes(name));

  it('F2: leave no wrong tag, no broken image and tell no untruth', async function () {
    const io = testIo(1000 * Math.max(100, count));
    const first = Number(given ?? 20261121);
    const seeds = Array.from({ length: count }, (_, at) => first + at);
    let [faults, done] = [0, 0];
    const wrong: string[] = [];
    const run = async (seed: number, inner: Io): Promise<void> => {
      const flow = chosen[seed % chosen.length];
      assert.ok(flow !== undefined);
      const { error, broken, trace, describe: told } = await runCase(rig, flow, schedule(seed), inner);
      faults += trace.filter(({ applied }) => applied === true).length;
      if (error === undefined) done++;
      if (broken.length > 0) wrong.push(`${broken.join('; ')}\n  FAULT_SEED=${seed} (${flow.name})\n${told}`);
    };
    await forEachParallel(seeds, 12, run, io);
    this.test!.title += ` (seeds ${first} to ${first + seeds.length - 1}, ${faults} faults, ${done} of ${seeds.length} done all the same)`;
    assert.deepEqual(wrong, []);
    assert.ok(count < 100 || (faults > count && done > 0 && done < count));
  });
});

/** Which requests get which fault: a function of the seed and the request's ordinal alone. */
function schedule(seed: number): FaultPlan {
  return Array.from({ length: requests }, (_, index) => ({ index, number: seededNumbers(seed * requests + index) }))
    .filter(({ number }) => number() < probability * 2 ** 32)
    .map(({ index, number }) => ({ index, kind: faultKinds[number() % faultKinds.length] ?? 'hang' }));
}
