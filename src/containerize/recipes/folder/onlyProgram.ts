import { stat } from 'node:fs/promises';
import type { PathFilter } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import { isOciError } from '../../../errors.ts';
import { describeBinary } from '../../describeBinary.ts';
import { LocalFile } from '../../localFile.ts';
import type { ProjectFolder } from '../projectFolder.ts';

/** A file of a folder that can be started. */
export interface FolderProgram {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Empty for a script, which runs on all. */
  readonly platforms: readonly string[];
}

const maxFolders = 2_000;
const maxFiles = 20_000;

/**
 * The only program for Linux in what a filter leaves of a folder, else its only script that may be started; undefined where
 * there are none or several, or more than 20,000 files.
 */
export async function onlyProgram(
  folder: ProjectFolder,
  filter: PathFilter,
  io: Io,
): Promise<FolderProgram | undefined> {
  const programs: FolderProgram[] = [];
  const scripts: FolderProgram[] = [];
  const waiting = [''];
  let [folders, files] = [0, 0];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (++folders > maxFolders) return undefined;
    for (const { name, kind } of await folder.list(at === '' ? '.' : at, io)) {
      const path = at === '' ? name : `${at}/${name}`;
      if (kind === 'folder' && (filter.keeps(path, true) || filter.enters(path))) waiting.push(path);
      if (kind !== 'file' || !filter.keeps(path, false)) continue;
      if (++files > maxFiles) return undefined;
      const found = await programAt(folder, path, io);
      if (found !== undefined) (found.platforms.length > 0 ? programs : scripts).push(found);
      if (programs.length > 1) return undefined;
    }
  }
  const [one, other] = programs.length > 0 ? programs : scripts;
  return other === undefined ? one : undefined;
}

async function programAt(folder: ProjectFolder, path: string, io: Io): Promise<FolderProgram | undefined> {
  const file = folder.path(path);
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o111) === 0) return undefined;
    const source = await LocalFile.open(file, io);
    try {
      const { format, kind, platforms } = await describeBinary(source, file, io);
      const isProgram = kind === 'program' && (format === 'script' || (format === 'elf' && platforms.length > 0));
      return isProgram ? { path, platforms: format === 'elf' ? platforms : [] } : undefined;
    } finally {
      await source.close();
    }
  } catch (error) {
    io.signal.throwIfAborted();
    // What cannot be read here is named when it is packed.
    if (isOciError(error) || isSystemError(error)) return undefined;
    throw error;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
