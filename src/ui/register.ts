import { commands, Disposable, env, type ExtensionContext, workspace } from 'vscode';
import { Browser } from '../browse/browser.ts';
import { LocalImages } from '../browse/localImages.ts';
import { registerChangeDecorations } from './changeDecorations.ts';
import { registerCommands } from './command.ts';
import { registerComparedTexts } from './comparedTexts.ts';
import type { UiDeps } from './deps.ts';
import { dropFiles } from './dropFiles.ts';
import { registerGantryTasks } from './gantryTasks.ts';
import { ImageDocuments } from './imageDocuments.ts';
import { ImageFileSystem } from './imageFileSystem.ts';
import { ImagesTree } from './imagesTree.ts';
import { actionsOn, type ImagesView, keep, viewOf, watchWhenShown } from './imagesView.ts';
import { Notify } from './notify.ts';
import { openSettings } from './openSettings.ts';
import { Recent } from './recent.ts';
import { registerRestoredPages } from './restoredPages.ts';
import { readSettings } from './settings.ts';
import type { Shell } from './shell.ts';
import { registerSpecLanguage } from './specLanguage.ts';
import { archiveCandidates, isInWorkspace } from './workspaceArchives.ts';

/** Registers the view, the documents and every command. Asks no registry and reads no file. */
export function registerUi(context: ExtensionContext, deps: UiDeps): Disposable {
  const recent = new Recent(context.globalState, () => readSettings().recentMax);
  const [stores, candidates] = [deps.localStores, archiveCandidates];
  const local = new LocalImages({ stores, candidates, opened: () => recent.archives(), isInWorkspace });
  const browser = new Browser({
    registries: deps.registries,
    local,
    settings: () => readSettings().tree,
    folders: deps.folders,
    opened: () => recent.opened(),
  });
  const { images, archives } = viewsOf(browser, deps, () => shell);
  const shell: Shell = {
    ...deps,
    browser,
    local,
    recent,
    settings: readSettings,
    memory: context.workspaceState,
    extensionUri: context.extensionUri,
    subscriptions: context.subscriptions,
    notify: new Notify(deps.log, {
      signIn: async (registry) => signIn(shell, registry),
      openSettings,
    }),
    ...actionsOn(images, archives),
    redrawAll: () => {
      browser.refresh();
      shell.redraw();
      void showContext(browser);
    },
    redrawArchives: () => {
      local.forget();
      archives.tree.redraw();
    },
    keep: async (place) => keep(shell, place),
    copyText: async (text) => env.clipboard.writeText(text),
  };
  const parts = [images, archives, ...featuresOf(shell, context), watchWhenShown(shell, archives.view)];
  void showContext(browser);
  return Disposable.from(...parts, ...listeners(shell, [images, archives]));
}

function featuresOf(shell: Shell, context: ExtensionContext): readonly { dispose(): unknown }[] {
  const { browser, folders, api } = shell;
  const documents = new ImageDocuments(browser, api);
  const files = new ImageFileSystem({ browser, folders, documents, maxFileBytes: () => readSettings().maxFileBytes });
  return [
    files,
    files.register(),
    registerChangeDecorations(),
    registerComparedTexts(),
    registerRestoredPages(shell),
    ...registerSpecLanguage(shell),
    registerGantryTasks(shell),
    ...registerCommands(shell, commandIds(context), async () => (await import('./commandTable.ts')).commandsOf(shell)),
  ];
}

function viewsOf(
  browser: Browser,
  { registries }: UiDeps,
  shell: () => Shell,
): Readonly<Record<'images' | 'archives', ImagesView>> {
  const archives = new ImagesTree(browser, registries, (io) => browser.archives(io));
  return {
    images: viewOf('gantry.registries', new ImagesTree(browser, registries), dropFiles(shell)),
    archives: viewOf('gantry.local', archives),
  };
}

/** The commands that package.json names. */
function commandIds({ extension }: ExtensionContext): readonly string[] {
  const manifest = extension.packageJSON as {
    readonly contributes: { readonly commands: readonly { readonly command: string }[] };
  };
  return manifest.contributes.commands.map(({ command }) => command);
}

function listeners(shell: Shell, views: readonly ImagesView[]): readonly Disposable[] {
  return [
    ...views.map(({ view, tree }) => view.onDidCollapseElement(({ element }) => tree.cancel(element))),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('gantry.tree')) shell.redrawAll();
    }),
    Disposable.from(
      shell.browser.onDidRead((node) => shell.redraw(node)),
      shell.registries.onDidChange(() => {
        shell.folders.forget();
        shell.redrawAll();
      }),
    ),
  ];
}

async function signIn(shell: Shell, registry: string | undefined): Promise<void> {
  if (registry === undefined) return commands.executeCommand('gantry.signIn');
  const { signIn: askCredential } = await import('./signIn.ts');
  await askCredential(shell, registry);
}

async function showContext(browser: Browser): Promise<void> {
  await commands.executeCommand('setContext', 'gantry:hasRegistries', browser.roots().length > 0);
}
