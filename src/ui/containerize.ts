import type { ContainerizeResult } from '../api.ts';
import type { Asked, Commands } from './command.ts';
import { assertTrusted } from './policy.ts';
import { nodeOf } from './references.ts';
import type { Shell } from './shell.ts';

/** `gantry.containerize`: from files to an image, ending in a plan. What it asks is loaded when it is first used. */
export function containerizeCommands(shell: Shell): Commands {
  return {
    'gantry.containerize': {
      program: (options, api) => api.containerize(options),
      person: async (asked) => containerizeAsked(shell, asked),
    },
  };
}

async function containerizeAsked(shell: Shell, asked: Asked): Promise<ContainerizeResult | undefined> {
  assertTrusted();
  const { askFiles, pathOf } = await import('./containerizeSubject.ts');
  const files = asked.kind === 'files' ? asked.files.map(pathOf) : await askFiles();
  const { containerize } = await import('./containerizeFlow.ts');
  return containerize(shell, files, targetOf(asked));
}

/** The repository of the node that the command was run on. */
function targetOf(asked: Asked): string | undefined {
  const node = nodeOf(asked, 'repository');
  return node === undefined ? undefined : `${node.registry}/${node.repository}`;
}
