import { commands, Disposable, env, type ExtensionContext, workspace } from 'vscode';
import { Browser } from '../browse/browser.ts';
import { LocalImages } from '../browse/localImages.ts';
import { registerAddRegistry } from './addRegistry.ts';
import { registerChangeDecorations } from './changeDecorations.ts';
import { registerClearCache } from './clearCache.ts';
import { registerClipboard } from './clipboard.ts';
import { registerCommand } from './command.ts';
import { registerCompareImages } from './compareImages.ts';
import { ComparisonView } from './comparisonView.ts';
import { registerContainerize } from './containerize.ts';
import { registerCopyImage } from './copyImage.ts';
import { registerDeleteImage } from './deleteImage.ts';
import type { UiDeps } from './deps.ts';
import { registerDownloadFile } from './downloadFile.ts';
import { dropFiles } from './dropFiles.ts';
import { registerFilePrograms } from './filePrograms.ts';
import { registerFindInImage } from './findInImage.ts';
import { registerGantryTasks } from './gantryTasks.ts';
import { ImageDocuments } from './imageDocuments.ts';
import { ImageFileSystem } from './imageFileSystem.ts';
import { registerImageReport } from './imageReport.ts';
import { ImagesTree } from './imagesTree.ts';
import { actionsOn, type ImagesView, keep, viewOf, watchWhenShown } from './imagesView.ts';
import { registerImportDockerLogins } from './importDockerLogins.ts';
import { registerInspectImage } from './inspectImage.ts';
import { registerLayerCommand } from './layerFlow.ts';
import { registerLists } from './lists.ts';
import { registerLocalRegistry } from './localRegistry.ts';
import { Notify } from './notify.ts';
import { registerOpenArchive } from './openArchive.ts';
import { registerOpenFile } from './openFile.ts';
import { registerOpenFilesystem } from './openFilesystem.ts';
import { registerOpenImage } from './openImage.ts';
import { registerPathHistory } from './pathVersions.ts';
import { Recent } from './recent.ts';
import { registerRetag } from './retag.ts';
import { registerSaveArchive } from './saveArchive.ts';
import { registerRevealInFilesystem } from './revealInFilesystem.ts';
import { registerSearchInImage } from './searchInImage.ts';
import { readSettings } from './settings.ts';
import type { Shell } from './shell.ts';
import { registerSignIn, signIn } from './signIn.ts';
import { registerSpecLanguage } from './specLanguage.ts';
import { registerTreeCommands } from './treeCommands.ts';
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
    notify: new Notify(deps.log, {
      signIn: async (registry) =>
        registry === undefined ? commands.executeCommand('gantry.signIn') : signIn(shell, registry),
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
  const files = new ImageFileSystem({
    browser,
    folders: deps.folders,
    documents: new ImageDocuments(browser, deps.api),
    maxFileBytes: () => readSettings().maxFileBytes,
  });
  const comparison = new ComparisonView();
  const parts = [
    images,
    archives,
    files,
    files.register(),
    registerChangeDecorations(),
    comparison,
    ...registerCompareImages(shell, comparison),
    ...registerImageReport(shell, context),
    ...commandsOf(shell),
    ...listeners(shell, [images, archives]),
    watchWhenShown(shell, archives.view),
  ];
  void showContext(browser);
  return Disposable.from(...parts);
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

function commandsOf(shell: Shell): readonly Disposable[] {
  return [
    ...registerTreeCommands(shell),
    ...registerOpenArchive(shell),
    registerSaveArchive(shell),
    ...registerAddRegistry(shell),
    registerImportDockerLogins(shell),
    ...registerSignIn(shell),
    registerOpenImage(shell),
    ...registerInspectImage(shell),
    registerCopyImage(shell),
    registerRetag(shell),
    registerLayerCommand(shell),
    registerContainerize(shell),
    ...registerSpecLanguage(shell),
    registerGantryTasks(shell),
    ...registerDeleteImage(shell),
    ...registerClipboard(shell),
    ...registerLists(shell),
    ...registerFilePrograms(shell),
    ...registerOpenFile(shell),
    registerOpenFilesystem(shell),
    registerFindInImage(shell),
    ...registerSearchInImage(shell),
    registerDownloadFile(shell),
    registerPathHistory(shell),
    registerRevealInFilesystem(shell),
    registerClearCache(shell),
    ...registerLocalRegistry(shell),
    registerCommand(shell, 'gantry.showLog', { person: async () => shell.log.show() }),
    registerCommand(shell, 'gantry.openSettings', { person: openSettings }),
  ];
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

async function openSettings(): Promise<void> {
  await commands.executeCommand('workbench.action.openSettings', '@ext:gantry-tools.gantry');
}

async function showContext(browser: Browser): Promise<void> {
  await commands.executeCommand('setContext', 'gantry:hasRegistries', browser.roots().length > 0);
}
