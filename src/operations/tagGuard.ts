import type { Io, Resolver } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { escapeText, isTag } from '../oci/reference.ts';

/** Whether a tag that names another image may move: never, from whatever it names, or only from the digest the user saw. */
export type Overwrite = boolean | Digest;

/** The digest that a tag names; undefined where there is no such tag. */
export async function taggedDigest(store: Resolver, tag: string, io: Io): Promise<Digest | undefined> {
  try {
    return (await store.resolve(tag, io)).digest;
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

/**
 * The digest that a tag names before it is made to name `digest`; undefined where the tag is new.
 * @throws OciError already-exists where it names another digest and overwrite does not allow the move; invalid-reference
 */
export async function assertTagFree(
  target: Resolver,
  tag: string,
  digest: Digest,
  { overwrite }: { readonly overwrite: Overwrite },
  io: Io,
): Promise<Digest | undefined> {
  assertTag(tag);
  const old = await taggedDigest(target, tag, io);
  assertMayMove(tag, old, digest, { overwrite });
  return old;
}

/** @throws OciError already-exists where the tag would move and overwrite does not allow it */
export function assertMayMove(
  tag: string,
  old: Digest | undefined,
  digest: Digest,
  { overwrite }: { readonly overwrite: Overwrite },
): void {
  if (old === undefined || old === digest || overwrite === true || overwrite === old) return;
  if (overwrite !== false) {
    throw new OciError(
      'already-exists',
      `The tag ${tag} was to move from ${shortDigest(overwrite)}, but names ${shortDigest(old)} now: somebody else has written it. ` +
        'Nothing was written. Look at it and try again.',
      { side: 'target' },
    );
  }
  throw new OciError(
    'already-exists',
    `The tag ${tag} names ${shortDigest(old)} and would move to ${shortDigest(digest)}. Nothing was written. ` +
      'Set overwrite to move it, or choose another tag.',
    { side: 'target' },
  );
}

/** @throws OciError invalid-reference */
export function assertTag(tag: string): void {
  if (isTag(tag)) return;
  throw new OciError(
    'invalid-reference',
    `${escapeText(tag)} is not a tag. A tag starts with a letter, digit or _ and has at most 128 of letters, digits, _ . -`,
  );
}
