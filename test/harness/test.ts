import { findChromium } from './chromium.ts';
import { addCounts, brokenRun, type Counts, countsLine, skippedRun } from './counts.ts';
import { runHostTests } from './hostTests.ts';
import { runMocha } from './mochaRun.ts';
import { main as packageExtension } from './package.ts';
import { provisionTools } from './provision.ts';
import { provisionServer } from './vscodeServer.ts';

/** `npm test`: everything, and as the last line what it came to. */
export async function main(): Promise<number> {
  provisionTools();
  const runs: Counts[] = [];
  runs.push(await attempt('The engine', () => runMocha('engine', ['test/**/*.test.ts'])));
  runs.push(await attempt('The package', packExtension));
  runs.push(await attempt('Inside VS Code', runHostTests));
  runs.push(await attempt('Through the workbench', runWorkbenchTests));
  const counts = addCounts(...runs);
  for (const title of counts.skipped) console.log(`skipped: ${title}`);
  console.log(countsLine(counts));
  return counts.failed === 0 ? 0 : 1;
}

/** A run that throws is a failure; the others still run. */
async function attempt(title: string, run: () => Promise<Counts>): Promise<Counts> {
  console.log(`\n== ${title}`);
  const before = performance.now();
  try {
    return await run();
  } catch (error) {
    console.error(error);
    return brokenRun;
  } finally {
    console.log(`== ${title}: ${((performance.now() - before) / 1000).toFixed(1)} s`);
  }
}

/** Builds and packs the extension; the size and the list of files that it checks are one test. */
async function packExtension(): Promise<Counts> {
  const exitCode = await packageExtension();
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: [] } : brokenRun;
}

async function runWorkbenchTests(): Promise<Counts> {
  const title = 'the workbench';
  if (process.platform !== 'linux') return skippedRun(title, "VS Code's server from npm is known to run on Linux only");
  if (findChromium() === undefined) return skippedRun(title, 'needs chromium: apt-get install chromium');
  await provisionServer();
  const config = ['--no-config', '--extension', 'ts', '--require', 'test/support/rootHooks.ts', '--timeout', '120000'];
  return runMocha('workbench', [...config, 'test/ui/**/*.test.ts']);
}
