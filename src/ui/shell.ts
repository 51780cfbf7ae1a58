import type { Browser } from '../browse/browser.ts';
import type { TreeNode } from '../browse/nodes.ts';
import type { UiDeps } from './deps.ts';
import type { Notify } from './notify.ts';
import type { Recent } from './recent.ts';
import type { Settings } from './settingValues.ts';

/** What every feature of the user interface works with. */
export interface Shell extends UiDeps {
  readonly browser: Browser;
  readonly notify: Notify;
  readonly recent: Recent;
  readonly settings: () => Settings;
  /** What is selected in the tree. */
  readonly selection: () => readonly TreeNode[];
  /** Puts text on the clipboard. */
  readonly copyText: (text: string) => Promise<void>;
  /** Draws a node and what is below it again; without one, the whole tree. */
  readonly redraw: (node?: TreeNode) => void;
  /** Forgets all that was read and draws everything again. */
  readonly redrawAll: () => void;
  /** A line above the tree; undefined removes it. */
  readonly message: (text: string | undefined) => void;
}

/** Draws again what a write to a repository has changed. */
export function repositoryChanged(shell: Shell, registry: string, repository: string): void {
  for (const node of shell.browser.changed(registry, repository)) shell.redraw(node);
}
