import type { IncomingMessage } from 'node:http';
import { opens, readAll } from '../content/bytes.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, Hasher, isDigest } from '../oci/digest.ts';
import { type Manifest, parseManifest, successors } from '../oci/manifest.ts';
import { bareMediaType, isForeignLayerType, isManifestType } from '../oci/mediaTypes.ts';
import { isTag } from '../oci/reference.ts';
import { ApiError, askedDigest, ofClient } from './apiError.ts';
import { type Exchange, sendBytes, sendEmpty } from './exchange.ts';

/** Largest manifest that is taken, in bytes (distribution-spec: at least 4 MB). */
const maxPushedBytes = 4 << 20;

/** GET and HEAD of a manifest: the bytes that were pushed (distribution-spec end-3). */
export async function getManifest(exchange: Exchange): Promise<void> {
  const { request, storage, io } = exchange;
  const found = await find(exchange);
  const headers = {
    'content-type': found.mediaType,
    'docker-content-digest': found.digest,
    etag: `"${found.digest}"`,
  };
  if (request.method === 'HEAD') {
    sendEmpty(exchange, 200, { ...headers, 'content-length': found.size });
    return;
  }
  const bytes = await readAll(storage.files.blobs.read(found.digest, io), found.size, found.digest);
  sendBytes(exchange, 200, bytes, headers);
}

/** PUT: stores a manifest whose parts are there, and lets a tag name it (distribution-spec end-7). */
export async function putManifest(exchange: Exchange): Promise<void> {
  const { request, storage, repository, reference, io } = exchange;
  const bytes = await readBody(request);
  const digest = pushedDigest(reference, bytes);
  const manifest = ofClient('MANIFEST_INVALID', () => parseManifest(bytes, contentType(request)));
  if (manifest.json['mediaType'] !== undefined && manifest.mediaType !== contentType(request)) {
    throw invalid(`Content-Type is not ${manifest.mediaType}, which the manifest says it is`);
  }
  await checkParts(exchange, manifest);
  const { mediaType, subject } = manifest;
  const descriptor: Descriptor = { mediaType, digest, size: bytes.length };
  await storage.files.blobs.write(descriptor, await opens(bytes)(), io);
  await storage.repositories.addManifest(repository, digest, mediaType, subject?.digest);
  if (!isDigest(reference)) await storage.tag(repository, descriptor, reference, io);
  sendEmpty(exchange, 201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(subject === undefined ? {} : { 'oci-subject': subject.digest }),
  });
}

/** DELETE: a tag and only it, or a manifest with its tags (distribution-spec end-9). */
export async function deleteManifest(exchange: Exchange): Promise<void> {
  const { storage, repository, reference, freed, io } = exchange;
  const descriptor = await find(exchange);
  if (isDigest(reference)) await storage.removeManifest(repository, descriptor, io);
  else await storage.untag(repository, reference, io);
  freed();
  sendEmpty(exchange, 202);
}

async function find({ storage, repository, reference, io }: Exchange): Promise<Descriptor> {
  if (reference.includes(':')) askedDigest(reference);
  const found = await storage.manifest(repository, reference, io);
  if (found !== undefined) return found;
  throw new ApiError(404, 'MANIFEST_UNKNOWN', 'the repository holds no such manifest', { detail: { reference } });
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const tooLarge = new ApiError(413, 'SIZE_INVALID', `a manifest has at most ${maxPushedBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxPushedBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Without this the connection would break before the answer to a body that is too large.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size > maxPushedBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function pushedDigest(reference: string, bytes: Uint8Array): Digest {
  if (!reference.includes(':')) {
    if (isTag(reference)) return digestOf(bytes);
    throw invalid('a tag is at most 128 letters, digits, _ . and -, and starts with no . or -');
  }
  const digest = askedDigest(reference);
  const hasher = new Hasher(algorithmOf(digest));
  hasher.update(bytes);
  const actual = hasher.digest();
  if (actual === digest) return digest;
  throw new ApiError(400, 'DIGEST_INVALID', `the manifest has another digest: ${actual}`, { detail: { digest } });
}

function contentType(request: IncomingMessage): string {
  return bareMediaType(request.headers['content-type'] ?? '');
}

async function checkParts(exchange: Exchange, manifest: Manifest): Promise<void> {
  for (const part of successors(manifest)) {
    const { digest, size } = part;
    const held = await heldSize(exchange, part);
    if (held === undefined && isForeignLayerType(part.mediaType)) continue;
    if (held === undefined) {
      throw new ApiError(400, 'MANIFEST_BLOB_UNKNOWN', 'the repository does not hold a part of the manifest', {
        detail: { digest },
      });
    }
    if (held !== size) throw invalid(`the size of ${digest} is ${held}, not ${size}`);
  }
}

async function heldSize({ storage, repository, io }: Exchange, part: Descriptor): Promise<number | undefined> {
  return isManifestType(part.mediaType)
    ? (await storage.manifest(repository, part.digest, io))?.size
    : storage.blobSize(repository, part.digest);
}

function invalid(message: string): ApiError {
  return new ApiError(400, 'MANIFEST_INVALID', message);
}
