import { stat } from 'node:fs/promises';
import type { ProjectFolder } from '../projectFolder.ts';

/** True for a file of a project, links to it followed as far as they stay in the folder. */
export async function isFile(folder: ProjectFolder, at: string): Promise<boolean> {
  const place = await folder.real(at);
  return place !== undefined && (await stat(folder.path(place))).isFile();
}

/** True for a folder of a project, links to it followed as far as they stay in the folder. */
export async function isFolder(folder: ProjectFolder, at: string): Promise<boolean> {
  const place = await folder.real(at);
  return place !== undefined && (await stat(folder.path(place))).isDirectory();
}
