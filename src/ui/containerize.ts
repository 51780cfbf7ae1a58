import type { Disposable } from 'vscode';
import type { ContainerizeResult } from '../api.ts';
import { type Asked, registerCommand } from './command.ts';
import { assertTrusted } from './policy.ts';
import { nodeOf } from './references.ts';
import type { Shell } from './shell.ts';

/** `gantry.containerize`: from files to an image, ending in a plan. What it asks is loaded when it is first used. */
export function registerContainerize(shell: Shell): Disposable {
  return registerCommand(shell, 'gantry.containerize', {
    program: (options, api) => api.containerize(options),
    person: async (asked) => containerizeAsked(shell, asked),
  });
}

async function containerizeAsked(shell: Shell, asked: Asked): Promise<ContainerizeResult | undefined> {
  assertTrusted();
  const { askFiles, pathOf } = await import('./containerizeSubject.ts');
  const files = asked.kind === 'files' ? asked.files.map(pathOf) : await askFiles();
  return containerizeFiles(shell, files, targetOf(asked));
}

/** The gesture on files of this machine, into a repository where one is named. Undefined: given up. */
export async function containerizeFiles(
  shell: Shell,
  files: readonly string[],
  repository?: string,
): Promise<ContainerizeResult | undefined> {
  const { containerize } = await import('./containerizeFlow.ts');
  return containerize(shell, files, repository);
}

/** The repository of the node that the command was run on. */
function targetOf(asked: Asked): string | undefined {
  const node = nodeOf(asked, 'repository');
  return node === undefined ? undefined : `${node.registry}/${node.repository}`;
}
