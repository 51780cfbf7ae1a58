import { MemoryStore } from '../../src/content/memoryStore.ts';
import { opens } from '../../src/content/bytes.ts';
import type { ImageTarget, Io, Mounter, TaggingTarget } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { parseManifest, successors } from '../../src/oci/manifest.ts';
import { isManifestType } from '../../src/oci/mediaTypes.ts';
import type { OpenContent } from '../../src/content/store.ts';

/** A target that behaves as a repository does: it mounts from another store and refuses manifests without their content. */
export class RepositoryLike extends MemoryStore implements ImageTarget, Mounter, TaggingTarget {
  readonly #neighbour: MemoryStore | undefined;

  /** @param neighbour the store whose blobs can be mounted; without it nothing can */
  constructor(neighbour?: MemoryStore) {
    super();
    this.#neighbour = neighbour;
  }

  mountableFrom(): string | undefined {
    return this.#neighbour === undefined ? undefined : 'team/source';
  }

  async mount(descriptor: Descriptor, _from: string, io: Io): Promise<boolean> {
    const neighbour = this.#neighbour;
    if (neighbour === undefined || !(await neighbour.has(descriptor))) return false;
    await super.push(descriptor, () => neighbour.fetch(descriptor, io), io);
    return true;
  }

  override async push(descriptor: Descriptor, open: OpenContent, io: Io): Promise<void> {
    if (isManifestType(descriptor.mediaType)) await this.#assertComplete(descriptor, open);
    await super.push(descriptor, open, io);
  }

  async pushTagged(descriptor: Descriptor, bytes: Uint8Array, tag: string, io: Io): Promise<void> {
    await this.push(descriptor, opens(bytes), io);
    await this.tag(descriptor, tag);
  }

  async #assertComplete(descriptor: Descriptor, open: OpenContent): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await open()) chunks.push(chunk);
    for (const child of successors(parseManifest(Buffer.concat(chunks), descriptor.mediaType))) {
      const elsewhere = child.urls !== undefined;
      if (!elsewhere && !(await this.has(child))) throw new OciError('not-found', `blob unknown: ${child.digest}`);
    }
  }
}
