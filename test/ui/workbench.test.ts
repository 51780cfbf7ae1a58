import { runSampleJob } from '../harness/sampleJob.ts';
import { outPath } from '../harness/paths.ts';
import { tour } from './tour.ts';

describe('the workbench', () => {
  it('shows the repositories and tags of the local registry, and opens a manifest', async () => {
    const directory = outPath('workbench-registry');
    await runSampleJob(directory);
    await tour({ name: 'workbench', settings: { 'gantry.localRegistry.directory': directory } });
  });
});
