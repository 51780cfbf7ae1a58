import { runSampleJob, sampleSettings } from '../harness/sampleJob.ts';
import { outPath } from '../harness/paths.ts';
import { tour } from './tour.ts';

describe('the workbench', () => {
  it('shows the repositories and tags of the local registry, and opens a manifest', async () => {
    const registry = { directory: outPath('workbench-registry') };
    const job = await runSampleJob(registry);
    await tour({ name: 'workbench', settings: sampleSettings(registry, job) });
  });
});
