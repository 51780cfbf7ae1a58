import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { LocalFile } from '../localFile.ts';

/** Where a repository keeps its files: two folders where it is a worktree. */
export interface GitFolders {
  /** What belongs to this checkout: HEAD. */
  readonly own: string;
  /** What is shared by all: refs, objects. */
  readonly common: string;
}

const maxSmallBytes = 4096;

/** The text of a file, by default a small one; undefined where there is none that can be read. */
export async function smallText(file: string, io: Io, limit = maxSmallBytes): Promise<string | undefined> {
  const bytes = await fileBytes(file, limit, io);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
}

/** The bytes of a file of at most `limit` bytes; undefined where there is none that can be read. */
export async function fileBytes(file: string, limit: number, io: Io): Promise<Uint8Array | undefined> {
  try {
    const opened = await LocalFile.open(file, io);
    try {
      return opened.size > limit ? undefined : await opened.read(0, opened.size, io);
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}
