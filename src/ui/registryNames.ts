import { parseRegistry } from '../oci/reference.ts';
import type { Asked } from './command.ts';
import { askTextOrOne } from './prompts.ts';
import { registryProblem } from './references.ts';
import type { Shell } from './shell.ts';

/** The registry of the node a command was run on, else one that is asked for. Undefined: given up. */
export async function registryFor(shell: Shell, asked: Asked, title: string): Promise<string | undefined> {
  if (asked.kind === 'nodes') return asked.nodes[0].registry;
  const suggestions = shell.browser
    .roots()
    .map(({ registry, alias }) => ({ label: registry, ...(alias === undefined ? {} : { description: alias }) }));
  const text = await askTextOrOne({ title, placeholder: 'Which registry?', suggestions, validate: registryProblem });
  return typeof text === 'string' ? parseRegistry(text) : undefined;
}
