import { stat } from 'node:fs/promises';
import type { Io } from '../../../content/store.ts';
import { isOciError } from '../../../errors.ts';
import type { FolderEntry, ProjectFolder } from '../projectFolder.ts';

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

/** The text of a file of a project; undefined too where it cannot be read, or leads out of the folder. */
export async function readableText(folder: ProjectFolder, at: string, io: Io): Promise<string | undefined> {
  try {
    return await folder.text(at, io);
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}

/** What is in a folder of a project; empty too where it cannot be listed: it must not hide what is beside it. */
export async function readableEntries(folder: ProjectFolder, at: string, io: Io): Promise<readonly FolderEntry[]> {
  try {
    return await folder.list(at, io);
  } catch (error) {
    if (isOciError(error)) return [];
    throw error;
  }
}
