import type { Compression } from '../archive/compress.ts';
import { decompress, detectCompression } from '../archive/decompress.ts';
import { watched } from '../archive/watched.ts';
import { readAll, streamOf } from '../content/bytes.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { describe, type Descriptor } from '../oci/descriptor.ts';
import { type Digest, Hasher, isDigest } from '../oci/digest.ts';
import { maxConfigBytes, parseImageConfig } from '../oci/imageConfig.ts';
import { buildManifest, manifestDescriptor } from '../oci/manifest.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { escapeText } from '../oci/reference.ts';
import type { ArchiveMembers } from './archiveMembers.ts';
import type { StoredBlob } from './storedImages.ts';

/** An image that manifest.json of a docker archive lists: names of members of the archive. */
export interface DockerEntry {
  readonly config: string;
  /** RepoTags: `NAME:TAG`. */
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

const layerTypes: Readonly<Record<Compression, string>> = {
  none: mediaTypes.layer,
  gzip: mediaTypes.layerGzip,
  zstd: mediaTypes.layerZstd,
};

/**
 * An image of a docker archive, which has no manifest: one is made of the config and the layers as they are, always the
 * same. Compressed layers are read once for their digests.
 */
export class DockerImage {
  readonly names: readonly string[];
  readonly #entry: DockerEntry;
  readonly #members: ArchiveMembers;
  readonly #blobs = new Map<Digest, StoredBlob>();
  #descriptor: Descriptor | undefined;

  constructor(entry: DockerEntry, members: ArchiveMembers) {
    this.names = entry.names;
    this.#entry = entry;
    this.#members = members;
  }

  /** Content of the image; undefined also where the image was not yet described. */
  blob(digest: Digest): StoredBlob | undefined {
    return this.#blobs.get(digest);
  }

  /** The manifest. @throws OciError corrupt-archive, invalid-manifest; content-mismatch where a layer is not what the config says */
  async describe(io: Io): Promise<Descriptor> {
    return (this.#descriptor ??= await this.#make(io));
  }

  async #make(io: Io): Promise<Descriptor> {
    const { config: configName, layers: names } = this.#entry;
    const bytes = await this.#members.readSmall(configName, maxConfigBytes, io);
    if (bytes === undefined) throw this.#members.missing(configName);
    const { diffIds } = parseImageConfig(bytes);
    if (diffIds.length !== names.length) throw this.#wrongCount(diffIds.length);
    const config = describe(bytes, mediaTypes.config);
    const layers: Descriptor[] = [];
    for (const [at, name] of names.entries()) layers.push(await this.#layer(name, diffIds[at], io));
    const manifest = buildManifest({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers });
    this.#blobs.set(config.digest, inMemory(bytes));
    this.#blobs.set(manifest.digest, inMemory(manifest.bytes));
    return manifestDescriptor(manifest);
  }

  async #layer(name: string, diffId: Digest | undefined, io: Io): Promise<Descriptor> {
    const members = this.#members;
    const size = members.size(name);
    if (size === undefined) throw members.missing(name);
    if (diffId === undefined) throw this.#noDiffId(name);
    const head = await readAll(members.read(name, { start: 0, end: Math.min(8, size) }, io), 8, name);
    const compression = compressionOf(head, name, members.shown);
    const digest =
      compression === 'none'
        ? this.#sameDigest(name, diffId)
        : (digestInName(name) ?? (await this.#hashed(name, size, compression, diffId, io)));
    this.#blobs.set(digest, { size, read: (range, readIo) => members.read(name, range, readIo) });
    return { mediaType: layerTypes[compression], digest, size };
  }

  /** What is not compressed has the digest that the config says, or is damaged: reading finds out. */
  #sameDigest(name: string, diffId: Digest): Digest {
    const named = digestInName(name);
    if (named !== undefined && named !== diffId) throw this.#mismatch(name, diffId, named);
    return diffId;
  }

  async #hashed(name: string, size: number, compression: Compression, diffId: Digest, io: Io): Promise<Digest> {
    const [outer, inner] = [new Hasher(), new Hasher()];
    const stored = watched(this.#members.read(name, { start: 0, end: size }, io), (chunk) => outer.update(chunk));
    for await (const chunk of decompress(stored, compression)) {
      io.signal.throwIfAborted();
      inner.update(chunk);
    }
    const actual = inner.digest();
    if (actual !== diffId) throw this.#mismatch(name, diffId, actual);
    return outer.digest();
  }

  #mismatch(name: string, diffId: Digest, actual: Digest): OciError {
    return new OciError(
      'content-mismatch',
      `the layer ${escapeText(name)} of ${this.#members.shown} is ${actual}, but the image's config says ${diffId}. Save the image again.`,
    );
  }

  #wrongCount(count: number): OciError {
    const { layers, config } = this.#entry;
    return new OciError(
      'invalid-manifest',
      `manifest.json of ${this.#members.shown} lists ${layers.length} layers, but the config ${escapeText(config)} has ${count}. Save the image again.`,
    );
  }

  #noDiffId(name: string): OciError {
    return new OciError(
      'invalid-manifest',
      `the config of ${this.#members.shown} does not say what digest the layer ${escapeText(name)} has. Save the image again.`,
    );
  }
}

/** Files in a layout's `blobs` are named by their digests; other names promise nothing. */
function digestInName(name: string): Digest | undefined {
  const digest = /^(?:\.\/)?blobs\/(sha256|sha512)\/([a-f0-9]+)$/.exec(name);
  const text = `${digest?.[1] ?? ''}:${digest?.[2] ?? ''}`;
  return isDigest(text) ? text : undefined;
}

function compressionOf(head: Uint8Array, name: string, shown: string): Compression {
  try {
    return detectCompression(head);
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause;
    throw new OciError(cause.code, `the layer ${escapeText(name)} of ${shown} cannot be read: ${cause.message}`, {
      cause,
    });
  }
}

function inMemory(bytes: Uint8Array): StoredBlob {
  return { size: bytes.length, read: ({ start, end }) => streamOf(bytes.subarray(start, end)) };
}
