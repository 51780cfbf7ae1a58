import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findTool } from '../support/tools.ts';
import { withTempDir } from '../support/tempDir.ts';
import type { Job } from './contenders.ts';

const execute = promisify(execFile);

/** One timed run. */
export interface Run {
  readonly milliseconds: number;
  /** Most memory of the program: in all for a peer, the growth over the start of the job for Gantry. Absent: not known. */
  readonly memory?: number;
  /** 95th percentile of the event loop's delay in milliseconds; Gantry only. */
  readonly delay?: number;
}

/**
 * Runs a job in a process that has the engine loaded already, as VS Code's extension host has; the clock is that process's.
 * @throws Error with what it printed
 */
export async function runGantry(job: Job): Promise<Run> {
  const script = path.join(import.meta.dirname, 'gantryRun.ts');
  const { stdout } = await execute(process.execPath, [script, JSON.stringify(job)]);
  return JSON.parse(stdout) as Run;
}

/** Runs a peer's command line; its clock includes the start of a process. @throws Error with what it printed */
export async function runPeer(words: readonly string[]): Promise<Run> {
  return withTempDir(async (directory) => {
    const file = path.join(directory, 'kilobytes');
    const timer = findTool('time');
    const [program = '', ...args] = timer === undefined ? words : [timer, '-f', '%M', '-o', file, ...words];
    const start = performance.now();
    await execute(program, args, { cwd: directory, maxBuffer: 16 << 20 });
    const milliseconds = performance.now() - start;
    return timer === undefined
      ? { milliseconds }
      : { milliseconds, memory: 1024 * Number(await readFile(file, 'utf8')) };
  });
}
