import type { ImageSource, Io } from '../content/store.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type ImageDetails, loadDetails } from './imageDetails.ts';
import type { ManifestNode } from './nodes.ts';

/** Manifests kept for the next look. */
const maxDetails = 300;

/** What was found out about manifests: tags until they are forgotten, digests until there are 300 newer ones. */
export class ImageCache {
  readonly #tags = new Map<string, Descriptor>();
  readonly #details = new Map<string, ImageDetails>();
  /** How often tags were forgotten: what was asked for before is not kept. */
  #forgotten = 0;

  /** Resolves a tag once and reads its manifest and config. @throws OciError */
  async of(node: ManifestNode, store: ImageSource, io: Io): Promise<ImageDetails> {
    const forgotten = this.#forgotten;
    const descriptor = this.#descriptor(node) ?? (await store.resolve(tagOf(node), io));
    if (node.kind === 'tag' && forgotten === this.#forgotten) this.#tags.set(node.id, descriptor);
    return this.read(node, descriptor, store, io);
  }

  /** Reads a manifest of the repository that a node is in. @throws OciError */
  async read(place: Place, descriptor: Descriptor, store: ImageSource, io: Io): Promise<ImageDetails> {
    const key = keyOf(place, descriptor);
    const found = this.#details.get(key) ?? (await loadDetails(store, descriptor, io));
    this.#details.delete(key);
    this.#details.set(key, found);
    const [oldest] = this.#details.keys();
    if (this.#details.size > maxDetails && oldest !== undefined) this.#details.delete(oldest);
    return found;
  }

  /** What is known without asking anyone. */
  known(node: ManifestNode): ImageDetails | undefined {
    const descriptor = this.#descriptor(node);
    return descriptor === undefined ? undefined : this.#details.get(keyOf(node, descriptor));
  }

  /** Lets the tags resolve anew whose node ids are given. */
  forget(matches: (id: string) => boolean): void {
    this.#forgotten++;
    for (const id of this.#tags.keys()) if (matches(id)) this.#tags.delete(id);
  }

  #descriptor(node: ManifestNode): Descriptor | undefined {
    return node.kind === 'tag' ? this.#tags.get(node.id) : node.descriptor;
  }
}

interface Place {
  readonly registry: string;
  readonly repository: string;
}

function keyOf({ registry, repository }: Place, { digest }: Descriptor): string {
  return `${registry}/${repository}@${digest}`;
}

function tagOf(node: ManifestNode): string {
  return node.kind === 'tag' ? node.tag : node.descriptor.digest;
}
