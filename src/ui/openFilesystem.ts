import { type Uri, workspace } from 'vscode';
import { OciError } from '../errors.ts';
import { OptionReader } from '../verbs/options.ts';
import { type ChosenImage, chosenImage, namedImage } from './chosenImage.ts';
import type { Commands } from './command.ts';
import { fileUri } from './fileUris.ts';
import type { Shell } from './shell.ts';

export interface OpenedFilesystem {
  /** The address of the folder. */
  readonly uri: string;
}

/** `gantry.openFilesystem`: the files of an image as a read-only folder of the workspace. Never done by itself. */
export function openFilesystemCommands(shell: Shell): Commands {
  return {
    'gantry.openFilesystem': {
      program: async (options) => add(await namedImage(shell, new OptionReader('openFilesystem', options))),
      person: async (asked) => {
        const image = await chosenImage(shell, asked, 'Open Filesystem as Folder');
        return image !== undefined && (await agreed(shell, image)) ? add(image) : undefined;
      },
    },
  };
}

function add(image: ChosenImage): OpenedFilesystem {
  const uri: Uri = fileUri({ ...image, path: '' });
  const folders = workspace.workspaceFolders ?? [];
  const isThere = folders.some((folder) => folder.uri.toString() === uri.toString());
  if (!isThere && !workspace.updateWorkspaceFolders(folders.length, 0, { uri, name: image.name })) {
    throw new OciError('unavailable', `${image.name} could not be added to the workspace. Try again.`);
  }
  return { uri: uri.toString() };
}

/** A window of one folder or none becomes another workspace, and its extensions start again: that is asked first. */
async function agreed(shell: Shell, { name }: ChosenImage): Promise<boolean> {
  if (workspace.workspaceFile !== undefined) return true;
  const count = workspace.workspaceFolders?.length ?? 0;
  return shell.notify.confirm(`Open the files of ${name} as a folder of this window?`, {
    detail: [
      `The window becomes a workspace${count === 0 ? '' : ' of several folders'}, and its extensions start again.`,
      'The folder is read-only. Where VS Code asks whether you trust it: anybody may have put files into the image.',
    ],
    action: 'Open Folder',
    severity: 'plan',
  });
}
