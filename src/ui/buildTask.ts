import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  ProcessExecution,
  ShellExecution,
  ShellQuoting,
  Task,
  type TaskExecution,
  TaskPanelKind,
  TaskRevealKind,
  tasks,
  TaskScope,
} from 'vscode';
import type { BuildStep } from '../containerize/recipes/recipe.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { visibleText } from '../browse/text.ts';

/**
 * Runs a step of a build as a task of VS Code, in its terminal, with the user's own tool chain.
 * @throws OciError not-found with how to get the tool, helper-failed where it ends badly
 */
export async function runBuildTask(step: BuildStep, io: Io): Promise<void> {
  io.signal.throwIfAborted();
  await assertThere(step);
  const task = new Task({ type: 'process' }, TaskScope.Workspace, step.title, 'Gantry', executionOf(step));
  task.presentationOptions = { reveal: TaskRevealKind.Silent, panel: TaskPanelKind.Shared, showReuseMessage: false };
  const code = await runTask(task, io);
  if (code === 0) return;
  const title = visibleText(step.title);
  const how = code === undefined ? '' : ` with exit code ${code}`;
  const why = step.ifItFails === undefined ? '' : ` ${step.ifItFails}`;
  throw new OciError('helper-failed', `${title} failed${how}.${why} Its output is in the terminal “${title}”.`);
}

/** Programs of Windows such as npm are scripts, which only a shell starts. */
function executionOf({ command, args, directory, env }: BuildStep): ProcessExecution | ShellExecution {
  const options = { cwd: directory, env: { ...env } };
  if (process.platform !== 'win32') return new ProcessExecution(command, [...args], options);
  const strong = (value: string) => ({ value, quoting: ShellQuoting.Strong });
  return new ShellExecution(strong(command), args.map(strong), options);
}

/** Milliseconds in which the end of a process follows the end of its task. */
const grace = 1000;

/** The exit code; undefined where the task never had a process. */
async function runTask(task: Task, io: Io): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  // A quick command may be over before the workbench says which execution is its own.
  const over: { readonly execution: TaskExecution; readonly code: number | undefined }[] = [];
  let own: TaskExecution | undefined;
  const settle = (): void => {
    const found = over.find(({ execution }) => execution === own);
    if (found !== undefined) resolve(found.code);
  };
  const end = (execution: TaskExecution, code: number | undefined): void => {
    over.push({ execution, code });
    settle();
  };
  const listening = [
    tasks.onDidEndTaskProcess(({ execution, exitCode }) => end(execution, exitCode)),
    tasks.onDidEndTask(({ execution }) => setTimeout(() => end(execution, undefined), grace)),
  ];
  const stop = (): void => own?.terminate();
  io.signal.addEventListener('abort', stop, { once: true });
  try {
    own = await tasks.executeTask(task);
    if (io.signal.aborted) stop();
    settle();
    const code = await promise;
    io.signal.throwIfAborted();
    return code;
  } finally {
    io.signal.removeEventListener('abort', stop);
    for (const one of listening) one.dispose();
  }
}

async function assertThere({ command, howToGet, env }: BuildStep): Promise<void> {
  if (command.includes('/') || command.includes('\\')) return;
  if (await isOnPath(command, env['PATH'] ?? process.env['PATH'] ?? '')) return;
  throw new OciError('not-found', `${visibleText(command)} was not found on the PATH. ${howToGet}`);
}

/** True where a command is in one of the folders of a PATH. */
export async function isOnPath(command: string, searchPath: string): Promise<boolean> {
  const endings = process.platform === 'win32' ? (process.env['PATHEXT'] ?? '.EXE;.CMD;.BAT').split(';') : [''];
  const folders = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const file of folders.flatMap((folder) => endings.map((ending) => path.join(folder, command + ending)))) {
    if (await isRunnable(file)) return true;
  }
  return false;
}

async function isRunnable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
