import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { randomName } from '../oci/digest.ts';
import { errnoOf } from './fileError.ts';

const staleMilliseconds = 24 * 3_600_000;

/**
 * Where files are written before they get their names: a folder inside the layout, so that a rename is atomic.
 * What a crash left there is removed at the first use that comes a day later.
 */
export class Scratch {
  readonly #directory: string;
  #ready: Promise<void> | undefined;

  constructor(root: string) {
    this.#directory = path.join(root, '.gantry-tmp');
  }

  /** A path that no other writer uses, in this process or another. */
  async newPath(): Promise<string> {
    await this.#prepare();
    return path.join(this.#directory, randomName());
  }

  /** The path of a name that every writer of this layout shares, for a lock. */
  async sharedPath(name: string): Promise<string> {
    await this.#prepare();
    return path.join(this.#directory, name);
  }

  /** Replaces a file as a whole: a reader sees the old bytes or the new ones, also after a crash. */
  async replaceFile(file: string, bytes: Uint8Array, options: { readonly mode?: number } = {}): Promise<void> {
    const temporary = await this.newPath();
    try {
      const handle = await open(temporary, 'wx', options.mode);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await renameOver(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #prepare(): Promise<void> {
    this.#ready ??= prepare(this.#directory);
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }
}

async function prepare(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await removeStale(directory, staleMilliseconds);
}

/** Removes the files of a folder that nobody has written to for the given time. */
export async function removeStale(directory: string, milliseconds: number): Promise<void> {
  const limit = Date.now() - milliseconds;
  for (const name of await readdir(directory)) {
    const file = path.join(directory, name);
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && found.isFile() && found.mtimeMs < limit) await rm(file, { force: true });
  }
}

const renameTries = 5;

/** Renames over a file that may be there. Windows refuses that while another process reads it; that passes. */
export async function renameOver(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (tries === renameTries || !['EPERM', 'EACCES', 'EBUSY'].includes(errnoOf(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * tries));
    }
  }
}
