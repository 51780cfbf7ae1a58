import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { commands, Disposable, type TreeDragAndDropController, type TreeView, window } from 'vscode';
import type { TreeNode } from '../browse/nodes.ts';
import { isLocal, localPlacesAt, type Place } from '../browse/places.ts';
import type { ImagesTree } from './imagesTree.ts';
import type { Shell } from './shell.ts';
import { watchArchives } from './workspaceArchives.ts';

/** A view of images with what feeds it. */
export interface ImagesView {
  readonly tree: ImagesTree;
  readonly view: TreeView<TreeNode>;
  /** Selects a node, and opens the folders that lead to it. */
  reveal(node: TreeNode): Promise<void>;
  dispose(): void;
}

/** Milliseconds until a selection is there to stay. */
const settled = 400;

/** Makes a view of package.json show a tree. */
export function viewOf(id: string, tree: ImagesTree, drop?: TreeDragAndDropController<TreeNode>): ImagesView {
  const view = window.createTreeView(id, {
    treeDataProvider: tree,
    canSelectMany: true,
    showCollapseAll: true,
    ...(drop === undefined ? {} : { dragAndDropController: drop }),
  });
  return {
    tree,
    view,
    reveal: async (node) => {
      if (!view.visible) await commands.executeCommand(`${id}.focus`);
      for (let tries = 4; !(await isRevealed(view, node, tries)); tries--);
    },
    dispose: () => void Disposable.from(view, tree).dispose(),
  };
}

/**
 * Selects a node; false where that has to be tried again. A view that reads its rows anew meanwhile, as one that was closed does,
 * fails to find the row, or selects again what was selected before. Throws the workbench's error at the last try.
 */
async function isRevealed(view: TreeView<TreeNode>, node: TreeNode, tries: number): Promise<boolean> {
  try {
    await view.reveal(node, { select: true, focus: true });
  } catch (error) {
    if (tries <= 1) throw error;
  }
  await setTimeout(settled);
  return tries <= 1 || view.selection.some(({ id }) => id === node.id);
}

/** What is done with both views: a node goes to the one that it is in. */
export function actionsOn(
  images: ImagesView,
  archives: ImagesView,
): Pick<Shell, 'selection' | 'redraw' | 'reveal' | 'message'> {
  return {
    selection: async (name) => {
      const { tree, view } = name === 'registries' ? images : archives;
      return tree.selected(() => view.selection);
    },
    redraw: (node) => {
      if (node === undefined || !isLocal(node)) images.tree.redraw(node);
      if (node === undefined || isLocal(node)) archives.tree.redraw(node);
    },
    reveal: async (node) => (isLocal(node) ? archives : images).reveal(node),
    message: (text) => (images.view.message = text ?? ''),
  };
}

/** Keeps a place in its view, where it is not there by itself. */
export async function keep(shell: Shell, place: Place): Promise<void> {
  const { recent, browser } = shell;
  if (isLocal(place)) {
    if (!browser.knows(place) && (await isThere(place.repository))) await recent.openArchive(place);
    shell.redrawArchives();
    return;
  }
  const { registry, repository } = place;
  const isKnown = recent.opened().some((one) => one.registry === registry && one.repository === repository);
  await recent.open(registry, repository);
  if (!isKnown) shell.redrawAll();
}

/** Follows the archives of the workspace on disk from the first time that their view is seen. */
export function watchWhenShown(shell: Shell, view: TreeView<TreeNode>): Disposable {
  const watching: Disposable[] = [];
  const start = (): void => {
    if (!view.visible || watching.length > 0) return;
    watching.push(watchArchives((paths) => changed(shell, paths)));
  };
  start();
  const showing = view.onDidChangeVisibility(start);
  return new Disposable(() => {
    showing.dispose();
    watching.forEach((one) => void one.dispose());
  });
}

function changed(shell: Shell, paths: readonly string[]): void {
  for (const place of paths.flatMap(localPlacesAt)) shell.browser.changed(place);
  shell.redrawArchives();
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
