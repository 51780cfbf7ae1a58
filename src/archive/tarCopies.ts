import type { BlobCache } from '../content/blobCache.ts';
import { Flight } from '../content/flight.ts';
import type { ByteRange, ByteStream, ContentSource, Io } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import type { OpenLayer } from './openLayer.ts';
import { StreamSlices } from './streamSlices.ts';
import { unpacked } from './unpacked.ts';

/** A part of a layer's uncompressed tar. */
export interface TarPart {
  readonly stream: ByteStream;
  /** Of the copy in the cache. */
  readonly digest: Digest;
}

/**
 * Uncompressed copies of layers in the cache, so that the second file that is read of a layer, and every one after it, need not
 * wait for all that stands before it to be unpacked. A copy is kept under its diffId, which it was verified by.
 */
export class TarCopies {
  readonly #cache: BlobCache;
  readonly #flights = new Map<Digest, Flight<void>>();
  readonly #wanted = new Set<Digest>();
  /** Layers of which no copy could be made. */
  readonly #failed = new Set<Digest>();

  constructor(cache: BlobCache) {
    this.#cache = cache;
  }

  /** Unverified bytes of the tar; undefined where there is no copy, and this is the first file or none can be made. */
  async open(layer: OpenLayer, range: ByteRange, io: Io): Promise<TarPart | undefined> {
    const tar = this.#tarOf(layer);
    if (tar === undefined) return undefined;
    const stream = await this.#cache.readRange(tar, range, io);
    if (stream !== undefined) return { stream, digest: tar.digest };
    const { digest } = layer.descriptor;
    if (!this.#wanted.has(digest) || this.#failed.has(digest)) {
      this.#wanted.add(digest);
      return undefined;
    }
    await this.#make(layer, tar, io);
    const made = await this.#cache.readRange(tar, range, io);
    if (made === undefined) this.#failed.add(digest);
    return made === undefined ? undefined : { stream: made, digest: tar.digest };
  }

  /** A copy may take a quarter of the cache. */
  #tarOf({ descriptor, index }: OpenLayer): Descriptor | undefined {
    const { diffId } = descriptor;
    if (diffId === undefined || index?.tarSize === undefined || index.damage !== undefined) return undefined;
    if (!this.#cache.keeps({ size: index.tarSize * 2 })) return undefined;
    return { mediaType: mediaTypes.layer, digest: diffId, size: index.tarSize };
  }

  /** One copy is made for all who wait for it. That it cannot be made is no error: the file can be read without. */
  async #make(layer: OpenLayer, tar: Descriptor, io: Io): Promise<void> {
    let flight = this.#flights.get(tar.digest);
    if (flight === undefined) {
      const made = new Flight(
        (inner) => this.#copy(layer, tar, inner),
        () => {
          if (this.#flights.get(tar.digest) === made) this.#flights.delete(tar.digest);
        },
      );
      flight = made;
      this.#flights.set(tar.digest, made);
    }
    await flight.join(io).catch(() => io.signal.throwIfAborted());
  }

  async #copy({ source, descriptor }: OpenLayer, tar: Descriptor, io: Io): Promise<void> {
    const unpacking: ContentSource = {
      fetch: async (_, inner) => verified(unpacked(await this.#cache.fetch(source, descriptor, inner)), tar),
    };
    await new StreamSlices(await this.#cache.fetch(unpacking, tar, io)).drain();
  }
}
