import { rm } from 'node:fs/promises';
import type { Digest } from '../oci/digest.ts';
import type { CacheFolder, UnnamedFile } from './cacheFolder.ts';
import { FileWriter } from './fileWriter.ts';
import { readPiece } from './readFilePart.ts';

/**
 * The copy of a blob that a cache makes while the blob is read. Nothing that goes wrong with it is an error: it is then given
 * up, and no file stays.
 */
export class CacheCopy {
  readonly #folder: CacheFolder;
  readonly #digest: Digest;
  #file: UnnamedFile | undefined;
  #writer: FileWriter | undefined;

  constructor(folder: CacheFolder, digest: Digest) {
    this.#folder = folder;
    this.#digest = digest;
  }

  /** Bytes from the start that `read` can give out. */
  get written(): number {
    return this.#writer?.written ?? 0;
  }

  /** False where the copy was given up. */
  get lives(): boolean {
    return this.#file !== undefined;
  }

  async begin(): Promise<void> {
    this.#file = await this.#folder.create().catch(() => undefined);
    if (this.#file !== undefined) this.#writer = new FileWriter(this.#file.handle);
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      await this.#writer?.write(chunk);
    } catch {
      await this.drop();
    }
  }

  /** A piece from a position below `written`; undefined where the copy was given up. */
  async read(start: number): Promise<Uint8Array | undefined> {
    if (this.#file === undefined) return undefined;
    const piece = await readPiece(this.#file.handle, { start, end: this.written }).catch(() => undefined);
    return piece === undefined || piece.length === 0 ? undefined : piece;
  }

  /** Gives the whole copy its name in the cache. It can be read until `close`. */
  async finish(): Promise<void> {
    try {
      await this.#writer?.end();
      if (this.#file !== undefined) await this.#folder.name(this.#file.path, 'blob', this.#digest);
    } catch {
      await this.drop();
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await this.#writer?.settled();
    await file?.handle.close().catch(() => undefined);
  }

  /** Gives the copy up. */
  async drop(): Promise<void> {
    const file = this.#file;
    await this.close();
    if (file !== undefined) await rm(file.path, { force: true }).catch(() => undefined);
  }
}
