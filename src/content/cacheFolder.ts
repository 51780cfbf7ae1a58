import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { algorithmOf, type Digest, encodedOf, parseDigest, randomName } from '../oci/digest.ts';
import { FileWriter } from './fileWriter.ts';
import { readFilePart } from './readFilePart.ts';
import type { ByteRange, ByteStream, Io } from './store.ts';

/** `blob`: the bytes of a descriptor. `index`: what was found out about it. */
export type CachedKind = 'blob' | 'index';

export interface CacheFolderOptions {
  readonly directory: string;
  /** Of all files together. */
  readonly maxBytes: number;
}

/** A file that has no name in the cache yet. */
export interface UnnamedFile {
  readonly path: string;
  readonly handle: FileHandle;
}

/** Gives out the content of a file, piece by piece; waits for each piece to be taken. */
export type WriteContent = (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>;

interface Kept {
  readonly path: string;
  readonly size: number;
  readonly usedAt: number;
}

const ownName = /^(?:sha256-[a-f0-9]{64}|sha512-[a-f0-9]{128})\.(?:blob|index)$/;
const unnamed = /^[a-f0-9]{32}\.part$/;
/** What a program that was killed left behind is removed after this time. */
const staleMilliseconds = 24 * 3_600_000;

/**
 * The files of a cache, for their user only. A file gets its name by a rename when it is whole, so that programs can share the
 * folder without locks. Only files that are named as this class names them are counted and removed.
 */
export class CacheFolder {
  readonly #options: () => CacheFolderOptions;
  #evicting: Promise<void> = Promise.resolve();

  constructor(options: () => CacheFolderOptions) {
    this.#options = options;
  }

  /** Bytes of a file; undefined where there is none. It counts as used now. */
  async use(kind: CachedKind, digest: Digest): Promise<number | undefined> {
    const file = this.#path(kind, digest);
    try {
      const found = await stat(file);
      if (!found.isFile()) return undefined;
      const now = new Date();
      // Where that is not allowed, the file only looks older than it is.
      await utimes(file, now, now).catch(() => undefined);
      return found.size;
    } catch {
      return undefined;
    }
  }

  /** Bytes of a file as they are on the disk; fewer where it ends before. */
  read(kind: CachedKind, digest: Digest, range: ByteRange, io: Io): ByteStream {
    return readFilePart(this.#path(kind, digest), range, io);
  }

  /** A small file; undefined where there is none or it cannot be read. */
  async readWhole(kind: CachedKind, digest: Digest): Promise<Uint8Array | undefined> {
    if ((await this.use(kind, digest)) === undefined) return undefined;
    return readFile(this.#path(kind, digest)).catch(() => undefined);
  }

  /** Opens a new file for writing and reading. */
  async create(): Promise<UnnamedFile> {
    const { directory } = this.#options();
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = path.join(directory, `${randomName()}.part`);
    return { path: file, handle: await open(file, 'wx+', 0o600) };
  }

  /** Gives a file of `create` its name, in place of one that is there, and makes room by removing what was not used for longest. */
  async name(file: string, kind: CachedKind, digest: Digest): Promise<void> {
    await rename(file, path.join(path.dirname(file), nameOf(kind, digest)));
    this.#evicting = this.#evicting.then(() => this.#evict());
    await this.#evicting;
  }

  /** Keeps a file of at most `limit` bytes. Where it has more, or the disk does not take it, it is not kept. */
  async write(kind: CachedKind, digest: Digest, write: WriteContent, limit: number): Promise<void> {
    const file = await this.create().catch(() => undefined);
    if (file === undefined) return;
    try {
      await writeContent(file.handle, write, limit).finally(() => file.handle.close());
      await this.name(file.path, kind, digest);
    } catch {
      await removed(file.path);
    }
  }

  async remove(kind: CachedKind, digest: Digest): Promise<void> {
    await removed(this.#path(kind, digest));
  }

  /** Removes every file. Returns how many bytes that freed: files that the system does not let go stay. */
  async clear(): Promise<number> {
    const { directory } = this.#options();
    let freed = 0;
    for (const { path: file, size } of await listed(directory, [ownName, unnamed])) {
      if (await removed(file)) freed += size;
    }
    return freed;
  }

  async #evict(): Promise<void> {
    const { directory, maxBytes } = this.#options();
    const stale = Date.now() - staleMilliseconds;
    for (const { path: file, usedAt } of await listed(directory, [unnamed])) if (usedAt < stale) await removed(file);
    const kept = [...(await listed(directory, [ownName]))].sort((a, b) => a.usedAt - b.usedAt);
    let total = kept.reduce((sum, { size }) => sum + size, 0);
    for (const { path: file, size } of kept) {
      if (total <= maxBytes) return;
      if (await removed(file)) total -= size;
    }
  }

  #path(kind: CachedKind, digest: Digest): string {
    return path.join(this.#options().directory, nameOf(kind, digest));
  }
}

/** @throws OciError invalid-digest, so that no unchecked text becomes a path */
function nameOf(kind: CachedKind, digest: Digest): string {
  const checked = parseDigest(digest);
  return `${algorithmOf(checked)}-${encodedOf(checked)}.${kind}`;
}

async function writeContent(handle: FileHandle, write: WriteContent, limit: number): Promise<void> {
  const writer = new FileWriter(handle);
  let size = 0;
  try {
    await write(async (bytes) => {
      size += bytes.length;
      if (size > limit) throw new RangeError(`the file would have more than ${limit} bytes`);
      await writer.write(bytes);
    });
    await writer.end();
  } finally {
    await writer.settled();
  }
}

async function listed(directory: string, patterns: readonly RegExp[]): Promise<readonly Kept[]> {
  const names = await readdir(directory).catch(() => []);
  const found: Kept[] = [];
  for (const name of names) {
    if (!patterns.some((pattern) => pattern.test(name))) continue;
    const file = path.join(directory, name);
    const stats = await stat(file).catch(() => undefined);
    if (stats?.isFile() === true) found.push({ path: file, size: stats.size, usedAt: stats.mtimeMs });
  }
  return found;
}

/** False where the system does not let a file go, as Windows does not while it is read. */
async function removed(file: string): Promise<boolean> {
  try {
    await rm(file, { force: true });
    return true;
  } catch {
    return false;
  }
}
