import type { ByteRange, ByteStream, ImageSource, ImageTarget, Io, RangeReader, TagLister } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { fetchStored, fetchStoredRange, resolveStored, soleStored, type StoredImages } from './storedImages.ts';

/**
 * The images of an archive, to read. Tags are the names in it: of entries of index.json, or RepoTags. An archive is written
 * as a whole by an `ArchiveTarget`; nothing can be added to one.
 */
export class ArchiveStore implements ImageSource, ImageTarget, TagLister, RangeReader {
  readonly #images: StoredImages;

  constructor(images: StoredImages) {
    this.#images = images;
  }

  async fetch(descriptor: Descriptor, io: Io): Promise<ByteStream> {
    io.signal.throwIfAborted();
    return fetchStored(this.#images, descriptor, io);
  }

  async fetchRange(descriptor: Descriptor, range: ByteRange, io: Io): Promise<ByteStream> {
    io.signal.throwIfAborted();
    return fetchStoredRange(this.#images, descriptor, range, io);
  }

  async resolve(identifier: string, io: Io): Promise<Descriptor> {
    io.signal.throwIfAborted();
    return resolveStored(this.#images, identifier, io);
  }

  /** The only image of this archive; undefined where there are none or several. */
  async soleManifest(io: Io): Promise<Descriptor | undefined> {
    return soleStored(this.#images, io);
  }

  async has(descriptor: Descriptor, io: Io): Promise<boolean> {
    io.signal.throwIfAborted();
    return (await this.#images.blob(descriptor.digest, io))?.size === descriptor.size;
  }

  async *tagPages(io: Io): AsyncGenerator<readonly string[], void, undefined> {
    io.signal.throwIfAborted();
    const names = (await this.#images.roots(io)).flatMap(({ name }) => (name === undefined ? [] : [name]));
    yield [...new Set(names)].sort();
  }

  async push(): Promise<void> {
    throw this.#readOnly();
  }

  async tag(): Promise<void> {
    throw this.#readOnly();
  }

  #readOnly(): OciError {
    return new OciError(
      'unsupported-media-type',
      `${this.#images.shown} is an archive, which cannot be changed. Copy the image to a new archive or to a registry.`,
    );
  }
}
