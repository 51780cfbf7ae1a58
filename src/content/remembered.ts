import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { readAll, streamOf } from './bytes.ts';
import type { ByteStream, ImageSource, Io, LayerSource } from './store.ts';

/** Larger content is read anew each time: manifests and configs have a few kilobytes. */
const maxPieceBytes = 1 << 20;

/** Small content by its digest, so that a second look at the same image reads nothing of it again. */
export class Remembered {
  readonly #maxBytes: number;
  readonly #pieces = new Map<Digest, Uint8Array>();
  #bytes = 0;

  constructor(maxBytes = 16 << 20) {
    this.#maxBytes = maxBytes;
  }

  /** The store, read through this memory. Each tag is resolved once, so that all that is read through it is of one image. */
  over(store: ImageSource & LayerSource): ImageSource & LayerSource {
    const resolved = new Map<string, Promise<Descriptor>>();
    const fetchRange = store.fetchRange?.bind(store);
    return {
      fetch: (descriptor, io) => this.#fetch(store, descriptor, io),
      resolve: async (identifier, io) => {
        const found = resolved.get(identifier) ?? store.resolve(identifier, io);
        resolved.set(identifier, found);
        found.catch(() => resolved.delete(identifier));
        return found;
      },
      ...(fetchRange === undefined ? {} : { fetchRange }),
    };
  }

  clear(): void {
    this.#pieces.clear();
    this.#bytes = 0;
  }

  async #fetch(store: ImageSource, descriptor: Descriptor, io: Io): Promise<ByteStream> {
    const { digest, size } = descriptor;
    if (size > maxPieceBytes) return store.fetch(descriptor, io);
    const known = this.#pieces.get(digest);
    if (known?.length === size) return streamOf(known);
    const bytes = await readAll(await store.fetch(descriptor, io), maxPieceBytes, digest);
    this.#keep(digest, bytes);
    return streamOf(bytes);
  }

  /** The oldest go first. */
  #keep(digest: Digest, bytes: Uint8Array): void {
    if (this.#pieces.has(digest)) return;
    this.#pieces.set(digest, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, piece] of this.#pieces) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#pieces.delete(oldest);
      this.#bytes -= piece.length;
    }
  }
}
