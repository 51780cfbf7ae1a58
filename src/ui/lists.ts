import type { Asked, Commands } from './command.ts';
import { briefly } from './progress.ts';
import { nodeOf, imageFor, withTag } from './references.ts';
import { registryFor } from './registryNames.ts';
import type { Shell } from './shell.ts';
import { askOne } from './prompts.ts';

/** `gantry.listRepositories` and `gantry.listTags`: every name; a person picks one and it is put on the clipboard. */
export function listCommands(shell: Shell): Commands {
  return {
    'gantry.listRepositories': {
      program: (options, api) => api.listRepositories(options),
      person: async (asked) => {
        const registry = await registryFor(shell, asked, 'List Repositories');
        if (registry === undefined) return undefined;
        const names = await briefly((run) => shell.api().listRepositories({ registry }, run));
        return pick(shell, names, `Repositories of ${registry}`, (name) => `${registry}/${name}`);
      },
    },
    'gantry.listTags': {
      program: (options, api) => api.listTags(options),
      person: async (asked) => {
        const repository = await repositoryFor(shell, asked);
        if (repository === undefined) return undefined;
        const tags = await briefly((run) => shell.api().listTags({ repository }, run));
        return pick(shell, tags, `Tags of ${repository}`, (tag) => withTag(repository, tag));
      },
    },
  };
}

async function repositoryFor(shell: Shell, asked: Asked): Promise<string | undefined> {
  const node = nodeOf(asked, 'repository');
  return node === undefined ? imageFor(shell, asked, 'List Tags') : `${node.registry}/${node.repository}`;
}

async function pick(
  shell: Shell,
  names: readonly string[],
  title: string,
  reference: (name: string) => string,
): Promise<readonly string[]> {
  const choices = names.map((label) => ({ label, value: label }));
  const picked = await askOne(choices, { title, placeholder: 'Enter copies the reference' });
  if (typeof picked === 'string') await shell.copyText(reference(picked));
  return names;
}
