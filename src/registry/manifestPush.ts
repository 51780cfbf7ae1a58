import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, isDigest, shortDigest } from '../oci/digest.ts';
import { parseManifest } from '../oci/manifest.ts';
import { isTag } from '../oci/reference.ts';
import { type Answer, isSuccess } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { checkIdentifier, digestLike, digestOfTag, lookByGet } from './manifests.ts';
import { answerError, type RegistryError } from './registryError.ts';

/** Largest manifest that is sent, in bytes: what every registry must take (distribution-spec, pushing manifests). */
export const maxPushedManifestBytes = 4 << 20;

/**
 * Stores a manifest under its digest or a tag (distribution-spec, pushing manifests). Done when it returns: an answer that
 * leaves it open is read back.
 * @param identifier the tag, or the descriptor's own digest
 * @throws OciError content-mismatch, invalid-manifest, too-large, not-found (content it refers to is missing; RegistryError.missing)
 */
export async function pushManifest(
  endpoint: Endpoint,
  descriptor: Descriptor,
  bytes: Uint8Array,
  identifier: string,
  io: Io,
): Promise<void> {
  checkIdentifier(identifier);
  const push = { endpoint, descriptor, bytes, identifier };
  checkBytes(push);
  const outcome = await put(push, io);
  if (!(outcome instanceof OciError)) {
    const named = outcome.headers['docker-content-digest'];
    if (outcome.status === 201 && named === descriptor.digest) return;
    const other =
      isDigest(named) && algorithmOf(named) === algorithmOf(descriptor.digest) && named !== descriptor.digest;
    if (other || !(await isStored(push, io))) await checkStoredBytes(push, io);
    return;
  }
  if (isAmbiguous(outcome) && (await isStoredQuietly(push, io))) return;
  throw isAmbiguous(outcome) ? await withTagState(push, outcome, io) : outcome;
}

interface Push {
  readonly endpoint: Endpoint;
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly identifier: string;
}

function doing({ endpoint, descriptor, identifier }: Push): string {
  const name = isTag(identifier) ? `tag ${identifier}` : `manifest ${shortDigest(descriptor.digest)}`;
  return `write ${name} to ${endpoint.title}`;
}

function checkBytes(push: Push): void {
  const { descriptor, bytes } = push;
  if (bytes.length > maxPushedManifestBytes) {
    throw new OciError(
      'too-large',
      `Cannot ${doing(push)}: registries take manifests of at most ${maxPushedManifestBytes} bytes, it has ${bytes.length}.`,
    );
  }
  parseManifest(bytes, descriptor.mediaType);
  if (bytes.length !== descriptor.size || digestLike(bytes, descriptor.digest) !== descriptor.digest) {
    throw new OciError(
      'content-mismatch',
      `Cannot ${doing(push)}: its bytes are not those of ${descriptor.digest}. Nothing was sent.`,
    );
  }
}

/** The good answer, or why there is none. */
async function put(push: Push, io: Io): Promise<Answer | OciError> {
  const { endpoint, descriptor, bytes, identifier } = push;
  const headers = { 'content-type': descriptor.mediaType };
  try {
    const request = { method: 'PUT', headers, body: bytes, scopes: endpoint.push } as const;
    const answer = await endpoint.ask(`manifests/${identifier}`, request, 64 << 10, io);
    return isSuccess(answer) ? answer : refusal(push, answer);
  } catch (error) {
    io.signal.throwIfAborted();
    if (error instanceof OciError) return error;
    throw error;
  }
}

function refusal(push: Push, answer: Answer): RegistryError {
  const error = answerError(answer, doing(push));
  if (error.missing.length === 0) return error;
  const missing = error.missing.slice(0, 5).join(', ');
  return answerError(
    answer,
    doing(push),
    `It needs content that ${push.endpoint.title} does not hold: ${missing}. Push that first.`,
  );
}

/** True where the failure does not say whether the registry did it. */
function isAmbiguous(error: OciError): boolean {
  return isOciError(error, 'unavailable', 'protocol-violation');
}

/** True where the registry names these very bytes under the identifier. */
async function isStored({ endpoint, descriptor, identifier }: Push, io: Io): Promise<boolean> {
  if (isTag(identifier)) return (await digestOfTag(endpoint, identifier, io)) === descriptor.digest;
  const bytes = await lookByGet(endpoint, identifier, io);
  return bytes !== undefined && digestLike(bytes, descriptor.digest) === descriptor.digest;
}

async function isStoredQuietly(push: Push, io: Io): Promise<boolean> {
  try {
    return await isStored(push, io);
  } catch {
    io.signal.throwIfAborted();
    return false;
  }
}

/** @throws OciError protocol-violation where the registry keeps other bytes, or none, after it said that it stored them */
async function checkStoredBytes(push: Push, io: Io): Promise<void> {
  const { endpoint, descriptor, identifier } = push;
  const bytes = await lookByGet(endpoint, identifier, io);
  if (bytes !== undefined && digestLike(bytes, descriptor.digest) === descriptor.digest) return;
  const what =
    bytes === undefined
      ? 'the registry said that it stored it, but does not have it'
      : `the registry changed the manifest: it keeps ${digestLike(bytes, descriptor.digest)} instead of ${descriptor.digest}`;
  throw new OciError('protocol-violation', `Cannot ${doing(push)}: ${what}. Use another registry, or try again.`);
}

/** The same failure, with what the tag names after it. */
async function withTagState(push: Push, error: OciError, io: Io): Promise<OciError> {
  if (!isTag(push.identifier)) return error;
  const state = await tagState(push, io);
  return new OciError(error.code, `${error.message} ${state}`, { cause: error });
}

async function tagState({ endpoint, identifier }: Push, io: Io): Promise<string> {
  try {
    const digest: Digest | undefined = await digestOfTag(endpoint, identifier, io);
    return digest === undefined ? `There is no tag ${identifier}.` : `The tag ${identifier} names ${digest}.`;
  } catch {
    io.signal.throwIfAborted();
    return `What the tag ${identifier} names now is not known: look again.`;
  }
}
