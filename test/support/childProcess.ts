import { type ChildProcess, spawn } from 'node:child_process';
import { findTool } from './tools.ts';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A child that does not outlive this process: killed at exit, and on Linux by the kernel even after SIGKILL. */
export interface TestChild {
  readonly output: () => string;
  readonly ended: Promise<void>;
  readonly hasEnded: () => boolean;
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Starts a program without a shell; its output is kept, at most the last 64 KiB. */
export function startChild(program: string, args: readonly string[], cwd: string): TestChild {
  const guard = process.platform === 'linux' ? findTool('setpriv') : undefined;
  const [command, rest] =
    guard === undefined ? [program, args] : [guard, ['--pdeathsig', 'KILL', '--', program, ...args]];
  const child = spawn(command, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let text = '';
  const keep = (chunk: Buffer): void => void (text = (text + chunk.toString('utf8')).slice(-65_536));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const finish = (): void => {
      over = true;
      running.delete(child);
      resolve();
    };
    child.once('exit', finish);
    child.once('error', (error) => {
      text += String(error);
      finish();
    });
  });
  return {
    output: () => text,
    ended,
    hasEnded: () => over,
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      if (!over) child.kill('SIGKILL');
      await ended;
    },
  };
}
