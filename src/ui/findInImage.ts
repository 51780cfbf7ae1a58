import { chosenImage } from './chosenImage.ts';
import type { Commands } from './command.ts';
import { askForFile } from './fileQuickPick.ts';
import { fileUri } from './fileUris.ts';
import { openedFiles } from './openedFiles.ts';
import { openUri } from './openUri.ts';
import type { Shell } from './shell.ts';

/** `gantry.findInImage`: a file of an image by pieces of its path. */
export function findInImageCommands(shell: Shell): Commands {
  return {
    'gantry.findInImage': {
      person: async (asked) => {
        const image =
          (await openedFiles(shell, asked))?.image ?? (await chosenImage(shell, asked, 'Find File in Image'));
        const item = image === undefined ? undefined : await askForFile(shell, image, `Find File in ${image.name}`);
        if (image === undefined || item === undefined) return;
        await openUri(fileUri({ ...image, path: item.entry.path.slice(1) }));
      },
    },
  };
}
