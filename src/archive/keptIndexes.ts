import type { BlobCache } from '../content/blobCache.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { weightOf } from './entryWeight.ts';
import { parseIndexFile, writeIndexFile } from './indexFile.ts';
import type { LayerIndex } from './layerIndex.ts';

/** Of the entries of all indexes in memory together. */
const maxWeight = 1_000_000;

interface Held {
  readonly digest: Digest;
  readonly index: LayerIndex;
  readonly weight: number;
}

/**
 * Indexes of layers, in memory and on disk. What a table of contents says counts only for descriptors with the annotations that
 * vouch for it; what was scanned counts for every descriptor of the digest.
 */
export class KeptIndexes {
  readonly #cache: BlobCache;
  /** The least recently used first. */
  readonly #held = new Map<Digest, Held>();
  #weight = 0;

  constructor(cache: BlobCache) {
    this.#cache = cache;
  }

  /** The index of a layer of this digest, if one is in memory. */
  known(digest: Digest): LayerIndex | undefined {
    return this.#get(digest) ?? [...this.#held.values()].find((held) => held.digest === digest)?.index;
  }

  /** The index of a layer, if it is in memory. */
  get(descriptor: Descriptor): LayerIndex | undefined {
    return this.#get(descriptor.digest) ?? this.#get(keyWithToc(descriptor));
  }

  /** The index of a layer, if it is on the disk; it is then in memory. */
  async load(descriptor: Descriptor): Promise<LayerIndex | undefined> {
    for (const key of new Set([descriptor.digest, keyWithToc(descriptor)])) {
      const bytes = await this.#cache.readIndex(key);
      const index = bytes === undefined ? undefined : await parseIndexFile(bytes, key);
      if (index === undefined) continue;
      this.#hold(key, descriptor.digest, index);
      return index;
    }
    return undefined;
  }

  /** Keeps an index; on the disk too where the layer is not damaged. */
  async keep(descriptor: Descriptor, index: LayerIndex, from: 'scan' | 'toc'): Promise<void> {
    const key = from === 'scan' ? descriptor.digest : keyWithToc(descriptor);
    this.#hold(key, descriptor.digest, index);
    if (index.damage !== undefined) return;
    await this.#cache.writeIndex(key, (write) => writeIndexFile(index, key, write));
  }

  #get(key: Digest): LayerIndex | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    this.#held.delete(key);
    this.#held.set(key, held);
    return held.index;
  }

  #hold(key: Digest, digest: Digest, index: LayerIndex): void {
    this.#drop(key);
    const weight = index.entries.reduce((sum, entry) => sum + weightOf(entry), 0);
    this.#held.set(key, { digest, index, weight });
    this.#weight += weight;
    for (const [oldest] of this.#held) {
      // The latest stays, however large it is: it is about to be used.
      if (this.#weight <= maxWeight || oldest === key) return;
      this.#drop(oldest);
    }
  }

  #drop(key: Digest): void {
    this.#weight -= this.#held.get(key)?.weight ?? 0;
    this.#held.delete(key);
  }
}

/** Tells layers of one digest apart whose manifests say other things of them. */
function keyWithToc({ digest, annotations = {} }: Descriptor): Digest {
  const said = Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1));
  return said.length === 0 ? digest : digestOf(Buffer.from(JSON.stringify([digest, said])));
}
