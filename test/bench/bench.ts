import { cpus } from 'node:os';
import { provisionTools } from '../harness/provision.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { type Contender, contenders } from './contenders.ts';
import { benchList, benchRange, figureTable } from './listing.ts';
import type { Run } from './run.ts';
import { setAppendStage } from './appendScenarios.ts';
import { benchRebuild } from './rebuild.ts';
import { type Scenario, setCopyStage, type Stage } from './scenarios.ts';
import { median, missedTargets, type Result, tableOf } from './table.ts';

const names = ['copy', 'append', 'rebuild', 'list', 'range'] as const;

/**
 * `npm run bench [-- ROUNDS] [copy] [append] [rebuild] [list] [range]`: Gantry beside the peers that are installed,
 * alternating, medians; all benches where none is named. Exit code 1: a target was missed.
 */
export async function main(words: readonly string[]): Promise<number> {
  provisionTools();
  const rounds = Number(words.find((word) => /^[1-9]\d*$/.test(word)) ?? 5);
  const chosen = names.filter((name) => words.includes(name));
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}, ${rounds} rounds, medians`);
  const missed: string[] = [];
  for (const name of chosen.length === 0 ? names : chosen) missed.push(...(await run(name, rounds)));
  for (const line of missed) console.log(`missed: ${line}`);
  if (missed.length === 0) console.log('All targets met.');
  return missed.length === 0 ? 0 : 1;
}

/** Returns a line for each target that was missed. */
async function run(name: (typeof names)[number], rounds: number): Promise<readonly string[]> {
  if (name === 'copy') return compare(setCopyStage, rounds);
  if (name === 'append') return compare(setAppendStage, rounds);
  console.log(titles[name]);
  const { table, missed } = figureTable(await figures[name](rounds));
  console.log(table);
  return missed;
}

const titles = {
  rebuild: 'A program of 20 MB, containerized again unchanged',
  list: 'A gzip layer of 1 GB, 100,000 files',
  range: 'An eStargz layer of 1 GB, 10,000 files',
} as const;
const figures = { rebuild: benchRebuild, list: benchList, range: benchRange } as const;

async function compare(set: (directory: string) => Promise<Stage>, rounds: number): Promise<readonly string[]> {
  const field = contenders();
  console.log(
    `Contenders: ${field.map(({ name }) => name).join(', ')}. Gantry runs in a process that has inspected the source once, as an extension host has; peers pay for the start of theirs (about 0.02 s).`,
  );
  const directory = await newTempDir();
  const stage = await set(directory);
  try {
    const results: Result[] = [];
    for (const scenario of stage.scenarios) results.push(await compete(scenario, field, rounds));
    console.log(tableOf(results));
    return missedTargets(results);
  } finally {
    await stage.close();
    await removeTempDir(directory);
  }
}

/** Every contender in turn, the first one another each round. */
async function compete(scenario: Scenario, field: readonly Contender[], rounds: number): Promise<Result> {
  const runs = new Map<string, Run[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < field.length; turn += 1) {
      const contender = field[(round + turn) % field.length];
      if (contender === undefined) continue;
      const run = await runOnce(scenario, contender, round);
      if (run !== undefined) runs.set(contender.name, [...(runs.get(contender.name) ?? []), run]);
    }
  }
  const lines = [...runs].map(
    ([name, all]) => `${name} ${all.map((run) => (run.milliseconds / 1000).toFixed(2)).join(' ')}`,
  );
  console.log(`${scenario.title}: ${lines.join('; ')}`);
  return { title: scenario.title, runs: new Map([...runs].map(([name, all]) => [name, median(all)])) };
}

async function runOnce(scenario: Scenario, contender: Contender, round: number): Promise<Run | undefined> {
  const prepared = await scenario.prepare(contender.name, round);
  try {
    return await contender.run(prepared.job);
  } catch (error) {
    console.error(
      `${scenario.title}: ${contender.name} failed: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  } finally {
    await prepared.done();
  }
}
