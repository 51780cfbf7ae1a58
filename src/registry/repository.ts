import { interruptible } from '../content/abort.ts';
import { readAll, streamOf } from '../content/bytes.ts';
import type {
  ByteRange,
  ByteStream,
  ContentSource,
  Deleter,
  ImageSource,
  ImageTarget,
  Io,
  Mounter,
  OpenContent,
  RangeReader,
  ReferrerLister,
  TaggingTarget,
  TagLister,
} from '../content/store.ts';
import { verified } from '../content/verified.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isManifestType } from '../oci/mediaTypes.ts';
import { isTag } from '../oci/reference.ts';
import { fetchBlobRange } from './blobRange.ts';
import { fetchBlob, sizeOfBlob } from './blobs.ts';
import { deleteManifest, deleteTag } from './deletes.ts';
import type { Endpoint } from './endpoint.ts';
import { checkTag, fetchManifestBytes, resolveManifest, sizeOfManifest } from './manifests.ts';
import { maxPushedManifestBytes, pushManifest } from './manifestPush.ts';
import { mountBlob } from './mounts.ts';
import { NamePages } from './pages.ts';
import { listReferrers } from './referrers.ts';
import { uploadBlob } from './uploads.ts';
import type { UploadSession } from './uploadSession.ts';

export interface RepositoryUse {
  /** Bytes of one chunk where the registry wants chunked uploads. */
  readonly chunkSize: number;
  readonly readOnly: boolean;
}

/** One repository of a registry by the distribution-spec. Uploads of one digest share one upload. */
export class Repository
  implements ImageSource, ImageTarget, Mounter, TaggingTarget, TagLister, Deleter, ReferrerLister, RangeReader
{
  readonly #endpoint: Endpoint;
  readonly #use: RepositoryUse;
  /** Sessions that a mount left open: the upload of the same digest takes them over. */
  readonly #sessions = new Map<Digest, UploadSession>();
  /** Uploads under way: true where it was done. */
  readonly #uploads = new Map<Digest, Promise<boolean>>();
  /** Blobs the registry was seen to hold with a wrong size. */
  readonly #damaged = new Set<Digest>();

  constructor(endpoint: Endpoint, use: RepositoryUse) {
    this.#endpoint = endpoint;
    this.#use = use;
  }

  /** `host[:port]` as in Reference.registry. */
  get registry(): string {
    return this.#endpoint.connection.registry;
  }

  /** The name within the registry, `library/redis`. */
  get name(): string {
    return this.#endpoint.name;
  }

  resolve(identifier: string, io: Io): Promise<Descriptor> {
    return resolveManifest(this.#endpoint, identifier, io);
  }

  async fetch(descriptor: Descriptor, io: Io): Promise<ByteStream> {
    const { data, mediaType } = descriptor;
    if (data !== undefined) return verified(streamOf(Buffer.from(data, 'base64')), descriptor);
    if (!isManifestType(mediaType)) return fetchBlob(this.#endpoint, descriptor, io);
    return streamOf(await fetchManifestBytes(this.#endpoint, descriptor, io));
  }

  fetchRange(descriptor: Descriptor, range: ByteRange, io: Io): Promise<ByteStream> {
    return fetchBlobRange(this.#endpoint, descriptor, range, io);
  }

  async has(descriptor: Descriptor, io: Io): Promise<boolean> {
    const { mediaType, digest, size } = descriptor;
    if (isManifestType(mediaType)) return (await sizeOfManifest(this.#endpoint, digest, io)) === size;
    let there = true;
    try {
      const held = await sizeOfBlob(this.#endpoint, descriptor, io);
      there = held === size;
      if (held !== undefined && !there) this.#damaged.add(digest);
      return there;
    } finally {
      // Nobody will upload what is there, or could not be looked for.
      if (there) await this.#closeSession(digest);
    }
  }

  async push(descriptor: Descriptor, open: OpenContent, io: Io): Promise<void> {
    this.#checkWritable();
    if (!isManifestType(descriptor.mediaType)) return this.#pushBlob(descriptor, open, io);
    const bytes = await readAll(
      await interruptible(open, io)(),
      maxPushedManifestBytes,
      `manifest ${descriptor.digest}`,
    );
    await pushManifest(this.#endpoint, descriptor, bytes, descriptor.digest, io);
  }

  async pushTagged(descriptor: Descriptor, bytes: Uint8Array, tag: string, io: Io): Promise<void> {
    this.#checkWritable();
    checkTag(tag);
    await pushManifest(this.#endpoint, descriptor, bytes, tag, io);
  }

  async tag(descriptor: Descriptor, tag: string, io: Io): Promise<void> {
    this.#checkWritable();
    checkTag(tag);
    const bytes = await fetchManifestBytes(this.#endpoint, descriptor, io);
    await pushManifest(this.#endpoint, descriptor, bytes, tag, io);
  }

  mountableFrom(source: ContentSource): string | undefined {
    const other = source instanceof Repository && source.registry === this.registry && source.name !== this.name;
    return other ? source.name : undefined;
  }

  async mount(descriptor: Descriptor, from: string, io: Io): Promise<boolean> {
    this.#checkWritable();
    const mounted = await mountBlob(this.#endpoint, descriptor, from, io);
    if (typeof mounted === 'boolean') return mounted;
    await this.#closeSession(descriptor.digest);
    this.#sessions.set(descriptor.digest, mounted);
    return false;
  }

  tagPages(io: Io): NamePages {
    const listing = {
      endpoint: this.#endpoint,
      scopes: this.#endpoint.pull,
      first: ['tags/list?n=1000', 'tags/list?n=100', 'tags/list'],
      doing: `list the tags of ${this.#endpoint.title}`,
      member: 'tags',
      isName: isTag,
    } as const;
    return new NamePages(listing, io);
  }

  async untag(tag: string, io: Io): Promise<void> {
    this.#checkWritable();
    checkTag(tag);
    await deleteTag(this.#endpoint, tag, io);
  }

  async deleteManifest(digest: Digest, io: Io): Promise<void> {
    this.#checkWritable();
    await deleteManifest(this.#endpoint, digest, io);
  }

  referrers(digest: Digest, io: Io): Promise<readonly Descriptor[]> {
    return listReferrers(this.#endpoint, digest, io);
  }

  async #pushBlob(descriptor: Descriptor, open: OpenContent, io: Io): Promise<void> {
    const { digest } = descriptor;
    // The other upload's success is this one's too; its failure is not.
    for (let other = this.#uploads.get(digest); other !== undefined; other = this.#uploads.get(digest)) {
      if (await other) return this.#closeSession(digest);
    }
    const upload = this.#upload(descriptor, open, io);
    this.#uploads.set(
      digest,
      upload.then(
        () => true,
        () => false,
      ),
    );
    try {
      await upload;
      this.#damaged.delete(digest);
    } finally {
      this.#uploads.delete(digest);
    }
  }

  #upload(descriptor: Descriptor, open: OpenContent, io: Io): Promise<void> {
    const session = this.#sessions.get(descriptor.digest);
    this.#sessions.delete(descriptor.digest);
    const { chunkSize } = this.#use;
    const mistrusted = this.#damaged.has(descriptor.digest);
    return uploadBlob(this.#endpoint, descriptor, open, { chunkSize, session, mistrusted }, io);
  }

  /** Closes what a mount left open and no upload took over. */
  async #closeSession(digest: Digest): Promise<void> {
    const session = this.#sessions.get(digest);
    this.#sessions.delete(digest);
    await session?.cancel();
  }

  #checkWritable(): void {
    if (!this.#use.readOnly) return;
    throw new OciError(
      'forbidden',
      `${this.registry} is set to read-only: nothing is written to ${this.#endpoint.title}. Change its setting to write to it.`,
    );
  }
}
