import type { ImageTarget, Mounter, TaggingTarget } from '../content/store.ts';
import { OciError } from '../errors.ts';

/** Where an image is written to. Disposing removes what was written of an archive that was not finished. */
export interface OpenedTarget extends AsyncDisposable {
  readonly store: ImageTarget & Partial<Mounter & TaggingTarget>;
  /** The tag to write, absent where the reference has only a digest. */
  readonly tag?: string;
  readonly digest?: string;
  /** The one full spelling of the reference. */
  readonly name: string;
  /** True where there is room for one image only: an index has to be narrowed to one. */
  readonly oneImage: boolean;
}

/** A store that is written to in place: there is nothing to remove of what was not finished. */
export function asTarget({
  store,
  name,
  tag,
  digest,
}: Pick<OpenedTarget, 'store' | 'name' | 'tag' | 'digest'>): OpenedTarget {
  return {
    store,
    name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    oneImage: false,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** For a new image. @throws OciError invalid-reference where the reference has a digest */
export function assertNoDigest({ name, digest }: OpenedTarget): void {
  if (digest === undefined) return;
  throw new OciError(
    'invalid-reference',
    `${name} names a digest, but the digest of a new image follows from what is in it. Give the target a tag instead.`,
  );
}
