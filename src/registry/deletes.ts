import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { Answer } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { checkIdentifier, isAbsent } from './manifests.ts';
import { answerError, type RegistryError } from './registryError.ts';
import { retryAfter } from './retryAfter.ts';

const tries = 3;

/**
 * Removes a tag and nothing else (distribution-spec, deleting tags).
 * @throws OciError unsupported-media-type where the registry deletes by digest only, not-found, forbidden
 */
export async function deleteTag(endpoint: Endpoint, tag: string, io: Io): Promise<void> {
  checkIdentifier(tag);
  const doing = `remove tag ${tag} of ${endpoint.title}`;
  const answer = await remove(endpoint, tag, io);
  if (answer === undefined) return;
  const error = answerError(answer, doing);
  if ([400, 405].includes(error.status) && error.says('UNSUPPORTED', 'DIGEST_INVALID', 'TAG_INVALID')) {
    const words = `Cannot ${doing}: this registry deletes by digest only, and that removes every tag of the digest. Delete the image instead, or leave the tag.`;
    throw new OciError('unsupported-media-type', words, { cause: error });
  }
  throw refused(error, doing);
}

/** Removes a manifest and with it every tag that names it (distribution-spec, deleting manifests). @throws OciError forbidden, not-found */
export async function deleteManifest(endpoint: Endpoint, digest: Digest, io: Io): Promise<void> {
  checkIdentifier(digest);
  const doing = `delete ${digest} of ${endpoint.title}`;
  const answer = await remove(endpoint, digest, io);
  if (answer !== undefined) throw refused(answerError(answer, doing), doing);
}

function refused(error: RegistryError, doing: string): OciError {
  const off = error.status === 405 || (error.status === 400 && error.says('UNSUPPORTED'));
  if (!off) return error;
  const words = `Cannot ${doing}: deletion is switched off on this registry. Ask whoever runs it.`;
  return new OciError('forbidden', words, { cause: error });
}

/**
 * Sends DELETE. A failure that leaves it open whether the registry did it is read back: the acknowledgement may be lost.
 * @returns the answer that refused it, undefined where it is gone
 */
async function remove(endpoint: Endpoint, identifier: string, io: Io): Promise<Answer | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const request = { method: 'DELETE', scopes: endpoint.delete, retry: 'once' } as const;
      const answer = await endpoint.ask(`manifests/${identifier}`, request, 64 << 10, io);
      // A repetition that finds nothing: the first one was done.
      if ([200, 202, 204].includes(answer.status) || (answer.status === 404 && attempt > 1)) return undefined;
      if (answer.status < 500 && answer.status !== 408 && answer.status !== 429) return answer;
      if (attempt === tries) return answer;
      await endpoint.pauseFor(retryAfter(answer.headers), attempt, io);
    } catch (error) {
      io.signal.throwIfAborted();
      if (!isOciError(error, 'unavailable', 'protocol-violation')) throw error;
      if (await isAbsent(endpoint, identifier, io)) return undefined;
      if (attempt === tries) throw error;
      await endpoint.pause(attempt, io);
    }
  }
}
