import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';

/** The required last parameter of everything that does I/O. When it aborts, the signal's reason is thrown. */
export interface Io {
  readonly signal: AbortSignal;
}

/** Bytes in pieces. A consumer iterates at once and to the end, or calls `return()`. Node's Readable is one. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Opens the same bytes from their start; may be called again: after a 401, on a retry. */
export type OpenContent = () => Promise<ByteStream>;

/** Where content comes from. */
export interface ContentSource {
  /** The content of a descriptor, verified for size and digest: the stream throws content-mismatch at its end. @throws OciError not-found */
  fetch(descriptor: Descriptor, io: Io): Promise<ByteStream>;
}

/** Where content goes to. Manifests (by media type) and blobs alike. */
export interface ContentTarget {
  /** True where the content is there with the descriptor's size. */
  has(descriptor: Descriptor, io: Io): Promise<boolean>;
  /** Stores the content. Done when it returns: an ambiguous failure was read back. @throws OciError content-mismatch */
  push(descriptor: Descriptor, open: OpenContent, io: Io): Promise<void>;
}

export interface Resolver {
  /** The manifest a tag or digest names. @throws OciError not-found */
  resolve(identifier: string, io: Io): Promise<Descriptor>;
}

export interface Tagger {
  /** Makes `tag` name a manifest that is in the store already. */
  tag(descriptor: Descriptor, tag: string, io: Io): Promise<void>;
}

/** Optional capability: a part of a blob is read without the rest. */
export interface RangeReader {
  /**
   * Bytes `start` up to, not including, `end` of a blob: exactly so many, but unverified. The caller holds a digest for them.
   * @throws OciError not-found; unsupported-media-type where the store gives out whole blobs only
   */
  fetchRange(descriptor: Descriptor, range: ByteRange, io: Io): Promise<ByteStream>;
}

/** Bytes `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where layers are read from. */
export type LayerSource = ContentSource & Partial<RangeReader>;

export type ImageSource = ContentSource & Resolver;
export type ImageTarget = ContentTarget & Resolver & Tagger;

/** Optional capability: blobs can be taken over from another repository of the same registry. */
export interface Mounter {
  /** The name to mount from where `source` is a repository of the same registry; else undefined. */
  mountableFrom(source: ContentSource): string | undefined;
  /** True where the blob is now in this repository. False: it must be pushed. */
  mount(descriptor: Descriptor, from: string, io: Io): Promise<boolean>;
}

/** Optional capability: a manifest is stored under a tag in the same request, so that copy needs no second PUT. */
export interface TaggingTarget {
  pushTagged(descriptor: Descriptor, bytes: Uint8Array, tag: string, io: Io): Promise<void>;
}

/** Optional capability: the names a store gives out. Pages arrive as they are read. */
export interface TagLister {
  /** Grammatical, unique tags, page by page. */
  tagPages(io: Io): AsyncIterable<readonly string[]>;
}

/** Optional capability. */
export interface Deleter {
  /** Removes a tag only. @throws OciError unsupported-media-type where the registry can delete by digest only */
  untag(tag: string, io: Io): Promise<void>;
  /** Removes a manifest and with it every tag that names it. */
  deleteManifest(digest: Digest, io: Io): Promise<void>;
}

/** Optional capability: what refers to a manifest by `subject` (distribution-spec, listing referrers). */
export interface ReferrerLister {
  referrers(digest: Digest, io: Io): Promise<readonly Descriptor[]>;
}

/** Every capability a store may have beside source and target; found by `'mount' in store`. */
export type ImageStore = ImageSource &
  ImageTarget &
  Partial<Mounter & TaggingTarget & TagLister & Deleter & ReferrerLister & RangeReader>;

/** A manifest with the descriptor it was found under. */
export interface Resolved {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
}
