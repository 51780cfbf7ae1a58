import { lstat, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../archive/fileError.ts';
import type { Io } from '../../content/store.ts';
import { isOciError, OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import { LocalFile } from '../localFile.ts';
import { pathBelow } from '../pathBelow.ts';

/** A name in a folder. Links are neither followed nor told from what they lead to. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** Most bytes of a file that says how a project is built: lock files of large projects have several megabytes. */
export const maxProjectFileBytes = 32 << 20;
const maxNames = 100_000;

/**
 * A folder of the workspace that is read, never written. Paths are relative, with `/`. What links in it lead to counts only
 * where that is in the folder too: a workspace may come from anybody.
 */
export class ProjectFolder {
  /** The real absolute path. */
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** @throws OciError invalid-reference for a path that is not absolute, not-found, forbidden */
  static async open(folder: string): Promise<ProjectFolder> {
    if (!path.isAbsolute(folder) || folder.includes('\0')) {
      throw new OciError('invalid-reference', `${escapeText(folder)} is not an absolute path of a folder.`);
    }
    try {
      const real = await realpath(folder);
      if ((await lstat(real)).isDirectory()) return new ProjectFolder(real);
    } catch (cause) {
      throw fileError(cause, 'read', folder);
    }
    throw new OciError('invalid-reference', `${escapeText(folder)} is not a folder.`);
  }

  /** The absolute path of something below it. @throws OciError invalid-reference where the path leads out of the folder */
  path(relative: string): string {
    const found = path.resolve(this.root, relative);
    if (relative.includes('\0') || pathBelow(this.root, found) === undefined) {
      throw new OciError('invalid-reference', `${escapeText(relative)} leads out of ${escapeText(this.root)}.`);
    }
    return found;
  }

  /** Where something really is, links followed: relative, `.` for the folder itself. Undefined where it is not there, or outside. */
  async real(relative: string): Promise<string | undefined> {
    const file = path.resolve(this.root, relative);
    const isBelow = pathBelow(this.root, file) !== undefined;
    const found = isBelow ? await realpath(file).catch(() => undefined) : undefined;
    const place = found === undefined ? undefined : pathBelow(this.root, found);
    return place === '' ? '.' : place;
  }

  /** The bytes of a file, links to it followed; undefined where there is none. @throws OciError too-large above 32 MiB, forbidden */
  async bytes(relative: string, io: Io): Promise<Uint8Array | undefined> {
    if (await this.#leadsOut(relative)) return undefined;
    let file: LocalFile;
    try {
      file = await LocalFile.open(this.path(relative), io);
    } catch (error) {
      if (isOciError(error, 'not-found', 'unsupported-media-type')) return undefined;
      throw error;
    }
    try {
      if (file.size <= maxProjectFileBytes) return await file.read(0, file.size, io);
    } finally {
      await file.close();
    }
    throw new OciError('too-large', `${escapeText(file.path)} has ${file.size} bytes, too many for what it should be.`);
  }

  /** The text of a file without a byte order mark; undefined where there is none. */
  async text(relative: string, io: Io): Promise<string | undefined> {
    const bytes = await this.bytes(relative, io);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  /** What is in a folder below it, sorted by name; empty where there is no such folder. */
  async list(relative: string, io: Io): Promise<readonly FolderEntry[]> {
    io.signal.throwIfAborted();
    if (await this.#leadsOut(relative)) return [];
    try {
      const found = await readdir(this.path(relative), { withFileTypes: true });
      const entries = found.slice(0, maxNames).map((entry): FolderEntry => {
        const kind = entry.isFile()
          ? 'file'
          : entry.isDirectory()
            ? 'folder'
            : entry.isSymbolicLink()
              ? 'link'
              : 'other';
        return { name: entry.name, kind };
      });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (cause) {
      const error = fileError(cause, 'list', this.path(relative));
      if (isOciError(error, 'not-found') || (cause as NodeJS.ErrnoException).code === 'ENOTDIR') return [];
      throw error;
    }
  }

  /** True for a file, folder or link. */
  async has(relative: string): Promise<boolean> {
    const isThere = await lstat(this.path(relative)).then(
      () => true,
      () => false,
    );
    return isThere && !(await this.#leadsOut(path.posix.dirname(relative)));
  }

  /** What is not there, or cannot be reached, leads nowhere. */
  async #leadsOut(relative: string): Promise<boolean> {
    const found = await realpath(this.path(relative)).catch(() => undefined);
    return found !== undefined && pathBelow(this.root, found) === undefined;
  }
}
