import { resolveManifest } from '../content/bytes.ts';
import type { ImageStore, Io, Resolved } from '../content/store.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { mapParallel } from './parallel.ts';
import type { CopyTarget } from './plan.ts';
import { putTagged, writeTag } from './tagCommit.ts';
import { assertTag, assertTagFree, type Overwrite } from './tagGuard.ts';

/** A tag that was written, and what it named before: all that is needed to undo it. */
export interface MovedTag {
  readonly tag: string;
  /** Absent where the tag is new. */
  readonly old?: Digest;
}

export interface RetagOutcome {
  readonly descriptor: Descriptor;
  readonly tags: readonly string[];
  /** The tags that were written; one that named the digest already is not among them. */
  readonly moved: readonly MovedTag[];
}

/**
 * Gives an image more tags in its own repository: the manifest's bytes stay as they are. Every check comes before the first
 * write. @throws OciError invalid-reference, already-exists where a tag would move without `overwrite`; an error in the
 * middle names the tags that were written
 */
export async function retag(
  store: ImageStore,
  identifier: string,
  tags: readonly string[],
  options: { readonly overwrite: Overwrite },
  io: Io,
): Promise<RetagOutcome> {
  for (const tag of tags) assertTag(tag);
  return tagAs(store, await resolveManifest(store, identifier, io), tags, options, io);
}

/** The same for a manifest that is known and in the store. */
export async function tagAs(
  store: CopyTarget,
  resolved: Resolved,
  tags: readonly string[],
  options: { readonly overwrite: Overwrite },
  io: Io,
): Promise<RetagOutcome> {
  const { descriptor } = resolved;
  const { digest } = descriptor;
  const unique = [...new Set(tags)];
  const look = (tag: string, inner: Io): Promise<Digest | undefined> =>
    assertTagFree(store, tag, digest, options, inner);
  const before = await mapParallel(unique, 6, look, io);
  const moves = unique.map((tag, at) => ({ tag, old: before[at] })).filter(({ old }) => old !== digest);
  for (const [at, { tag, old }] of moves.entries()) {
    const earlier = moves.slice(0, at).map((move) => move.tag);
    const doing = `Tagging ${shortDigest(digest)} as ${tag}${earlier.length > 0 ? ` (after ${earlier.join(', ')})` : ''}`;
    await writeTag(store, { doing, tag, digest, old }, (late) => putTagged(store, resolved, tag, late), io);
  }
  const moved = moves.map(({ tag, old }) => (old === undefined ? { tag } : { tag, old }));
  return { descriptor, tags: unique, moved };
}
