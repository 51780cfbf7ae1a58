import type { Disposable, ExtensionContext, Memento, Uri } from 'vscode';
import type { Browser } from '../browse/browser.ts';
import type { LocalImages } from '../browse/localImages.ts';
import type { TreeNode } from '../browse/nodes.ts';
import type { Place } from '../browse/places.ts';
import type { UiDeps } from './deps.ts';
import type { TreeView } from './invocation.ts';
import type { Notify } from './notify.ts';
import type { Recent } from './recent.ts';
import type { Settings } from './settingValues.ts';

/** What every feature of the user interface works with. */
export interface Shell extends UiDeps {
  readonly browser: Browser;
  /** Layouts and archives on disk. */
  readonly local: LocalImages;
  readonly notify: Notify;
  readonly recent: Recent;
  readonly settings: () => Settings;
  /** What is remembered of this workspace. */
  readonly memory: Memento;
  /** The folder of the extension. */
  readonly extensionUri: Uri;
  /** What goes away with the extension. */
  readonly subscriptions: ExtensionContext['subscriptions'];
  /** What is selected in a view. */
  readonly selection: (view: TreeView) => Promise<readonly TreeNode[]>;
  /** Puts text on the clipboard. */
  readonly copyText: (text: string) => Promise<void>;
  /** Draws a node and what is below it again; without one, the whole tree. */
  readonly redraw: (node?: TreeNode) => void;
  /** Forgets all that was read and draws everything again. */
  readonly redrawAll: () => void;
  /** Keeps a place in its view, where it is not there by itself: what the user named by hand. */
  readonly keep: (place: Place) => Promise<void>;
  /** Looks anew for layouts and archives, and draws their view again. */
  readonly redrawArchives: () => void;
  /** Selects a node of its tree, and opens the folders that lead to it. */
  readonly reveal: (node: TreeNode) => Promise<void>;
  /** A line above the tree; undefined removes it. */
  readonly message: (text: string | undefined) => void;
}

/** Lets a thing go away with the extension. */
export function owned<Thing extends Disposable>(shell: Shell, thing: Thing): Thing {
  shell.subscriptions.push(thing);
  return thing;
}

/** Selects a layout or archive in its view. */
export async function revealArchive(shell: Shell, { registry, repository }: Place): Promise<void> {
  const nodes = await shell.browser.archives({ signal: AbortSignal.timeout(60_000) });
  const node = nodes.find(
    (one) => one.kind === 'archive' && one.registry === registry && one.repository === repository,
  );
  if (node !== undefined) await shell.reveal(node);
}

/** Draws again what a write to a repository, layout or archive has changed. */
export function placeChanged(shell: Shell, place: Place): void {
  for (const node of shell.browser.changed(place)) shell.redraw(node);
}
