import { Uri, window, workspace } from 'vscode';
import { type ChosenImage, describeImage } from './chosenImage.ts';
import type { Asked } from './command.ts';
import { type FileAddress, parseFilePath } from './filePaths.ts';
import { scheme } from './fileUris.ts';
import { briefly } from './progress.ts';
import type { Shell } from './shell.ts';

/** A file or folder of an image, with the name of the image. */
export interface OpenedFiles {
  readonly image: ChosenImage;
  readonly address: FileAddress;
}

/**
 * What a command from the Explorer, a key or the palette is about: the file it was run on, else the image that the editor in
 * front shows a file of, else the only one that is a folder of the workspace. Undefined where there is none.
 */
export async function openedFiles(shell: Shell, asked: Asked): Promise<OpenedFiles | undefined> {
  if (asked.kind === 'nodes') return undefined;
  const found = asked.kind === 'files' ? addressOf(asked.files[0]) : (rootOf(editorInFront()) ?? soleFolder());
  if (found === undefined || !shell.browser.knows(found)) return undefined;
  return { address: found, image: await briefly((io) => describeImage(shell, found, io)) };
}

function addressOf(uri: Uri | undefined): FileAddress | undefined {
  return uri?.scheme === scheme ? parseFilePath(uri.authority, uri.path) : undefined;
}

function rootOf(uri: Uri | undefined): FileAddress | undefined {
  const found = addressOf(uri);
  if (found === undefined) return undefined;
  const { registry, repository, digest } = found;
  return { registry, repository, digest, path: '' };
}

function soleFolder(): FileAddress | undefined {
  const [folder, ...others] = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === scheme);
  return others.length === 0 ? addressOf(folder?.uri) : undefined;
}

/** An image or another file that is no text has no text editor. */
function editorInFront(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = typeof input === 'object' && input !== null && 'uri' in input ? input.uri : undefined;
  return uri instanceof Uri ? uri : undefined;
}
