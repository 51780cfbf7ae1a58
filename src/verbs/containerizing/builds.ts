import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../archive/fileError.ts';
import type { BuildSummary, RunOptions } from '../../api.ts';
import type { BuildStep } from '../../containerize/recipes/recipe.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { digestOf, encodedOf } from '../../oci/digest.ts';
import type { VerbContext } from '../verb.ts';

/** A folder of a project's own for what is built of it: the same each time, so that builds after the first are quick. */
export function outputFolder({ temporary }: VerbContext, project: string): string {
  return path.join(temporary, '..', 'builds', encodedOf(digestOf(Buffer.from(project))).slice(0, 16));
}

/** Runs the steps one after the other. @throws OciError helper-failed, not-found with how to get the tool; forbidden */
export async function runBuilds(
  steps: readonly BuildStep[],
  { runBuild }: Pick<VerbContext, 'runBuild'>,
  run: RunOptions,
  io: Io,
): Promise<void> {
  if (steps.length === 0) return;
  if (runBuild === undefined) {
    throw new OciError('unavailable', `Nothing can be built here. Run ${commandOf(steps[0])} and set build to false.`);
  }
  for (const [at, step] of steps.entries()) {
    io.signal.throwIfAborted();
    run.onProgress?.({ message: `Building ${at + 1} of ${steps.length}: ${step.title}`, bytes: 0 });
    await writeFiles(step);
    await runBuild(step, io);
  }
}

async function writeFiles({ files = {} }: BuildStep): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    } catch (cause) {
      throw fileError(cause, 'write', file);
    }
  }
}

export function buildSummary(step: BuildStep): BuildSummary {
  const { directory, platform } = step;
  return { command: commandOf(step), directory, ...(platform === undefined ? {} : { platform }) };
}

/** The command as a shell would take it, with what is added to its environment. */
function commandOf(step: BuildStep | undefined): string {
  if (step === undefined) return '';
  const env = Object.entries(step.env).map(([name, value]) => `${name}=${quoted(value)}`);
  return [...env, ...[step.command, ...step.args].map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
