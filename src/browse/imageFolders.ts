import type { Layers } from '../archive/layers.ts';
import type { Io } from '../content/store.ts';
import type { Digest } from '../oci/digest.ts';
import type { InspectOptions } from '../operations/inspect.ts';
import type { BrowsedStore } from './access.ts';
import type { ImageFolder } from './imageFolder.ts';
import type { Place } from './places.ts';
import { sharedRead } from './sharedRead.ts';

/** Images whose folders are kept. */
const maxImages = 8;

/** An image by the digest of its manifest: what is known of it never changes. */
export interface ImagePlace extends Place {
  readonly digest: Digest;
}

export interface ImageFoldersOptions {
  readonly layers: () => Promise<Layers>;
  readonly store: (place: Place) => BrowsedStore;
}

/** The folders of the images that were looked into last. */
export class ImageFolders {
  readonly #options: ImageFoldersOptions;
  readonly #images = new Map<string, Promise<ImageFolder>>();

  constructor(options: ImageFoldersOptions) {
    this.#options = options;
  }

  /** The folders of an image: its manifest and config are read, its layers not yet. @throws OciError not-found, … */
  async of(place: ImagePlace, io: Io): Promise<ImageFolder> {
    const key = `${place.registry}/${place.repository}@${place.digest}`;
    return sharedRead(async () => {
      const opening = this.#images.get(key) ?? this.#open(place, place.digest, {}, io);
      this.#keep(key, opening);
      try {
        return await opening;
      } catch (error) {
        if (this.#images.get(key) === opening) this.#images.delete(key);
        throw error;
      }
    }, io);
  }

  /** The image that a tag or digest means now; of an index the one for the platform. @throws OciError not-found, … */
  async find(
    { registry, repository }: Place,
    identifier: string,
    options: InspectOptions,
    io: Io,
  ): Promise<ImagePlace> {
    const folder = await this.#open({ registry, repository }, identifier, options, io);
    const place = { registry, repository, digest: folder.files.descriptor.digest };
    const key = `${registry}/${repository}@${place.digest}`;
    if (!this.#images.has(key)) this.#keep(key, Promise.resolve(folder));
    return place;
  }

  /** Forgets all, as after a change of registries or credentials. */
  forget(): void {
    this.#images.clear();
  }

  async #open(place: Place, identifier: string, options: InspectOptions, io: Io): Promise<ImageFolder> {
    const { openFolder } = await import('./openFolder.ts');
    const layers = await this.#options.layers();
    return openFolder(this.#options.store(place), identifier, options, layers, io);
  }

  #keep(key: string, opening: Promise<ImageFolder>): void {
    this.#images.delete(key);
    this.#images.set(key, opening);
    const [oldest] = this.#images.keys();
    if (this.#images.size > maxImages && oldest !== undefined) this.#images.delete(oldest);
  }
}
