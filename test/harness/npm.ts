import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs npm with arguments in a folder; this Node comes first on its PATH. @throws Error with npm's output */
export async function npm(args: readonly string[], cwd: string): Promise<void> {
  const env = {
    ...process.env,
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`,
  };
  const cli = process.env['npm_execpath'];
  try {
    if (cli?.endsWith('.js') === true) await run(process.execPath, [cli, ...args], { cwd, env, maxBuffer: 64 << 20 });
    else await run('npm', args, { cwd, env, maxBuffer: 64 << 20, shell: process.platform === 'win32' });
  } catch (error) {
    throw new Error(`npm ${args.join(' ')} failed in ${cwd}`, { cause: error });
  }
}
