import { type Uri, ViewColumn } from 'vscode';
import type { PathNode } from '../browse/nodes.ts';
import { OciError } from '../errors.ts';
import { layerOption, pathOption } from '../verbs/fileOptions.ts';
import { OptionReader } from '../verbs/options.ts';
import { chosenImage, namedImage } from './chosenImage.ts';
import type { Asked, Commands } from './command.ts';
import { askForFile } from './fileQuickPick.ts';
import { isReadable } from './fileItems.ts';
import { addressOf, fileUri } from './fileUris.ts';
import { openDocument } from './imageDocuments.ts';
import { openUri } from './openUri.ts';
import { nodeOf } from './references.ts';
import type { Shell } from './shell.ts';

export interface OpenedFile {
  /** The address of the read-only file that was opened. */
  readonly uri: string;
}

/** `gantry.openFile`, `gantry.openFileToSide`, `gantry.copyPath`, and an image's history as documents. */
export function openFileCommands(shell: Shell): Commands {
  return {
    'gantry.openFile': {
      program: async (options) => openNamed(shell, new OptionReader('openFile', options)),
      person: (asked) => openAsked(shell, asked, ViewColumn.Active),
    },
    'gantry.openFileToSide': { person: (asked) => openAsked(shell, asked, ViewColumn.Beside) },
    'gantry.copyPath': { person: (asked) => copyPath(shell, asked) },
    'gantry.showHistory': { person: (asked) => openText(shell, asked, 'history', 'Show History') },
    'gantry.showDockerfile': { person: (asked) => openText(shell, asked, 'dockerfile', 'Show as Dockerfile') },
  };
}

async function openNamed(shell: Shell, options: OptionReader): Promise<OpenedFile> {
  options.text('path');
  const [path, layer] = [pathOption(options), layerOption(options)];
  const image = await namedImage(shell, options);
  const io = { signal: new AbortController().signal };
  const folder = await shell.folders.of(image, io);
  const at = layer === undefined ? {} : { layer: folder.files.position(layer) };
  await folder.open({ ...at, path }, {}, io);
  const uri = fileUri({ ...image, ...at, path });
  await openUri(uri);
  return { uri: uri.toString() };
}

async function openAsked(shell: Shell, asked: Asked, column: ViewColumn): Promise<OpenedFile | undefined> {
  const node = nodeOf(asked, 'path');
  const uri = node === undefined ? await pickFile(shell, asked) : readable(node);
  if (uri === undefined) return undefined;
  await openUri(uri, column);
  return { uri: uri.toString() };
}

function readable(node: PathNode): Uri {
  if (isReadable(node)) return fileUri(addressOf(node));
  throw new OciError('unsupported-media-type', `${node.item.entry.path} is no file: it has no content to open.`);
}

async function pickFile(shell: Shell, asked: Asked): Promise<Uri | undefined> {
  const image = await chosenImage(shell, asked, 'Open File of Image');
  const item = image === undefined ? undefined : await askForFile(shell, image, `Open File of ${image.name}`);
  if (image === undefined || item === undefined) return undefined;
  return fileUri({ ...image, path: item.entry.path.slice(1) });
}

async function copyPath(shell: Shell, asked: Asked): Promise<void> {
  if (asked.kind !== 'nodes') return;
  const paths = asked.nodes.flatMap((node) => (node.kind === 'path' ? [node.item.entry.path] : []));
  if (paths.length > 0) await shell.copyText(paths.join('\n'));
}

async function openText(shell: Shell, asked: Asked, kind: 'history' | 'dockerfile', title: string): Promise<void> {
  const image = await chosenImage(shell, asked, title);
  if (image !== undefined) await openDocument({ ...image, kind });
}
