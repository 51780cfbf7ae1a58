import { commands, type Disposable } from 'vscode';
import type { TreeNode } from '../browse/nodes.ts';
import { type Asked, registerCommand } from './command.ts';
import { askText } from './prompts.ts';
import { nodeOf } from './references.ts';
import type { Shell } from './shell.ts';

/** What changes the view and nothing else: refresh, load more, retry, filter, and closing what was opened. */
export function registerTreeCommands(shell: Shell): readonly Disposable[] {
  const nodesOf = (asked: Asked): readonly (TreeNode | undefined)[] =>
    asked.kind === 'nodes' ? asked.nodes : [undefined];
  const register = (id: string, act: (asked: Asked) => Promise<void> | void): Disposable =>
    registerCommand(shell, id, { person: async (asked) => act(asked) });
  return [
    register('gantry.refresh', (asked) => nodesOf(asked).forEach((node) => shell.redraw(shell.browser.refresh(node)))),
    register('gantry.loadMore', (asked) => {
      const node = nodeOf(asked, 'loadMore');
      if (node !== undefined) shell.redraw(shell.browser.loadMore(node));
    }),
    register('gantry.retry', (asked) => {
      if (asked.kind === 'nodes') shell.redraw(shell.browser.retry(asked.nodes[0]));
    }),
    register('gantry.filter', (asked) => filter(shell, asked)),
    register('gantry.clearFilter', async () => {
      shell.browser.clearFilters();
      await showFilter(shell);
      shell.redraw();
    }),
    register('gantry.unpin', async (asked) => {
      const node = nodeOf(asked, 'repository');
      if (node === undefined) return;
      await shell.recent.close(node.registry, node.repository);
      shell.redrawAll();
    }),
  ];
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
