import { type ChildProcess, spawn } from 'node:child_process';
import type { Io } from '../content/store.ts';

export interface ProcessRequest {
  /** Absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  readonly input: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly timeoutMilliseconds: number;
}

/** How a process ended. Its standard error is read, counted and dropped: it may hold anything. */
export type ProcessOutcome =
  | { readonly kind: 'exited'; readonly code: number | null; readonly stdout: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'too-much-output' }
  | { readonly kind: 'not-started'; readonly cause: Error };

const maxStdout = 1 << 20;
const maxStderr = 64 << 10;
/** How long output may stay open after the process itself has ended: a grandchild may hold it for ever. */
const graceMilliseconds = 500;

/** Runs a program without a shell, within limits of time and output; its whole process group ends with it. */
export async function runBounded(request: ProcessRequest, io: Io): Promise<ProcessOutcome> {
  io.signal.throwIfAborted();
  const child = spawn(request.file, request.args, {
    cwd: request.cwd,
    env: request.env,
    shell: false,
    windowsHide: true,
    stdio: 'pipe',
    // A group of its own, so that it can be killed with all its children.
    detached: request.platform !== 'win32',
  });
  const stop = new AbortController();
  try {
    return await Promise.race([outcomeOf(child, request, stop.signal), aborted(io.signal, stop.signal)]);
  } finally {
    stop.abort();
    killGroup(child, request.platform);
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
  }
}

function aborted(signal: AbortSignal, stop: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    signal.addEventListener('abort', fail, { once: true, signal: stop });
  });
}

function outcomeOf(
  child: ReturnType<typeof spawn> & { stdin: NodeJS.WritableStream },
  request: ProcessRequest,
  stop: AbortSignal,
): Promise<ProcessOutcome> {
  return new Promise((resolve) => {
    const stdout: Buffer[] = [];
    let [out, err] = [0, 0];
    const after = (milliseconds: number, outcome: () => ProcessOutcome): void => {
      const timer = setTimeout(() => resolve(outcome()), milliseconds);
      stop.addEventListener('abort', () => clearTimeout(timer), { once: true });
    };
    const exited = (code: number | null) => (): ProcessOutcome => ({
      kind: 'exited',
      code,
      stdout: Buffer.concat(stdout).toString('utf8'),
    });
    after(request.timeoutMilliseconds, () => ({ kind: 'timed-out' }));
    child.once('error', (cause) => resolve({ kind: 'not-started', cause }));
    child.once('exit', (code) => after(graceMilliseconds, exited(code)));
    child.once('close', (code) => resolve(exited(code)()));
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.length;
      if (out > maxStdout) resolve({ kind: 'too-much-output' });
      else stdout.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk.length;
      if (err > maxStderr) resolve({ kind: 'too-much-output' });
    });
    // A program that does not read its input is no failure.
    child.stdin.on('error', () => undefined);
    child.stdin.end(request.input);
  });
}

function killGroup(child: ChildProcess, platform: NodeJS.Platform): void {
  if (child.pid === undefined) return;
  try {
    if (platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: nobody is left.
  }
}
