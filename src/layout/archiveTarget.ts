import { interruptible } from '../content/abort.ts';
import { readAll, streamOf } from '../content/bytes.ts';
import type { ByteStream, ImageTarget, Io, OpenContent } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import { OciError } from '../errors.ts';
import { type Descriptor, parseDescriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { type Manifest, manifestDescriptor, maxManifestBytes, parseManifest } from '../oci/manifest.ts';
import { isManifestType } from '../oci/mediaTypes.ts';
import { escapeText } from '../oci/reference.ts';
import { type ArchiveFileOptions, ArchiveWriter } from './archiveWriter.ts';

/** A small file of an archive. */
export interface Member {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What an archive holds when it is finished. */
export interface Contents {
  readonly manifests: ReadonlyMap<Digest, Manifest>;
  /** The member that content was written to; undefined for what is not in the archive. */
  memberOf(descriptor: Descriptor): string | undefined;
}

/** How images are laid out in a tar. */
export interface ArchiveFormat {
  /** What stands before everything else. */
  readonly head: readonly Member[];
  /** The member that content becomes; undefined for a manifest that is only remembered. @throws OciError unsupported-media-type */
  memberOf(descriptor: Descriptor): string | undefined;
  /** What stands at the end and names the image. @throws OciError invalid-reference, unsupported-media-type */
  last(root: Descriptor, tag: string, contents: Contents): Member;
}

/**
 * A new archive that one image is written to. The tag is the last step: it finishes the file and gives it its name.
 * Disposing before that removes what was written.
 */
export class ArchiveTarget implements ImageTarget, AsyncDisposable {
  readonly #writer: ArchiveWriter;
  readonly #shown: string;
  readonly #format: ArchiveFormat;
  readonly #written = new Map<Digest, { readonly size: number; readonly name: string | undefined }>();
  readonly #manifests = new Map<Digest, Manifest>();
  #begun = false;
  #tagged: { readonly tag: string; readonly descriptor: Descriptor } | undefined;

  private constructor(shown: string, format: ArchiveFormat, options: ArchiveFileOptions) {
    this.#writer = new ArchiveWriter(shown, options);
    this.#shown = shown;
    this.#format = format;
  }

  /** Nothing is written before the first push. @throws OciError already-exists */
  static async create(shown: string, format: ArchiveFormat, options: ArchiveFileOptions): Promise<ArchiveTarget> {
    const target = new ArchiveTarget(shown, format, options);
    await target.#writer.assertFree();
    return target;
  }

  async has(descriptor: Descriptor, io: Io): Promise<boolean> {
    io.signal.throwIfAborted();
    return this.#has(descriptor);
  }

  async push(descriptor: Descriptor, open: OpenContent, io: Io): Promise<void> {
    io.signal.throwIfAborted();
    const { mediaType, digest, size } = parseDescriptor(descriptor, escapeText(descriptor.digest));
    const name = this.#format.memberOf(descriptor);
    await this.#writer.inTurn(async () => {
      this.#assertOpen();
      if (this.#has(descriptor)) return;
      await this.#begin();
      const content = verified(await interruptible(open, io)(), descriptor);
      if (isManifestType(mediaType)) await this.#pushManifest(name, descriptor, content);
      else if (name !== undefined) await this.#writer.append(name, size, content);
      this.#written.set(digest, { size, name });
    }, io);
  }

  /** Manifests that were pushed; a tag once the archive is finished. What was in a file before does not count. */
  async resolve(identifier: string, io: Io): Promise<Descriptor> {
    io.signal.throwIfAborted();
    const manifest = isDigest(identifier) ? this.#manifests.get(identifier) : undefined;
    if (manifest !== undefined && isDigest(identifier)) return { ...manifestDescriptor(manifest), digest: identifier };
    if (this.#tagged?.tag === identifier) return this.#tagged.descriptor;
    throw new OciError('not-found', `${escapeText(identifier)} was not written to ${this.#shown}.`);
  }

  async tag(descriptor: Descriptor, tag: string, io: Io): Promise<void> {
    const { mediaType, digest, size } = descriptor;
    await this.#writer.inTurn(async () => {
      this.#assertOpen();
      if (!this.#manifests.has(digest)) {
        throw new OciError('not-found', `${digest} was not written to ${this.#shown}.`);
      }
      const memberOf = (part: Descriptor): string | undefined => this.#written.get(part.digest)?.name;
      const contents = { manifests: this.#manifests, memberOf };
      const { name, bytes } = this.#format.last(descriptor, tag, contents);
      await this.#writer.append(name, bytes.length, streamOf(bytes));
      await this.#writer.finish();
      this.#tagged = { tag, descriptor: { mediaType, digest, size } };
    }, io);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.discard();
  }

  #has({ digest, size }: Descriptor): boolean {
    return this.#written.get(digest)?.size === size;
  }

  async #begin(): Promise<void> {
    if (this.#begun) return;
    for (const { name, bytes } of this.#format.head) await this.#writer.append(name, bytes.length, streamOf(bytes));
    await this.#writer.begin();
    this.#begun = true;
  }

  async #pushManifest(name: string | undefined, { mediaType, digest }: Descriptor, content: ByteStream): Promise<void> {
    const bytes = await readAll(content, maxManifestBytes, digest);
    const manifest = parseManifest(bytes, mediaType);
    if (name !== undefined) await this.#writer.append(name, bytes.length, streamOf(bytes));
    this.#manifests.set(digest, manifest);
  }

  #assertOpen(): void {
    if (this.#tagged === undefined) return;
    throw new OciError('already-exists', `${this.#shown} is finished. Write another archive.`);
  }
}
