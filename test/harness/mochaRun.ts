import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { type Counts, readCounts } from './counts.ts';
import { outDirectory, root } from './paths.ts';

/** Runs mocha in a process of its own with more arguments; `name` names the file below out/ that takes its counts. */
export async function runMocha(name: string, args: readonly string[]): Promise<Counts> {
  const countsFile = path.join(outDirectory('counts'), `${name}.json`);
  rmSync(countsFile, { force: true });
  const mocha = path.join(root, 'node_modules/mocha/bin/mocha.js');
  const reporter = path.join(import.meta.dirname, 'reporter.ts');
  const child = spawn(process.execPath, [mocha, '--forbid-only', '--reporter', reporter, ...args], {
    cwd: root,
    env: { ...process.env, COUNTS_FILE: countsFile },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
  return readCounts(countsFile, exitCode);
}
