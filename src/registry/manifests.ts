import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, Hasher, isDigest, shortDigest } from '../oci/digest.ts';
import { manifestDescriptor, maxManifestBytes, parseManifest } from '../oci/manifest.ts';
import { bareMediaType, isManifestType, manifestMediaTypes } from '../oci/mediaTypes.ts';
import { escapeText, isTag } from '../oci/reference.ts';
import { type Answer, discard } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpResponse } from './http.ts';
import { isWebPage } from './errorBody.ts';
import { answerError, registryError } from './registryError.ts';

/** Some registries answer 404 where an index or artifact is not accepted by name; the wildcard comes last for the rest. */
const accept = [...manifestMediaTypes, '*/*'].join(', ');

/**
 * The descriptor of the manifest a tag or digest names (distribution-spec, pulling manifests): one HEAD, where its answer
 * says type, size and digest; else a GET.
 * @throws OciError not-found, invalid-reference, unsupported-media-type
 */
export async function resolveManifest(endpoint: Endpoint, identifier: string, io: Io): Promise<Descriptor> {
  const doing = `read ${nameOf(identifier)} of ${endpoint.title}`;
  const response = await head(endpoint, identifier, io);
  if (response.status === 200)
    return descriptorOf(response, identifier) ?? describeByGet(endpoint, identifier, doing, io);
  // A HEAD's refusal has no reason with it: the GET's has. Absence needs none, and a failure was repeated already.
  if (response.status === 404 || (response.status >= 500 && response.status !== 501)) {
    throw await registryError('HEAD', response, doing, io);
  }
  return describeByGet(endpoint, identifier, doing, io);
}

/** The size of a manifest in bytes, undefined where the registry does not hold it or hides it from this user. */
export async function sizeOfManifest(endpoint: Endpoint, digest: Digest, io: Io): Promise<number | undefined> {
  const response = await head(endpoint, digest, io);
  if (response.status === 200) {
    const known = descriptorOf(response, digest);
    return known === undefined ? (await lookByGet(endpoint, digest, io))?.length : known.size;
  }
  if (response.status === 405 || response.status === 501) return (await lookByGet(endpoint, digest, io))?.length;
  if ([400, 403, 404].includes(response.status)) return undefined;
  throw await registryError('HEAD', response, `look for manifest ${shortDigest(digest)} in ${endpoint.title}`, io);
}

/** The exact bytes of a manifest, verified. @throws OciError not-found, content-mismatch, too-large */
export async function fetchManifestBytes(endpoint: Endpoint, descriptor: Descriptor, io: Io): Promise<Uint8Array> {
  const { digest, size } = descriptor;
  const doing = `read manifest ${shortDigest(digest)} of ${endpoint.title}`;
  if (size > maxManifestBytes) {
    throw new OciError(
      'too-large',
      `Cannot ${doing}: its ${size} bytes are more than the limit of ${maxManifestBytes}.`,
    );
  }
  const bytes = await getChecked(endpoint, digest, doing, io);
  if (bytes.length === size) return bytes;
  throw new OciError(
    'content-mismatch',
    `Cannot ${doing}: it has ${bytes.length} bytes, not the ${size} its descriptor says.`,
  );
}

/** What a tag names now: a digest, or undefined where there is no such tag. */
export async function digestOfTag(endpoint: Endpoint, tag: string, io: Io): Promise<Digest | undefined> {
  try {
    return (await resolveManifest(endpoint, tag, io)).digest;
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** True only where the registry says that a tag or digest names nothing. */
export async function isAbsent(endpoint: Endpoint, identifier: string, io: Io): Promise<boolean> {
  return (await head(endpoint, identifier, io)).status === 404;
}

/** The bytes a tag or digest names, unverified; undefined where there are none. */
export async function lookByGet(endpoint: Endpoint, identifier: string, io: Io): Promise<Uint8Array | undefined> {
  const answer = await getManifest(endpoint, identifier, io);
  if (answer.status === 200 && !isWebPage(answer)) return answer.bytes;
  if ([400, 403, 404].includes(answer.status)) return undefined;
  throw answerError(answer, `look for ${nameOf(identifier)} in ${endpoint.title}`);
}

/** The manifest a tag or digest names, whole, with the type it was served as. */
export function getManifest(endpoint: Endpoint, identifier: string, io: Io): Promise<Answer> {
  const request = { method: 'GET', headers: { accept }, scopes: endpoint.pull } as const;
  return endpoint.ask(`manifests/${identifier}`, request, maxManifestBytes, io);
}

/** The digest of bytes by the algorithm of another digest. */
export function digestLike(bytes: Uint8Array, digest: Digest): Digest {
  const hasher = new Hasher(algorithmOf(digest));
  hasher.update(bytes);
  return hasher.digest();
}

/** @throws OciError invalid-reference */
export function checkTag(tag: string): void {
  if (isTag(tag)) return;
  throw new OciError(
    'invalid-reference',
    `${escapeText(tag)} is not a tag. A tag holds at most 128 letters, digits, _ . - and starts with a letter, digit or _.`,
  );
}

/** @throws OciError invalid-reference where it is neither a tag nor a digest, before it gets near an address */
export function checkIdentifier(identifier: string): void {
  if (!isDigest(identifier)) checkTag(identifier);
}

function nameOf(identifier: string): string {
  return isDigest(identifier) ? `manifest ${shortDigest(identifier)}` : `tag ${identifier}`;
}

async function head(endpoint: Endpoint, identifier: string, io: Io): Promise<HttpResponse> {
  checkIdentifier(identifier);
  const request = { method: 'HEAD', headers: { accept }, scopes: endpoint.pull } as const;
  const response = await endpoint.send(`manifests/${identifier}`, request, io);
  await discard(response);
  return response;
}

/** What a HEAD's answer says, undefined where it leaves anything open or contradicts the digest that was asked for. */
function descriptorOf({ headers }: HttpResponse, identifier: string): Descriptor | undefined {
  const mediaType = bareMediaType(headers['content-type'] ?? '');
  const length = headers['content-length'] ?? '';
  const named = headers['docker-content-digest'];
  if (!isManifestType(mediaType) || !/^\d{1,15}$/.test(length) || !isDigest(named)) return undefined;
  // A registry may name another algorithm's digest than the one asked for.
  const comparable = isDigest(identifier) && algorithmOf(identifier) === algorithmOf(named);
  if (comparable && named !== identifier) return undefined;
  return { mediaType, digest: isDigest(identifier) ? identifier : named, size: Number(length) };
}

async function describeByGet(endpoint: Endpoint, identifier: string, doing: string, io: Io): Promise<Descriptor> {
  const answer = await getManifest(endpoint, identifier, io);
  if (answer.status !== 200 || isWebPage(answer)) throw answerError(answer, doing);
  const manifest = parseManifest(answer.bytes, bareMediaType(answer.headers['content-type'] ?? ''));
  if (!isDigest(identifier)) return manifestDescriptor(manifest);
  if (digestLike(answer.bytes, identifier) !== identifier) throw mismatch(doing, identifier, answer.bytes);
  return { ...manifestDescriptor(manifest), digest: identifier };
}

/** Bytes that were damaged on their way are asked for once more: what lies damaged in the registry stays so. */
async function getChecked(endpoint: Endpoint, digest: Digest, doing: string, io: Io): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    const answer = await getManifest(endpoint, digest, io);
    if (answer.status !== 200 || isWebPage(answer)) throw answerError(answer, doing);
    if (digestLike(answer.bytes, digest) === digest) return answer.bytes;
    if (attempt === 2) throw mismatch(doing, digest, answer.bytes);
  }
}

function mismatch(doing: string, digest: Digest, bytes: Uint8Array): OciError {
  return new OciError(
    'content-mismatch',
    `Cannot ${doing}: digest mismatch, expected ${digest}, got ${digestOf(bytes)}. Nothing of it was used.`,
  );
}
