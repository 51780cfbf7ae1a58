import { cpus } from 'node:os';
import { provisionTools } from '../harness/provision.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { type Contender, contenders } from './contenders.ts';
import type { Run } from './run.ts';
import { type Scenario, setStage } from './scenarios.ts';
import { median, missedTargets, type Result, tableOf } from './table.ts';

/** `npm run bench [-- ROUNDS]`: Gantry beside the peers that are installed, alternating, medians. Exit code 1: a target was missed. */
export async function main([rounds = '5']: readonly string[]): Promise<number> {
  provisionTools();
  const field = contenders();
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}, ${rounds} rounds, medians`);
  console.log(
    `Contenders: ${field.map(({ name }) => name).join(', ')}. Gantry runs in a process that has inspected the source once, as an extension host has; peers pay for the start of theirs (about 0.02 s).`,
  );
  const directory = await newTempDir();
  const stage = await setStage(directory);
  try {
    const results: Result[] = [];
    for (const scenario of stage.scenarios) results.push(await compete(scenario, field, Number(rounds)));
    console.log(tableOf(results));
    const missed = missedTargets(results);
    for (const line of missed) console.log(`missed: ${line}`);
    if (missed.length === 0) console.log('All targets met.');
    return missed.length === 0 ? 0 : 1;
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
