import { homedir } from 'node:os';
import path from 'node:path';
import { Uri, window, workspace } from 'vscode';
import type { ImagePlace } from '../browse/imageFolders.ts';
import type { PathInImage } from '../browse/imageFolder.ts';
import { visibleName } from '../browse/pathNames.ts';
import { lastSegment } from '../browse/pathTree.ts';
import { saveFile } from '../browse/saveFile.ts';
import { formatBytes, visibleText } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import { layerOption, layerProgress, pathOption } from '../verbs/fileOptions.ts';
import { OptionReader } from '../verbs/options.ts';
import type { RunOptions } from '../api.ts';
import { chosenImage, namedImage } from './chosenImage.ts';
import type { Asked, Commands } from './command.ts';
import { askForFile } from './fileQuickPick.ts';
import { parseFilePath } from './filePaths.ts';
import { addressOf, scheme } from './fileUris.ts';
import { withProgress } from './progress.ts';
import { nodeOf } from './references.ts';
import type { Shell } from './shell.ts';

export interface DownloadedFile {
  /** The absolute path of the file that was written. */
  readonly file: string;
  readonly bytes: number;
}

interface Wanted extends PathInImage {
  readonly image: ImagePlace;
}

/** `gantry.downloadFile`: one file of an image to a file on this machine, as it streams. */
export function downloadFileCommands(shell: Shell): Commands {
  return {
    'gantry.downloadFile': {
      program: async (options) => {
        const reader = new OptionReader('downloadFile', options);
        const [file, wanted] = [reader.text('target'), await wantedOf(shell, reader)];
        if (!path.isAbsolute(file))
          throw new OciError('invalid-reference', 'the option target must be an absolute path.');
        const io = { signal: new AbortController().signal };
        return save(shell, wanted, file, { overwrite: reader.flag('overwrite'), run: io });
      },
      person: async (asked) => {
        const wanted = await askedFile(shell, asked);
        const target = wanted === undefined ? undefined : await askTarget(wanted.path);
        if (wanted === undefined || target === undefined) return undefined;
        // The dialog has asked already where the file is there.
        const done = await withProgress(`Downloading ${visibleText(`/${wanted.path}`, 100)}`, (run) =>
          save(shell, wanted, target, { overwrite: true, run }),
        );
        void shell.notify.info(`${done.file} is written, ${formatBytes(done.bytes)}.`);
        return done;
      },
    },
  };
}

async function wantedOf(shell: Shell, options: OptionReader): Promise<Wanted> {
  options.text('path');
  const [file, layer] = [pathOption(options), layerOption(options)];
  const image = await namedImage(shell, options);
  if (layer === undefined) return { image, path: file };
  const { files } = await shell.folders.of(image, { signal: new AbortController().signal });
  return { image, path: file, layer: files.position(layer) };
}

async function askedFile(shell: Shell, asked: Asked): Promise<Wanted | undefined> {
  const node = nodeOf(asked, 'path');
  if (node !== undefined) {
    const { layer, path: file } = addressOf(node);
    const image = { ...node, digest: node.manifest.digest };
    return { image, path: file, ...(layer === undefined ? {} : { layer }) };
  }
  if (asked.kind === 'files') return addressed(asked.files[0]);
  const image = await chosenImage(shell, asked, 'Download File of Image');
  const item = image === undefined ? undefined : await askForFile(shell, image, `Download File of ${image.name}`);
  return image === undefined || item === undefined ? undefined : { image, path: item.entry.path.slice(1) };
}

/** A file of an image that is open as a folder of the workspace. */
function addressed({ scheme: of, authority, path: text }: Uri): Wanted {
  const address = of === scheme ? parseFilePath(authority, text) : undefined;
  if (address === undefined) throw new OciError('invalid-reference', 'This is no file of an image.');
  return { ...address, image: address };
}

async function askTarget(file: string): Promise<string | undefined> {
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri ?? Uri.file(homedir());
  const defaultUri = Uri.joinPath(folder, localName(lastSegment(file)));
  const target = await window.showSaveDialog({ defaultUri, title: 'Download File', saveLabel: 'Download' });
  if (target === undefined) return undefined;
  if (target.scheme === 'file') return target.fsPath;
  throw new OciError('unsupported-media-type', 'Files can be downloaded to a disk of this machine only.');
}

/** A name that every system can keep: what an image calls a file may mean something else there. */
function localName(name: string): string {
  const plain = visibleName(name)
    .replace(/[<>:"/\\|?*]/g, '_')
    .replace(/[. ]+$/, '')
    .slice(0, 200);
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(plain) || plain === '' ? `_${plain}` : plain;
}

interface SaveOptions {
  readonly overwrite: boolean;
  readonly run: RunOptions & { readonly signal: AbortSignal };
}

async function save(
  shell: Shell,
  { image, layer, path: file }: Wanted,
  target: string,
  { overwrite, run }: SaveOptions,
): Promise<DownloadedFile> {
  const folder = await shell.folders.of(image, run);
  const place = layer === undefined ? { path: file } : { layer, path: file };
  const { size, mode, read } = await folder.open(place, layerProgress(folder.files, run), run);
  const onBytes = (bytes: number): void => run.onProgress?.({ message: 'Downloading', bytes, total: size });
  return { file: target, bytes: await saveFile(await read(run), target, { overwrite, mode, onBytes }, run) };
}
