import type { ImageSource, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { escapeText } from '../oci/reference.ts';
import { chooseImage, inspectImage } from '../operations/inspect.ts';

/** An image to be looked at. */
export interface NamedImage {
  readonly store: ImageSource;
  /** The tag or digest to resolve. */
  readonly identifier: string;
  /** As the user named it, for errors. */
  readonly name: string;
}

/**
 * The digest of the one image that a tag or digest and a choice of platforms stand for: what a docker archive has room for.
 * @throws OciError invalid-reference where there are several, naming their platforms; not-found
 */
export async function soleImage(
  { store, identifier, name }: NamedImage,
  wanted: readonly Platform[] | undefined,
  io: Io,
): Promise<string> {
  const [platform, ...more] = wanted ?? [];
  if (more.length > 0) throw several(name, wanted?.map(formatPlatform) ?? []);
  if (platform !== undefined) return (await chooseImage(store, identifier, { platform }, io)).digest;
  const { digest, platforms } = await inspectImage(store, identifier, {}, io);
  if (platforms.some((image) => image.digest === digest)) return digest;
  const images = platforms.filter((image) => image.platform !== 'unknown/unknown');
  const [first] = images;
  if (images.length > 1)
    throw several(
      name,
      images.map((image) => image.platform),
    );
  return first?.digest ?? digest;
}

function several(name: string, platforms: readonly string[]): OciError {
  return new OciError(
    'invalid-reference',
    `a docker archive holds one image, and ${name} has images for ${escapeText(platforms.join(', '))}. ` +
      'Choose one platform, or save it as an oci-archive.',
  );
}
