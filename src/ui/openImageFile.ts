import { FileSystemError, FileType, type Uri, workspace } from 'vscode';
import { visibleText } from '../browse/text.ts';
import { imageFileUri, type NamedImage } from './imageUris.ts';
import { openUri } from './openUri.ts';
import type { Shell } from './shell.ts';

export interface ImageFile {
  readonly image: NamedImage;
  /** Absolute. */
  readonly path: string;
  /** Layers to look in, from 0, one after the other; undefined is the merged view. */
  readonly layers: readonly (number | undefined)[];
}

/** Opens the first version of a file that there is; says why where there is nothing to open. */
export async function openImageFile(shell: Shell, { image, path, layers }: ImageFile): Promise<void> {
  for (const layer of layers) {
    const uri = imageFileUri(image, path, layer);
    const type = uri === undefined ? undefined : await typeAt(uri);
    if (uri === undefined || type === undefined) continue;
    if ((type & FileType.File) !== 0) await openUri(uri);
    else void shell.notify.info(`${visibleText(path)} is ${wordOf(type)}: it has no content to open.`);
    return;
  }
  void shell.notify.info(`${visibleText(path)} cannot be opened: its layers do not have it under this name.`);
}

function wordOf(type: FileType): string {
  return (type & FileType.Directory) === 0 ? 'no file' : 'a folder';
}

/** Undefined where nothing is there. What cannot be looked at is taken for a file: its editor shows why. */
async function typeAt(uri: Uri): Promise<FileType | undefined> {
  try {
    return (await workspace.fs.stat(uri)).type;
  } catch (error) {
    return error instanceof FileSystemError && error.code === 'FileNotFound' ? undefined : FileType.File;
  }
}
