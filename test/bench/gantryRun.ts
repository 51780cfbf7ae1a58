import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createEngine } from '../harness/engine.ts';
import type { Job } from './contenders.ts';
import type { Run } from './run.ts';

const resolution = 10;

/** Does one job with the engine and reports what it cost. The job comes as JSON in the first argument. */
async function measure(job: Job): Promise<Run> {
  const gantry = createEngine();
  // As in an extension host, this is not the first request of the process.
  await gantry.inspectImage({ image: job.kind === 'copy' ? job.source : job.base });
  const before = process.memoryUsage.rss();
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  const start = performance.now();
  if (job.kind === 'copy') await gantry.copyImage({ source: job.source, target: job.target });
  else {
    const files = [{ from: job.folder, to: '/' }];
    await gantry.appendLayer({ base: job.base, target: job.target, files, compression: job.compression });
  }
  const milliseconds = performance.now() - start;
  histogram.disable();
  const memory = Math.max(0, process.resourceUsage().maxRSS * 1024 - before);
  // The histogram holds the time between two ticks of its own timer.
  const delay = Math.max(0, histogram.percentile(95) / 1e6 - resolution);
  return { milliseconds, memory, delay: Number.isFinite(delay) ? delay : 0 };
}

const run = await measure(JSON.parse(process.argv[2] ?? '') as Job);
process.stdout.write(JSON.stringify(run), () => process.exit(0));
