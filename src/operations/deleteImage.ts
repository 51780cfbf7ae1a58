import type { DeleteImageResult } from '../api.ts';
import type { ImageStore, Io, Resolver, TagLister } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { type Digest, isDigest, shortDigest } from '../oci/digest.ts';
import { assertTag, taggedDigest } from './tagGuard.ts';
import { mapParallel } from './parallel.ts';

/** What goes when a manifest is deleted. */
export interface DeletePlan {
  readonly digest: Digest;
  /** Every tag that names the digest, sorted: all of them go with it. */
  readonly tags: readonly string[];
}

/** Finds every tag that shares an image's digest: one request a tag, six at a time. @throws OciError not-found */
export async function planDelete(
  store: Resolver & Partial<TagLister>,
  identifier: string,
  io: Io,
): Promise<DeletePlan> {
  const { digest } = await store.resolve(identifier, io);
  const sharing: string[] = [];
  for await (const page of store.tagPages?.(io) ?? []) {
    const named = await mapParallel(page, 6, (tag, inner) => taggedDigest(store, tag, inner), io);
    sharing.push(...page.filter((_, at) => named[at] === digest));
  }
  if (!isDigest(identifier) && !sharing.includes(identifier)) sharing.push(identifier);
  return { digest, tags: sharing.sort() };
}

/**
 * Deletes a manifest with every tag that names it, or removes one tag only.
 * @throws OciError unsupported-media-type where a tag cannot be removed by itself, naming every tag that would go with it;
 * forbidden where the store deletes nothing; not-found
 */
export async function deleteImage(
  store: ImageStore,
  identifier: string,
  options: { readonly untagOnly: boolean },
  io: Io,
): Promise<DeleteImageResult> {
  if (options.untagOnly) return untag(store, identifier, io);
  if (store.deleteManifest === undefined) throw cannotDelete();
  const { digest, tags } = await planDelete(store, identifier, io);
  await store.deleteManifest(digest, io);
  return { deleted: digest, alsoUntagged: tags.filter((tag) => tag !== identifier) };
}

async function untag(store: ImageStore, identifier: string, io: Io): Promise<DeleteImageResult> {
  if (isDigest(identifier)) {
    throw new OciError('invalid-reference', `${identifier} is a digest: name the tag that is to be removed.`);
  }
  assertTag(identifier);
  if (store.untag === undefined) throw cannotDelete();
  try {
    await store.untag(identifier, io);
    return { deleted: identifier, alsoUntagged: [] };
  } catch (error) {
    if (!isOciError(error, 'unsupported-media-type')) throw error;
    throw digestOnly(identifier, await planDelete(store, identifier, io), error);
  }
}

function digestOnly(tag: string, { digest, tags }: DeletePlan, cause: OciError): OciError {
  return new OciError(
    'unsupported-media-type',
    `The tag ${tag} was not removed: this registry deletes by digest only, and deleting ${shortDigest(digest)} removes ` +
      `all its tags: ${tags.slice(0, 50).join(', ')}${tags.length > 50 ? ` and ${tags.length - 50} more` : ''}. ` +
      'Delete the image if all of them may go.',
    { cause },
  );
}

function cannotDelete(): OciError {
  return new OciError('forbidden', 'Nothing can be deleted here: this store has no deletion.');
}
