import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { fileError } from './fileError.ts';

/** A folder that is being listed. */
export interface OpenFolder {
  /** The names in it, as bytes, in no order. */
  readonly names: readonly Buffer[];
  /** By what path something in it is to be looked at while the folder is open. */
  at(name: string): string;
  /** To be called when all has been looked at. @throws OciError content-mismatch where it was replaced meanwhile */
  finish(): Promise<void>;
  close(): Promise<void>;
}

const isLinux = process.platform === 'linux';
const openFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Opens a folder by its real path so that what is listed is what lies in it, even where somebody replaces it or a folder above
 * it by a link at the same time. On Linux everything goes through one open file; elsewhere the path is checked before and
 * after.
 * @throws OciError content-mismatch where it is not that folder any more, not-found, forbidden
 */
export async function openFolder(real: string): Promise<OpenFolder> {
  const handle = isLinux ? await openHandle(real) : undefined;
  try {
    const through = handle === undefined ? undefined : await throughHandle(handle);
    if (through !== undefined && !isSamePath(through.real, real)) throw replaced(real);
    const names = await readdir(through?.path ?? real, { encoding: 'buffer' });
    const finish = async (): Promise<void> => {
      if (through === undefined && (await realpath(real)) !== real) throw replaced(real);
    };
    await finish();
    return { names, at: (name) => path.join(through?.path ?? real, name), finish, close: async () => handle?.close() };
  } catch (cause) {
    await handle?.close();
    throw fileError(cause, 'list', real);
  }
}

async function openHandle(real: string): Promise<FileHandle> {
  try {
    return await open(real, openFlags);
  } catch (cause) {
    const isGone = await lstat(real).then(
      (stat) => !stat.isDirectory(),
      () => false,
    );
    throw isGone ? replaced(real) : fileError(cause, 'list', real);
  }
}

/** Undefined where there is no /proc. */
async function throughHandle(handle: FileHandle): Promise<{ path: string; real: string } | undefined> {
  const through = `/proc/self/fd/${handle.fd}`;
  const real = await realPathOf(handle);
  return real === undefined ? undefined : { path: through, real };
}

/** The path that an open file lies at, by which no link leads to another file; undefined where the system does not say. */
export async function realPathOf(handle: FileHandle): Promise<string | undefined> {
  return isLinux ? readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined) : undefined;
}

/** True for two spellings of one path: on disks that ignore case the system may answer another one than was asked for. */
export function isSamePath(a: string, b: string): boolean {
  return a === b || a.normalize().toLowerCase() === b.normalize().toLowerCase();
}

function replaced(folder: string): OciError {
  return new OciError('content-mismatch', `${escapeText(folder)} was replaced while it was being listed.`);
}
