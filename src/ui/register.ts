import { commands, Disposable, env, type ExtensionContext, type TreeView, window, workspace } from 'vscode';
import { Browser } from '../browse/browser.ts';
import type { TreeNode } from '../browse/nodes.ts';
import { registerAddRegistry } from './addRegistry.ts';
import { registerClipboard } from './clipboard.ts';
import { registerCommand } from './command.ts';
import { registerCopyImage } from './copyImage.ts';
import { registerDeleteImage } from './deleteImage.ts';
import type { UiDeps } from './deps.ts';
import { ImageDocuments } from './imageDocuments.ts';
import { registerImportDockerLogins } from './importDockerLogins.ts';
import { registerInspectImage } from './inspectImage.ts';
import { registerLayerCommands } from './layerFlow.ts';
import { registerLists } from './lists.ts';
import { registerLocalRegistry } from './localRegistry.ts';
import { Notify } from './notify.ts';
import { registerOpenImage } from './openImage.ts';
import { Recent } from './recent.ts';
import { RegistriesTree } from './registriesTree.ts';
import { registerRetag } from './retag.ts';
import { readSettings } from './settings.ts';
import type { Shell } from './shell.ts';
import { registerSignIn, signIn } from './signIn.ts';
import { registerTreeCommands } from './treeCommands.ts';

/** Registers the view, the documents and every command. Asks no registry and reads no file. */
export function registerUi(context: ExtensionContext, deps: UiDeps): Disposable {
  const recent = new Recent(context.globalState, () => readSettings().recentMax);
  const browser = new Browser({
    registries: deps.registries,
    settings: () => readSettings().tree,
    opened: () => recent.opened(),
  });
  const tree = new RegistriesTree(browser, deps.registries);
  const options = { treeDataProvider: tree, canSelectMany: true, showCollapseAll: true };
  const view = window.createTreeView('gantry.registries', options);
  const shell: Shell = {
    ...deps,
    browser,
    recent,
    settings: readSettings,
    notify: new Notify(deps.log, {
      signIn: async (registry) =>
        registry === undefined ? commands.executeCommand('gantry.signIn') : signIn(shell, registry),
      openSettings,
    }),
    selection: () => view.selection,
    redraw: (node) => tree.redraw(node),
    redrawAll: () => {
      browser.refresh();
      tree.redraw();
      void showContext(browser);
    },
    message: (text) => (view.message = text ?? ''),
    copyText: async (text) => env.clipboard.writeText(text),
  };
  const documents = new ImageDocuments(browser, deps.api);
  const parts = [view, tree, documents, documents.register(), ...commandsOf(shell), ...listeners(shell, view, tree)];
  void showContext(browser);
  return Disposable.from(...parts);
}

function commandsOf(shell: Shell): readonly Disposable[] {
  return [
    ...registerTreeCommands(shell),
    ...registerAddRegistry(shell),
    registerImportDockerLogins(shell),
    ...registerSignIn(shell),
    registerOpenImage(shell),
    ...registerInspectImage(shell),
    registerCopyImage(shell),
    registerRetag(shell),
    ...registerLayerCommands(shell),
    ...registerDeleteImage(shell),
    ...registerClipboard(shell),
    ...registerLists(shell),
    ...registerLocalRegistry(shell),
    registerCommand(shell, 'gantry.showLog', { person: async () => shell.log.show() }),
    registerCommand(shell, 'gantry.openSettings', { person: openSettings }),
  ];
}

function listeners(shell: Shell, view: TreeView<TreeNode>, tree: RegistriesTree): readonly Disposable[] {
  return [
    view.onDidCollapseElement(({ element }) => tree.cancel(element)),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('gantry.tree')) shell.redrawAll();
    }),
    Disposable.from(shell.registries.onDidChange(() => shell.redrawAll())),
  ];
}

async function openSettings(): Promise<void> {
  await commands.executeCommand('workbench.action.openSettings', '@ext:gantry-tools.gantry');
}

async function showContext(browser: Browser): Promise<void> {
  await commands.executeCommand('setContext', 'gantry:hasRegistries', browser.roots().length > 0);
}
