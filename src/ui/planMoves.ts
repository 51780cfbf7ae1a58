import { OciError } from '../errors.ts';
import { shortDigest } from '../oci/digest.ts';
import type { TagMove } from './overwrite.ts';

/**
 * What a person agreed to, as `overwrite`: the tags may move from the digest that was shown, and from no other.
 * @param moving the tags that name another image, or the archive that is there
 * @throws OciError already-exists where they name several images
 */
export function agreedOverwrite(moving: readonly TagMove[]): string | boolean {
  const [first, ...more] = moving;
  if (first === undefined) return false;
  const other = more.find(({ old }) => old !== first.old);
  if (other === undefined) return first.old ?? true;
  throw new OciError(
    'already-exists',
    `${first.target} names ${shortDigest(first.old ?? '')} and ${other.target} names ${shortDigest(other.old ?? '')}: tags of ` +
      'different images do not move together. Nothing was written. Retag one of them first, or let a task overwrite them.',
  );
}
