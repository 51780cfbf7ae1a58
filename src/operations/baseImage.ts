import type { ContentSource, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { shortDigest } from '../oci/digest.ts';
import type { ImageManifest } from '../oci/manifest.ts';
import type { BaseImage } from './deriveImage.ts';
import { fetchConfig } from './platforms.ts';

/** An image with its config, to be a base. @throws OciError unsupported-media-type for an artifact, which has no file system */
export async function fetchBaseImage(source: ContentSource, image: ImageManifest, io: Io): Promise<BaseImage> {
  const config = await fetchConfig(source, image, io);
  if (config !== undefined) return { ...image, config };
  throw new OciError(
    'unsupported-media-type',
    `${shortDigest(image.digest)} is not a container image but an artifact: no layer can be added to it.`,
  );
}
