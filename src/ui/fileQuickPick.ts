import { type QuickInputButton, type QuickPickItem, ThemeIcon, ViewColumn, window } from 'vscode';
import type { FolderItem } from '../browse/folderItem.ts';
import { parentPath } from '../browse/folderItem.ts';
import { visibleName } from '../browse/pathNames.ts';
import { formatBytes } from '../browse/text.ts';
import { layerProgress } from '../verbs/fileOptions.ts';
import type { ChosenImage } from './chosenImage.ts';
import { fileUri } from './fileUris.ts';
import { rowText } from './inputText.ts';
import { openUri } from './openUri.ts';
import type { Shell } from './shell.ts';

/** Matches that are shown: nobody reads more. */
const maxShown = 200;

interface FileChoice extends QuickPickItem {
  readonly item?: FolderItem;
}

const toSide: QuickInputButton = { iconPath: new ThemeIcon('split-horizontal'), tooltip: 'Open to the Side' };

/**
 * Asks for a file of an image by pieces of its path, once its layers are read, which is shown in bytes. Undefined: given up.
 * @throws OciError where the image cannot be read
 */
export async function askForFile(shell: Shell, image: ChosenImage, title: string): Promise<FolderItem | undefined> {
  const pick = window.createQuickPick<FileChoice>();
  const controller = new AbortController();
  pick.title = title;
  pick.busy = true;
  pick.placeholder = 'Reading layers…';
  // The order is the finder's: the workbench would sort by the name alone. What does not know the property leaves it be.
  Object.assign(pick, { sortByLabel: false });
  const chosen = new Promise<FolderItem | undefined>((resolve) => {
    pick.onDidAccept(() => {
      const { item } = pick.activeItems[0] ?? {};
      if (item !== undefined) resolve(item);
    });
    pick.onDidTriggerItemButton(({ item: { item } }) => {
      if (item !== undefined) void openUri(uriOf(image, item), ViewColumn.Beside);
    });
    pick.onDidHide(() => resolve(undefined));
  });
  pick.show();
  try {
    const found = await Promise.race([chosen.then(() => undefined), finderOf(shell, image, controller.signal, pick)]);
    if (found === undefined) return undefined;
    const list = (): void => void (pick.items = found(pick.value, maxShown).map((item) => choiceOf(image, item)));
    pick.onDidChangeValue(list);
    pick.busy = false;
    pick.placeholder = 'Pieces of a path, such as etc/os-rel';
    list();
    return await chosen;
  } finally {
    controller.abort();
    pick.dispose();
  }
}

type Find = (query: string, limit: number) => readonly FolderItem[];

async function finderOf(
  shell: Shell,
  image: ChosenImage,
  signal: AbortSignal,
  pick: { placeholder: string | undefined },
): Promise<Find | undefined> {
  const folder = await shell.folders.of(image, { signal });
  const onProgress = ({ bytes, total = 0 }: { readonly bytes: number; readonly total?: number }): void => {
    pick.placeholder = `Reading layers… ${formatBytes(bytes)} of ${formatBytes(total)}`;
  };
  try {
    return await folder.finder(layerProgress(folder.files, { onProgress }), { signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function choiceOf(image: ChosenImage, item: FolderItem): FileChoice {
  const { entry } = item;
  const size = entry.type === 'file' ? ` · ${formatBytes(entry.size)}` : '';
  return {
    label: rowText(visibleName(item.name)),
    description: rowText(`${parentPath(entry.path) || '/'}${size}`),
    iconPath: entry.type === 'symlink' ? new ThemeIcon('file-symlink-file') : ThemeIcon.File,
    resourceUri: uriOf(image, item),
    alwaysShow: true,
    buttons: [toSide],
    item,
  };
}

function uriOf(image: ChosenImage, item: FolderItem): ReturnType<typeof fileUri> {
  return fileUri({ ...image, path: item.entry.path.slice(1) });
}
