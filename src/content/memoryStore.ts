import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { manifestDescriptor, maxManifestBytes, parseManifest } from '../oci/manifest.ts';
import { isManifestType } from '../oci/mediaTypes.ts';
import { interruptible } from './abort.ts';
import { readAll, streamOf } from './bytes.ts';
import { checkRange } from './checkRange.ts';
import type {
  ByteRange,
  ByteStream,
  Deleter,
  ImageSource,
  ImageTarget,
  Io,
  OpenContent,
  RangeReader,
  ReferrerLister,
  TagLister,
} from './store.ts';
import { verified } from './verified.ts';

interface Held {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** An image store in memory: for derived images before they are pushed, and for tests. */
export class MemoryStore implements ImageSource, ImageTarget, TagLister, Deleter, ReferrerLister, RangeReader {
  readonly #content = new Map<Digest, Held>();
  readonly #tags = new Map<string, Digest>();

  async fetch(descriptor: Descriptor, io: Io): Promise<ByteStream> {
    io.signal.throwIfAborted();
    return verified(streamOf(this.#get(descriptor.digest).bytes), descriptor);
  }

  async fetchRange(descriptor: Descriptor, range: ByteRange, io: Io): Promise<ByteStream> {
    io.signal.throwIfAborted();
    checkRange(descriptor, range);
    const { bytes } = this.#get(descriptor.digest);
    checkRange({ ...descriptor, size: bytes.length }, range);
    return streamOf(bytes.subarray(range.start, range.end));
  }

  async resolve(identifier: string, io: Io): Promise<Descriptor> {
    io.signal.throwIfAborted();
    const digest = isDigest(identifier) ? identifier : this.#tags.get(identifier);
    if (digest === undefined) throw new OciError('not-found', `no image is tagged ${identifier} in memory`);
    return this.#get(digest).descriptor;
  }

  async has(descriptor: Descriptor): Promise<boolean> {
    return this.#content.get(descriptor.digest)?.bytes.length === descriptor.size;
  }

  async push(descriptor: Descriptor, open: OpenContent, io: Io): Promise<void> {
    io.signal.throwIfAborted();
    const bytes = await readAll(
      verified(await interruptible(open, io)(), descriptor),
      descriptor.size,
      descriptor.digest,
    );
    if (isManifestType(descriptor.mediaType)) {
      const { digest } = descriptor;
      const manifest = parseManifest(bytes, descriptor.mediaType);
      this.#content.set(digest, { descriptor: { ...manifestDescriptor(manifest), digest }, bytes });
    } else {
      const { mediaType, digest, size } = descriptor;
      this.#content.set(digest, { descriptor: { mediaType, digest, size }, bytes });
    }
  }

  async tag(descriptor: Descriptor, tag: string): Promise<void> {
    this.#get(descriptor.digest);
    this.#tags.set(tag, descriptor.digest);
  }

  async *tagPages(): AsyncGenerator<readonly string[], void, undefined> {
    yield [...this.#tags.keys()].sort();
  }

  async untag(tag: string): Promise<void> {
    if (!this.#tags.delete(tag)) throw new OciError('not-found', `no image is tagged ${tag} in memory`);
  }

  async deleteManifest(digest: Digest): Promise<void> {
    this.#get(digest);
    this.#content.delete(digest);
    for (const [tag, named] of this.#tags) if (named === digest) this.#tags.delete(tag);
  }

  async referrers(digest: Digest): Promise<readonly Descriptor[]> {
    const found: Descriptor[] = [];
    for (const { descriptor, bytes } of this.#content.values()) {
      if (!isManifestType(descriptor.mediaType) || bytes.length > maxManifestBytes) continue;
      const manifest = parseManifest(bytes, descriptor.mediaType);
      if (manifest.subject?.digest !== digest) continue;
      const artifactType = manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined);
      found.push({
        ...descriptor,
        annotations: manifest.annotations,
        ...(artifactType === undefined ? {} : { artifactType }),
      });
    }
    return found;
  }

  #get(digest: Digest): Held {
    const held = this.#content.get(digest);
    if (held === undefined) throw new OciError('not-found', `${digest} is not in memory`);
    return held;
  }
}
