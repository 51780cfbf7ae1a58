import { commands } from 'vscode';
import type { TreeNode } from '../browse/nodes.ts';
import type { Asked, Command, Commands } from './command.ts';
import { askText } from './prompts.ts';
import { nodeOf } from './references.ts';
import type { Shell } from './shell.ts';

/** What changes the view and nothing else: refresh, load more, retry, filter, and closing what was opened. */
export function treeCommands(shell: Shell): Commands {
  const nodesOf = (asked: Asked): readonly (TreeNode | undefined)[] =>
    asked.kind === 'nodes' ? asked.nodes : [undefined];
  const on = (act: (asked: Asked) => Promise<void> | void): Command => ({ person: async (asked) => act(asked) });
  return {
    'gantry.refresh': on((asked) => nodesOf(asked).forEach((node) => shell.redraw(shell.browser.refresh(node)))),
    'gantry.loadMore': on((asked) => {
      const node = nodeOf(asked, 'loadMore');
      if (node !== undefined) shell.redraw(shell.browser.loadMore(node));
    }),
    'gantry.retry': on((asked) => {
      if (asked.kind === 'nodes') shell.redraw(shell.browser.retry(asked.nodes[0]));
    }),
    'gantry.filter': on((asked) => filter(shell, asked)),
    'gantry.clearFilter': on(async () => {
      shell.browser.clearFilters();
      await showFilter(shell);
      shell.redraw();
    }),
    'gantry.unpin': on(async (asked) => {
      const node = nodeOf(asked, 'repository');
      if (node === undefined) return;
      await shell.recent.close(node.registry, node.repository);
      shell.redrawAll();
    }),
  };
}

async function filter(shell: Shell, asked: Asked): Promise<void> {
  const repository = nodeOf(asked, 'repository');
  const what = repository === undefined ? 'repositories' : `tags of ${repository.repository}`;
  const text = await askText({
    title: `Filter ${what}`,
    prompt: `Shows the ${what} that hold every word; a word with * at its end must start the name`,
    value: shell.browser.filterOf(repository),
  });
  if (typeof text !== 'string') return;
  const changed = shell.browser.setFilter(text, repository);
  await showFilter(shell);
  shell.redraw(changed);
}

async function showFilter(shell: Shell): Promise<void> {
  const text = shell.browser.filterOf();
  shell.message(text === '' ? undefined : `Repositories with “${text}”`);
  await commands.executeCommand('setContext', 'gantry:filtered', shell.browser.filtered);
}
