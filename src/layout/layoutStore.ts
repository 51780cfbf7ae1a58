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
} from '../content/store.ts';
import { interruptible } from '../content/abort.ts';
import { opens, readAll } from '../content/bytes.ts';
import { checkRange } from '../content/checkRange.ts';
import { verified } from '../content/verified.ts';
import { isOciError, OciError } from '../errors.ts';
import { type Descriptor, parseDescriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { type Manifest, maxManifestBytes, parseManifest } from '../oci/manifest.ts';
import { isManifestType } from '../oci/mediaTypes.ts';
import { escapeText, isTag } from '../oci/reference.ts';
import { entryOf, type IndexEntry, refNameAnnotation } from './layoutIndex.ts';
import { isRefName } from './localReference.ts';
import { type LayoutFiles, openLayout } from './openLayout.ts';
import { manifestsBelow, referrerOf } from './walkManifests.ts';

/**
 * An OCI layout on disk (image-spec image-layout.md) that other tools and processes may read and write at the same time.
 * index.json names the tagged manifests and, so that they are found, those with a subject.
 */
export class LayoutStore implements ImageSource, ImageTarget, TagLister, Deleter, ReferrerLister, RangeReader {
  readonly #files: LayoutFiles;
  readonly #shown: string;

  private constructor(files: LayoutFiles, shown: string) {
    this.#files = files;
    this.#shown = shown;
  }

  /**
   * Opens a layout; with `create` an empty or missing folder becomes one.
   * @throws OciError not-found, already-exists, invalid-manifest, forbidden
   */
  static async open(path: string, io: Io, options: { readonly create?: boolean } = {}): Promise<LayoutStore> {
    io.signal.throwIfAborted();
    return new LayoutStore(await openLayout(path, options), path);
  }

  async fetch(descriptor: Descriptor, io: Io): Promise<ByteStream> {
    await this.#check(descriptor, io);
    return this.#verifiedBytes(descriptor, io);
  }

  async fetchRange(descriptor: Descriptor, range: ByteRange, io: Io): Promise<ByteStream> {
    checkRange(descriptor, range);
    await this.#check(descriptor, io);
    return this.#files.blobs.read(descriptor.digest, io, range);
  }

  async resolve(identifier: string, io: Io): Promise<Descriptor> {
    io.signal.throwIfAborted();
    const entries = await this.#files.index.entries();
    const byDigest = isDigest(identifier);
    const entry = entries.find((each) => (byDigest ? each.json['digest'] : each.name) === identifier);
    if (entry !== undefined) return this.#present(entry);
    if (byDigest) return this.#describe(identifier, io);
    throw new OciError(
      'not-found',
      `no image is tagged ${escapeText(identifier)} in ${this.#shown}. ${tagsHint(entries)}`,
    );
  }

  /** The only image of this layout; undefined where there are none or several. Signatures and the like do not count. */
  async soleManifest(io: Io): Promise<Descriptor | undefined> {
    const entries = await this.#files.index.entries();
    const tagged = entries.filter((entry) => entry.name !== undefined);
    const candidates = new Map<unknown, IndexEntry>();
    for (const entry of tagged.length > 0 ? tagged : entries) candidates.set(entry.json['digest'], entry);
    const images: Descriptor[] = [];
    for (const entry of candidates.values()) {
      const descriptor = await this.#present(entry);
      const manifest = candidates.size === 1 ? undefined : await this.#manifest(descriptor, io);
      if (manifest?.subject === undefined) images.push(descriptor);
    }
    return images.length === 1 ? images[0] : undefined;
  }

  async has(descriptor: Descriptor, io: Io): Promise<boolean> {
    io.signal.throwIfAborted();
    return (await this.#files.blobs.size(descriptor.digest)) === descriptor.size;
  }

  async push(descriptor: Descriptor, open: OpenContent, io: Io): Promise<void> {
    io.signal.throwIfAborted();
    const stream = await interruptible(open, io)();
    if (!isManifestType(descriptor.mediaType)) {
      await this.#files.blobs.write(descriptor, stream, io);
      return;
    }
    const bytes = await readAll(verified(stream, descriptor), maxManifestBytes, descriptor.digest);
    const manifest = parseManifest(bytes, descriptor.mediaType);
    await this.#files.blobs.write(descriptor, await opens(bytes)(), io);
    if (manifest.subject !== undefined) await this.#enter(descriptor, undefined, io);
  }

  async tag(descriptor: Descriptor, tag: string, io: Io): Promise<void> {
    if (!isRefName(tag)) throw new OciError('invalid-reference', `${escapeText(tag)} is not a tag`);
    if (!(await this.has(descriptor, io))) throw this.#missing(descriptor.digest);
    await this.#enter(descriptor, tag, io);
  }

  async *tagPages(io: Io): AsyncGenerator<readonly string[], void, undefined> {
    io.signal.throwIfAborted();
    const names = (await this.#files.index.entries()).flatMap(({ name }) => (name === undefined ? [] : [name]));
    yield [...new Set(names.filter(isTag))].sort();
  }

  async untag(tag: string, io: Io): Promise<void> {
    await this.#drop((entry) => entry.name === tag, `no image is tagged ${escapeText(tag)} in ${this.#shown}`, io);
  }

  async deleteManifest(digest: Digest, io: Io): Promise<void> {
    io.signal.throwIfAborted();
    if ((await this.#files.blobs.size(digest)) === undefined) throw this.#missing(digest);
    await this.#files.index.update((entries) => entries.filter((entry) => entry.json['digest'] !== digest), io);
    await this.#files.blobs.remove(digest);
  }

  async referrers(digest: Digest, io: Io): Promise<readonly Descriptor[]> {
    const roots = (await this.#files.index.entries()).map((entry) => entry.json);
    const found: Descriptor[] = [];
    for await (const resolved of manifestsBelow(roots, (descriptor) => this.#manifest(descriptor, io))) {
      if (resolved.manifest.subject?.digest === digest) found.push(referrerOf(resolved));
    }
    return found;
  }

  async #check({ digest, size }: Descriptor, io: Io): Promise<void> {
    io.signal.throwIfAborted();
    const held = await this.#files.blobs.size(digest);
    if (held === undefined) throw this.#missing(digest);
    if (held !== size) throw this.#damaged(digest, `it has ${held} of ${size} bytes`);
  }

  async #enter(descriptor: Descriptor, tag: string | undefined, io: Io): Promise<void> {
    const { mediaType, digest, size } = descriptor;
    const annotations = tag === undefined ? {} : { annotations: { [refNameAnnotation]: tag } };
    const entry = entryOf({ mediaType, digest, size, ...annotations });
    await this.#files.index.update((entries) => {
      const same = entries.filter((each) => each.name === tag && (tag !== undefined || each.json['digest'] === digest));
      if (same.length === 1 && same[0]?.json['digest'] === digest) return entries;
      return [...entries.filter((each) => !same.includes(each)), entry];
    }, io);
  }

  async #drop(which: (entry: IndexEntry) => boolean, missing: string, io: Io): Promise<void> {
    await this.#files.index.update((entries) => {
      const kept = entries.filter((entry) => !which(entry));
      if (kept.length === entries.length) throw new OciError('not-found', missing);
      return kept;
    }, io);
  }

  async #present(entry: IndexEntry): Promise<Descriptor> {
    const where = `entry ${escapeText(entry.name ?? 'without a name')} of index.json of ${this.#shown}`;
    const { mediaType, digest, size } = parseDescriptor(entry.json, where);
    if ((await this.#files.blobs.size(digest)) === undefined) throw this.#missing(digest);
    return { mediaType, digest, size };
  }

  /** The descriptor of a manifest that index.json does not name, as a child of an index. */
  async #describe(digest: Digest, io: Io): Promise<Descriptor> {
    const size = await this.#files.blobs.size(digest);
    if (size === undefined) throw this.#missing(digest);
    const { mediaType } = await this.#manifest({ mediaType: '', digest, size }, io);
    return { mediaType, digest, size };
  }

  async #manifest(descriptor: Descriptor, io: Io): Promise<Manifest> {
    const bytes = await readAll(await this.fetch(descriptor, io), maxManifestBytes, descriptor.digest);
    return parseManifest(bytes, descriptor.mediaType);
  }

  async *#verifiedBytes(descriptor: Descriptor, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* verified(this.#files.blobs.read(descriptor.digest, io), descriptor);
    } catch (error) {
      if (!isOciError(error, 'content-mismatch')) throw error;
      throw this.#damaged(descriptor.digest, 'its bytes are others than the digest says', error);
    }
  }

  #missing(digest: string): OciError {
    return new OciError('not-found', `${digest} is not in ${this.#shown}. Copy the image to it again.`);
  }

  #damaged(digest: string, reason: string, cause?: unknown): OciError {
    const message = `${digest} in ${this.#shown} is damaged: ${reason}. Copy the image to it again.`;
    return new OciError('content-mismatch', message, { cause });
  }
}

function tagsHint(entries: readonly IndexEntry[]): string {
  const names = entries.flatMap(({ name }) => (name === undefined ? [] : [name]));
  return names.length === 0 ? 'It has no tags.' : `It has ${names.slice(0, 5).map(escapeText).join(', ')}.`;
}
