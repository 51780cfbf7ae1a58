import { type FileHandle, link, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ByteStream, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { randomName } from '../oci/digest.ts';
import { errnoOf, fileError } from './fileError.ts';
import { renameOver } from './scratch.ts';
import { endOfTar, memberHeader, paddingOf } from './tarMember.ts';
import { writeAt } from './writeAt.ts';

export interface ArchiveFileOptions {
  /** Replace a file that is there. */
  readonly overwrite: boolean;
}

const staleMilliseconds = 24 * 3_600_000;

/**
 * A tar that is written beside its place and gets its name when it is whole. Members are appended one at a time, in the
 * order of the calls; a member that fails leaves no trace.
 */
export class ArchiveWriter {
  readonly #file: string;
  readonly #shown: string;
  readonly #overwrite: boolean;
  #temporary: string | undefined;
  #handle: FileHandle | undefined;
  #size = 0;
  #ended = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @param shown the path as the user wrote it, for errors */
  constructor(shown: string, { overwrite }: ArchiveFileOptions) {
    this.#file = path.resolve(shown);
    this.#shown = shown;
    this.#overwrite = overwrite;
  }

  /** Runs an action when all before it have ended. The members of the archive are written in such actions. */
  inTurn<T>(action: () => Promise<T>, io: Io): Promise<T> {
    const turn = this.#last.then(async () => {
      io.signal.throwIfAborted();
      try {
        return await action();
      } catch (error) {
        io.signal.throwIfAborted();
        throw fileError(error, `writing ${this.#shown}`);
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Makes the file. To be called in turn. @throws OciError already-exists, not-found, forbidden */
  async begin(): Promise<void> {
    await this.#opened();
  }

  /** Appends a file of exactly `size` bytes. To be called in turn. @throws OciError already-exists, forbidden, unavailable */
  async append(name: string, size: number, content: ByteStream): Promise<void> {
    const handle = await this.#opened();
    const start = this.#size;
    try {
      await this.#write(handle, [memberHeader(name, size)]);
      await this.#write(handle, content);
      await this.#write(handle, [Buffer.alloc(paddingOf(size))]);
    } catch (error) {
      this.#size = start;
      await handle.truncate(start);
      throw error;
    }
  }

  /** Ends the tar and gives it its name. To be called in turn, once. @throws OciError already-exists */
  async finish(): Promise<void> {
    const handle = await this.#opened();
    await this.#write(handle, [endOfTar]);
    await handle.sync();
    this.#ended = true;
    this.#handle = undefined;
    await handle.close();
    const temporary = this.#temporary ?? '';
    if (this.#overwrite) await renameOver(temporary, this.#file);
    else await nameNew(temporary, this.#file, this.#shown);
    this.#temporary = undefined;
  }

  /** Removes what was written, unless it was finished. */
  async discard(): Promise<void> {
    this.#ended = true;
    await this.#last;
    const [handle, temporary] = [this.#handle, this.#temporary];
    this.#handle = undefined;
    this.#temporary = undefined;
    await handle?.close();
    if (temporary !== undefined) await rm(temporary, { force: true });
  }

  /** @throws OciError already-exists where there is something in the place of the archive that may not be replaced */
  async assertFree(): Promise<void> {
    const there = await stat(this.#file).catch(() => undefined);
    if (there !== undefined && (!this.#overwrite || !there.isFile())) throw exists(this.#shown, there.isFile());
  }

  async #opened(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle;
    if (this.#ended) throw new OciError('unavailable', `${this.#shown} was closed and takes no more. Write it anew.`);
    await this.assertFree();
    await removeLeft(this.#file);
    this.#temporary = `${this.#file}.${randomName(6)}.partial`;
    this.#handle = await open(this.#temporary, 'wx');
    return this.#handle;
  }

  /** Reads the next chunk while one is written. */
  async #write(handle: FileHandle, content: Iterable<Uint8Array> | ByteStream): Promise<void> {
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const chunk of content) {
        await writing;
        writing = writeAt(handle, chunk, this.#size);
        writing.catch(() => undefined);
        this.#size += chunk.length;
      }
    } finally {
      // A write that goes on would land behind what is truncated.
      await writing;
    }
  }
}

/** A link fails where the name is taken, a rename would not. */
async function nameNew(temporary: string, file: string, shown: string): Promise<void> {
  try {
    await link(temporary, file);
    await rm(temporary, { force: true });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw exists(shown, true);
    // File systems without hard links.
    if ((await stat(file).catch(() => undefined)) !== undefined) throw exists(shown, true);
    await renameOver(temporary, file);
  }
}

/** What crashes left beside a file, a day ago or longer. */
async function removeLeft(file: string): Promise<void> {
  const folder = path.dirname(file);
  const limit = Date.now() - staleMilliseconds;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${path.basename(file)}.`) || !/\.[0-9a-f]{12}\.partial$/.test(name)) continue;
    const found = await stat(path.join(folder, name)).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < limit) await rm(path.join(folder, name), { force: true });
  }
}

function exists(shown: string, isFile: boolean): OciError {
  return new OciError(
    'already-exists',
    isFile
      ? `${shown} is there already. Nothing was written. Set overwrite to replace it, or choose another name.`
      : `${shown} is there and is not a file. Nothing was written. Choose another name.`,
    { side: 'target' },
  );
}
