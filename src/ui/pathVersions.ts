import { commands, type QuickInputButton, type QuickPickItem, ThemeIcon, type Uri, window } from 'vscode';
import { formatBytes, visibleText } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import type { PathVersion } from '../operations/pathHistory.ts';
import { layerProgress } from '../verbs/fileOptions.ts';
import { type ChosenImage, chosenImage } from './chosenImage.ts';
import type { Asked, Commands } from './command.ts';
import { instruction } from './contentItems.ts';
import { askForFile } from './fileQuickPick.ts';
import { fileUri } from './fileUris.ts';
import { rowText } from './inputText.ts';
import { openUri } from './openUri.ts';
import { withProgress } from './progress.ts';
import { nodeOf } from './references.ts';
import type { Shell } from './shell.ts';

/** A version of a path as one layer has it, and the one before it that can be read. */
interface VersionChoice extends QuickPickItem {
  readonly version: PathVersion;
  readonly before?: PathVersion;
}

const compare: QuickInputButton = { iconPath: new ThemeIcon('diff'), tooltip: 'Compare with the Version Before' };

/** `gantry.pathHistory`: every layer that touched a path; picking one opens its version, a button compares it with the last. */
export function pathHistoryCommands(shell: Shell): Commands {
  return {
    'gantry.pathHistory': {
      person: async (asked) => {
        const image = await chosenImage(shell, asked, 'Show Layers That Touched a Path');
        const path = image === undefined ? undefined : await pathFor(shell, asked, image);
        if (image === undefined || path === undefined) return;
        const versions = await withProgress(`Reading layers of ${image.name}`, async (run) => {
          const folder = await shell.folders.of(image, run);
          return folder.history(path, layerProgress(folder.files, run), run);
        });
        if (versions.length === 0) {
          throw new OciError('not-found', `No layer of ${image.name} has ${visibleText(`/${path}`)}.`);
        }
        await choose(image, path, versions);
      },
    },
  };
}

async function pathFor(shell: Shell, asked: Asked, image: ChosenImage): Promise<string | undefined> {
  const node = nodeOf(asked, 'path');
  const entry =
    node?.item.entry ?? (await askForFile(shell, image, `Layers That Touched a Path of ${image.name}`))?.entry;
  return entry?.path.slice(1);
}

async function choose(image: ChosenImage, path: string, versions: readonly PathVersion[]): Promise<void> {
  const pick = window.createQuickPick<VersionChoice>();
  pick.title = `${visibleText(`/${path}`, 100)} in ${image.name}`;
  pick.placeholder = 'Enter opens a version';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.items = versions.map((version, at) => choiceOf(version, lastReadable(versions.slice(0, at)))).reverse();
  const uriOf = ({ layer }: PathVersion): Uri => fileUri({ ...image, layer, path });
  const [chosen, button] = await new Promise<readonly [VersionChoice | undefined, boolean]>((resolve) => {
    pick.onDidAccept(() => resolve([pick.activeItems[0], false]));
    pick.onDidTriggerItemButton(({ item }) => resolve([item, true]));
    pick.onDidHide(() => resolve([undefined, false]));
    pick.show();
  });
  pick.dispose();
  if (chosen === undefined) return;
  const { version, before } = chosen;
  // What a layer removed is shown as it was before.
  const shown = isReadable(version) ? version : before;
  if (button && before !== undefined && isReadable(version)) {
    const title = `${visibleText(path)} (#${before.layer + 1} ↔ #${version.layer + 1})`;
    await commands.executeCommand('vscode.diff', uriOf(before), uriOf(version), title);
  } else if (shown !== undefined) await openUri(uriOf(shown));
}

function choiceOf(version: PathVersion, before: PathVersion | undefined): VersionChoice {
  const { layer, change, entry, createdBy, content } = version;
  const size = content === undefined ? '' : ` · ${formatBytes(content.entry.size)}`;
  const link = entry.type === 'symlink' && change !== 'removed' ? ` → ${entry.linkname ?? ''}` : '';
  return {
    label: `#${layer + 1} ${change}`,
    description: rowText(`${size}${link}`.replace(/^ · /, '')),
    ...(createdBy === undefined ? {} : { detail: rowText(instruction(createdBy)) }),
    ...(before === undefined ? {} : { before }),
    ...(before === undefined || !isReadable(version) ? {} : { buttons: [compare] }),
    version,
  };
}

function lastReadable(versions: readonly PathVersion[]): PathVersion | undefined {
  return versions.findLast(isReadable);
}

function isReadable({ change, content, entry }: PathVersion): boolean {
  return change !== 'removed' && (content !== undefined || entry.type === 'symlink');
}
