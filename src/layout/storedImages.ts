import { readAll } from '../content/bytes.ts';
import { checkRange } from '../content/checkRange.ts';
import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { type Manifest, maxManifestBytes, parseManifest } from '../oci/manifest.ts';
import { escapeText } from '../oci/reference.ts';

/** Content that is stored under a digest; whether it is what the digest says is found out by reading it. */
export interface StoredBlob {
  /** Bytes. */
  readonly size: number;
  read(range: ByteRange, io: Io): ByteStream;
}

/** A manifest that a collection of images names first: an entry of index.json, an image of a docker archive. */
export interface StoredRoot {
  readonly name?: string;
  /** @throws OciError where what is stored makes no image */
  describe(io: Io): Promise<Descriptor>;
}

/** Images as they are stored somewhere. */
export interface StoredImages {
  /** How the user names the place, for errors. */
  readonly shown: string;
  roots(io: Io): Promise<readonly StoredRoot[]>;
  blob(digest: Digest, io: Io): Promise<StoredBlob | undefined>;
  /** One spelling of a name, to compare by. */
  spelling(name: string): string;
}

/** The manifest that a name or digest stands for. @throws OciError not-found, naming what there is */
export async function resolveStored(images: StoredImages, identifier: string, io: Io): Promise<Descriptor> {
  const roots = await images.roots(io);
  if (isDigest(identifier)) return resolveDigest(images, roots, identifier, io);
  const wanted = images.spelling(identifier);
  const root = roots.find(({ name }) => name !== undefined && images.spelling(name) === wanted);
  if (root !== undefined) return root.describe(io);
  throw new OciError(
    'not-found',
    `no image is named ${escapeText(identifier)} in ${images.shown}. ${namesHint(roots)}`,
  );
}

async function resolveDigest(
  images: StoredImages,
  roots: readonly StoredRoot[],
  digest: Digest,
  io: Io,
): Promise<Descriptor> {
  for (const root of roots) {
    const found = await orUndefined(root.describe(io), io);
    if (found?.digest === digest) return found;
  }
  const blob = await images.blob(digest, io);
  if (blob === undefined) throw missing(images, digest);
  const { size } = blob;
  const { mediaType } = await readManifest(images, { mediaType: '', digest, size }, io);
  return { mediaType, digest, size };
}

/** The only image there is; undefined where there are none or several. Signatures and the like do not count. */
export async function soleStored(images: StoredImages, io: Io): Promise<Descriptor | undefined> {
  const roots = await images.roots(io);
  const named = roots.filter(({ name }) => name !== undefined);
  const candidates = new Map<Digest, Descriptor>();
  for (const root of named.length > 0 ? named : roots) {
    const descriptor = await root.describe(io);
    candidates.set(descriptor.digest, descriptor);
  }
  const all = [...candidates.values()];
  if (all.length < 2) return all[0];
  const found: Descriptor[] = [];
  for (const descriptor of all) {
    const { subject } = await readManifest(images, descriptor, io);
    if (subject === undefined) found.push(descriptor);
  }
  return found.length === 1 ? found[0] : undefined;
}

/** The content of a descriptor, verified. @throws OciError not-found, content-mismatch */
export async function fetchStored(images: StoredImages, descriptor: Descriptor, io: Io): Promise<ByteStream> {
  const blob = await blobOf(images, descriptor, io);
  return verifiedBytes(images, descriptor, blob.read({ start: 0, end: blob.size }, io));
}

/** A part of the content of a descriptor, unverified. @throws OciError not-found, content-mismatch */
export async function fetchStoredRange(
  images: StoredImages,
  descriptor: Descriptor,
  range: ByteRange,
  io: Io,
): Promise<ByteStream> {
  checkRange(descriptor, range);
  return (await blobOf(images, descriptor, io)).read(range, io);
}

async function blobOf(images: StoredImages, { digest, size }: Descriptor, io: Io): Promise<StoredBlob> {
  const blob = await images.blob(digest, io);
  if (blob === undefined) throw missing(images, digest);
  if (blob.size !== size) throw damaged(images, digest, `it has ${blob.size} of ${size} bytes`);
  return blob;
}

/** @throws OciError not-found, invalid-manifest, content-mismatch */
async function readManifest(images: StoredImages, descriptor: Descriptor, io: Io): Promise<Manifest> {
  const bytes = await readAll(await fetchStored(images, descriptor, io), maxManifestBytes, descriptor.digest);
  return parseManifest(bytes, descriptor.mediaType);
}

async function* verifiedBytes(
  images: StoredImages,
  descriptor: Descriptor,
  bytes: ByteStream,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* verified(bytes, descriptor);
  } catch (error) {
    if (!isOciError(error, 'content-mismatch')) throw error;
    throw damaged(images, descriptor.digest, error.message, error);
  }
}

async function orUndefined<T>(result: Promise<T>, io: Io): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    io.signal.throwIfAborted();
    if (isOciError(error)) return undefined;
    throw error;
  }
}

function namesHint(roots: readonly StoredRoot[]): string {
  const names = roots.flatMap(({ name }) => (name === undefined ? [] : [name]));
  return names.length === 0 ? 'It has no names.' : `It has ${names.slice(0, 10).map(escapeText).join(', ')}.`;
}

function missing({ shown }: StoredImages, digest: string): OciError {
  return new OciError('not-found', `${digest} is not in ${shown}. Save the image to it again.`);
}

function damaged({ shown }: StoredImages, digest: string, reason: string, cause?: unknown): OciError {
  const message = `${digest} in ${shown} is damaged: ${reason.replace(/\.$/, '')}. Save the image again.`;
  return new OciError('content-mismatch', message, { cause });
}
