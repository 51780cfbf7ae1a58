import { type ChildProcess, spawn } from 'node:child_process';
import { findTool } from './tools.ts';

const maxPieces = 200;
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

/** Starts a program without a shell; the last pieces of its output are kept. */
export function startChild(program: string, args: readonly string[], cwd: string): TestChild {
  const guard = process.platform === 'linux' ? findTool('setpriv') : undefined;
  const [command, rest] =
    guard === undefined ? [program, args] : [guard, ['--pdeathsig', 'KILL', '--', program, ...args]];
  const child = spawn(command, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const lines: string[] = [];
  const keep = (chunk: Buffer): void => {
    lines.push(chunk.toString('utf8'));
    if (lines.length > 2 * maxPieces) lines.splice(0, maxPieces);
  };
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
      lines.push(String(error));
      finish();
    });
  });
  return {
    output: () => lines.join(''),
    ended,
    hasEnded: () => over,
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      if (!over) child.kill('SIGKILL');
      await ended;
    },
  };
}
