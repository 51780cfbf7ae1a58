import type { PackedLayer } from '../archive/pack.ts';
import { streamOf } from '../content/bytes.ts';
import type { ByteStream, ContentSource, ImageSource, Io } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type Manifest, manifestDescriptor } from '../oci/manifest.ts';
import type { DerivedImage } from './deriveImage.ts';

/** What a new image consists of beside what it has from its base. */
export interface NewContent {
  readonly root: Manifest;
  readonly images: readonly DerivedImage[];
  /** The root and the indexes below it. */
  readonly indexes: readonly Manifest[];
  readonly layers: readonly PackedLayer[];
}

/**
 * A new image as a source to copy from: new manifests and configs from memory, new layers from where they were packed,
 * everything else from the base.
 */
export class DerivedSource implements ImageSource {
  readonly base: ContentSource | undefined;
  readonly #root: Descriptor;
  readonly #bytes = new Map<Digest, Uint8Array>();
  readonly #layers: ReadonlyMap<Digest, PackedLayer>;

  constructor(base: ContentSource | undefined, content: NewContent) {
    this.base = base;
    this.#root = manifestDescriptor(content.root);
    for (const { manifest, config } of content.images) {
      this.#bytes.set(manifest.digest, manifest.bytes).set(manifest.config.digest, config);
    }
    for (const { digest, bytes } of content.indexes) this.#bytes.set(digest, bytes);
    this.#layers = new Map(content.layers.map((layer) => [layer.digest, layer]));
  }

  /** True for content that the base does not have. */
  isNew({ digest }: Descriptor): boolean {
    return this.#bytes.has(digest) || this.#layers.has(digest);
  }

  /** The root, whatever the identifier: there is one image here. */
  async resolve(_identifier: string, io: Io): Promise<Descriptor> {
    io.signal.throwIfAborted();
    return this.#root;
  }

  async fetch(descriptor: Descriptor, io: Io): Promise<ByteStream> {
    io.signal.throwIfAborted();
    const bytes = this.#bytes.get(descriptor.digest);
    if (bytes !== undefined) return verified(streamOf(bytes), descriptor);
    const layer = this.#layers.get(descriptor.digest);
    if (layer !== undefined) return verified(await layer.open(), descriptor);
    if (this.base !== undefined) return this.base.fetch(descriptor, io);
    throw new OciError('not-found', `${descriptor.digest} is not in the new image`);
  }
}
