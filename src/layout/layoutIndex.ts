import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { isObject, type JsonObject, parseJson } from '../oci/json.ts';
import { fileError } from './fileError.ts';
import { withFileLock } from './fileLock.ts';
import type { Scratch } from './scratch.ts';

/** One entry of index.json: unchecked JSON, kept as it is for those who wrote it, and its name in the layout. */
export interface IndexEntry {
  /** The annotation `org.opencontainers.image.ref.name`. */
  readonly name?: string;
  readonly json: JsonObject;
}

/** The annotation that names an entry of index.json (image-spec annotations.md). */
export const refNameAnnotation = 'org.opencontainers.image.ref.name';

/** Largest index.json that is read or written, in bytes. */
export const maxIndexBytes = 8 << 20;

interface Held {
  readonly version: string;
  readonly json: JsonObject;
  readonly entries: readonly IndexEntry[];
}

/**
 * The index.json of a layout (image-spec image-layout.md). Each change re-reads the file under a lock, so that writers in
 * this process and in others lose nothing of each other; other members and entries are kept as they are.
 */
export class LayoutIndex {
  readonly #file: string;
  readonly #shown: string;
  readonly #scratch: Scratch;
  #held: Held | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param shown how the user names the layout, for errors */
  constructor(root: string, shown: string, scratch: Scratch) {
    this.#file = path.join(root, 'index.json');
    this.#shown = shown;
    this.#scratch = scratch;
  }

  /** The entries as the file has them now. @throws OciError not-found, invalid-manifest, too-large */
  async entries(): Promise<readonly IndexEntry[]> {
    return (await this.#read()).entries;
  }

  /** Replaces the entries by what `change` makes of them; nothing is written where it gives back what it got. */
  async update(change: (entries: readonly IndexEntry[]) => readonly IndexEntry[], io: Io): Promise<void> {
    const turn = this.#last.then(() => this.#change(change, io));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #change(change: (entries: readonly IndexEntry[]) => readonly IndexEntry[], io: Io): Promise<void> {
    io.signal.throwIfAborted();
    try {
      const lock = await this.#scratch.sharedPath('index.lock');
      await withFileLock(lock, () => this.#rewrite(change), io);
    } catch (error) {
      io.signal.throwIfAborted();
      throw fileError(error, `writing index.json of ${this.#shown}`);
    }
  }

  async #rewrite(change: (entries: readonly IndexEntry[]) => readonly IndexEntry[]): Promise<void> {
    const { json, entries } = await this.#read();
    const changed = change(entries);
    if (changed === entries) return;
    const bytes = Buffer.from(JSON.stringify({ ...json, manifests: changed.map((entry) => entry.json) }));
    if (bytes.length > maxIndexBytes) throw tooLarge(this.#shown);
    await this.#scratch.replaceFile(this.#file, bytes);
  }

  async #read(): Promise<Held> {
    const doing = `reading index.json of ${this.#shown}`;
    try {
      const found = await stat(this.#file, { bigint: true });
      const version = `${found.ino}-${found.size}-${found.mtimeNs}`;
      if (this.#held?.version === version) return this.#held;
      const json = parseIndex(await readFileBounded(this.#file, maxIndexBytes, this.#shown), this.#shown);
      this.#held = { version, json, entries: entriesOf(json) };
      return this.#held;
    } catch (error) {
      throw fileError(error, doing);
    }
  }
}

/** The bytes of a small file. @throws OciError too-large above `limit` bytes */
export async function readFileBounded(file: string, limit: number, shown: string): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size > limit) throw tooLarge(shown);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function tooLarge(shown: string): OciError {
  return new OciError('too-large', `a JSON file of ${shown} is larger than the limit of ${maxIndexBytes} bytes`);
}

/** The parsed index.json of a layout. @throws OciError invalid-manifest */
export function parseIndex(bytes: Uint8Array, shown: string): JsonObject {
  const json = parseJson(bytes, `index.json of ${shown}`);
  if (isObject(json) && json['schemaVersion'] === 2 && Array.isArray(json['manifests'] ?? [])) return json;
  throw new OciError('invalid-manifest', `index.json of ${shown} is not an image index. Is it an OCI layout?`);
}

/** What a parsed index.json lists; what is no object is left out. */
export function entriesOf(json: JsonObject): readonly IndexEntry[] {
  const { manifests } = json;
  return Array.isArray(manifests) ? manifests.filter(isObject).map(entryOf) : [];
}

/** An entry of its JSON. */
export function entryOf(json: JsonObject): IndexEntry {
  const name = isObject(json['annotations']) ? json['annotations'][refNameAnnotation] : undefined;
  return typeof name === 'string' && name !== '' ? { name, json } : { json };
}
