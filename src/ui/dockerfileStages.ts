import path from 'node:path';
import { Uri, window } from 'vscode';
import { visibleText } from '../browse/text.ts';
import { readDockerfile } from '../containerize/dockerfile/readDockerfile.ts';
import { stagesNeeded } from '../containerize/dockerfile/stagesNeeded.ts';
import { ProjectFolder } from '../containerize/recipes/projectFolder.ts';
import { OciError } from '../errors.ts';
import { stringMap } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';
import { isFolder } from './containerizeFiles.ts';
import type { Shell } from './shell.ts';

type Stages = Readonly<Record<string, string>>;

/**
 * The folders that stand for what a Dockerfile's final stage copies from: asked for once and then remembered in the workspace,
 * as long as they are there. Empty where there is no Dockerfile or it copies from nowhere else. Undefined: given up.
 */
export async function stagesOf(shell: Shell, dockerfile: string | undefined): Promise<Stages | undefined> {
  if (dockerfile === undefined) return {};
  return stagesFrom(shell, dockerfile, stringMap(shell.memory.get(keyOf(dockerfile)) ?? {}));
}

/** The same, asked for anew and remembered. */
export async function askStages(shell: Shell, dockerfile: string): Promise<Stages | undefined> {
  return stagesFrom(shell, dockerfile, {});
}

async function stagesFrom(shell: Shell, dockerfile: string, known: Stages): Promise<Stages | undefined> {
  const stages: Record<string, string> = {};
  for (const { name, paths } of await neededBy(dockerfile)) {
    const before = known[name];
    const isThere = before !== undefined && (await isFolder(before));
    const folder = isThere ? before : await askFolder(dockerfile, name, paths);
    if (folder === undefined) return undefined;
    stages[name] = folder;
  }
  await shell.memory.update(keyOf(dockerfile), stages);
  return stages;
}

function keyOf(dockerfile: string): string {
  return `gantry.stages:${dockerfile}`;
}

async function neededBy(dockerfile: string): Promise<ReturnType<typeof stagesNeeded>> {
  const folder = await ProjectFolder.open(path.dirname(dockerfile));
  const text = await folder.text(path.basename(dockerfile), { signal: AbortSignal.timeout(60_000) });
  if (text === undefined) throw new OciError('not-found', `there is no file ${escapeText(dockerfile)}.`);
  return stagesNeeded(readDockerfile(text, dockerfile));
}

async function askFolder(dockerfile: string, stage: string, paths: readonly string[]): Promise<string | undefined> {
  const picked = await window.showOpenDialog({
    title: visibleText(`A folder that stands for the stage ${stage}, with ${paths.slice(0, 3).join(', ')} in it`),
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: visibleText(`Use as ${stage}`),
    defaultUri: Uri.file(path.dirname(dockerfile)),
  });
  return picked?.[0]?.fsPath;
}
