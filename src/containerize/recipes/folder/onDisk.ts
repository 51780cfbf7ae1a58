import { stat } from 'node:fs/promises';
import type { ProjectFolder } from '../projectFolder.ts';

/** True for a file of a project, links to it followed. */
export async function isFile(folder: ProjectFolder, at: string): Promise<boolean> {
  return stat(folder.path(at)).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** True for a folder of a project, links to it followed. */
export async function isFolder(folder: ProjectFolder, at: string): Promise<boolean> {
  return stat(folder.path(at)).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
