import { addRegistryCommands } from './addRegistry.ts';
import { clearCacheCommands } from './clearCache.ts';
import { clipboardCommands } from './clipboard.ts';
import type { Commands } from './command.ts';
import { compareCommands } from './compareImages.ts';
import { containerizeCommands } from './containerize.ts';
import { copyImageCommands } from './copyImage.ts';
import { deleteImageCommands } from './deleteImage.ts';
import { downloadFileCommands } from './downloadFile.ts';
import { programCommands } from './filePrograms.ts';
import { findInImageCommands } from './findInImage.ts';
import { reportCommands } from './imageReport.ts';
import { importDockerLoginsCommands } from './importDockerLogins.ts';
import { inspectImageCommands } from './inspectImage.ts';
import { layerCommands } from './layerFlow.ts';
import { listCommands } from './lists.ts';
import { localRegistryCommands } from './localRegistry.ts';
import { openArchiveCommands } from './openArchive.ts';
import { openFileCommands } from './openFile.ts';
import { openFilesystemCommands } from './openFilesystem.ts';
import { openImageCommands } from './openImage.ts';
import { pathHistoryCommands } from './pathVersions.ts';
import { retagCommands } from './retag.ts';
import { revealCommands } from './revealInFilesystem.ts';
import { saveArchiveCommands } from './saveArchive.ts';
import { searchInImageCommands } from './searchInImage.ts';
import { signInCommands } from './signIn.ts';
import { treeCommands } from './treeCommands.ts';
import { openSettings } from './openSettings.ts';
import type { Shell } from './shell.ts';

/** Every command of package.json. */
export function commandsOf(shell: Shell): Commands {
  return {
    ...treeCommands(shell),
    ...openArchiveCommands(shell),
    ...saveArchiveCommands(shell),
    ...addRegistryCommands(shell),
    ...importDockerLoginsCommands(shell),
    ...signInCommands(shell),
    ...openImageCommands(shell),
    ...inspectImageCommands(shell),
    ...copyImageCommands(shell),
    ...retagCommands(shell),
    ...layerCommands(shell),
    ...containerizeCommands(shell),
    ...deleteImageCommands(shell),
    ...clipboardCommands(shell),
    ...listCommands(shell),
    ...programCommands(),
    ...openFileCommands(shell),
    ...openFilesystemCommands(shell),
    ...findInImageCommands(shell),
    ...searchInImageCommands(shell),
    ...compareCommands(shell),
    ...reportCommands(shell),
    ...downloadFileCommands(shell),
    ...pathHistoryCommands(shell),
    ...revealCommands(shell),
    ...clearCacheCommands(shell),
    ...localRegistryCommands(shell),
    'gantry.showLog': { person: async () => shell.log.show() },
    'gantry.openSettings': { person: openSettings },
  };
}
