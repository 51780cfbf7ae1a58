import { type FileChecksums, FileHasher } from '../oci/digest.ts';
import type { TreeEntry } from './treeEntry.ts';

type Content = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** A file as it went into a layer. */
export interface PackedFile extends FileChecksums {
  /** In the image, without a slash at the start. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Makes the checksums of files while they are written. */
export class FileObserver {
  readonly #onFile: (file: PackedFile) => void;
  /** Files that other entries may be other names of. */
  readonly #linked = new Map<string, PackedFile>();
  #hasher = new FileHasher();

  constructor(onFile: (file: PackedFile) => void) {
    this.#onFile = onFile;
  }

  /** The same content, watched; undefined for what is no file. */
  content(entry: TreeEntry, content: Content): Content | undefined {
    if (entry.kind !== 'file') return undefined;
    this.#hasher = new FileHasher();
    return hashed(content, this.#hasher);
  }

  /** To be called when the whole of the entry has been written. */
  written(entry: TreeEntry): void {
    if (entry.kind === 'link') {
      const file = this.#linked.get(entry.target);
      if (file !== undefined) this.#onFile({ ...file, path: entry.path });
    }
    if (entry.kind !== 'file') return;
    const file = { path: entry.path, size: entry.source.size, ...this.#hasher.checksums() };
    if ('names' in entry.source && entry.source.names > 1) this.#linked.set(entry.path, file);
    this.#onFile(file);
  }
}

async function* hashed(content: Content, hasher: FileHasher): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of content) {
    hasher.update(chunk);
    yield chunk;
  }
}
