import { OciError } from '../errors.ts';
import { type Descriptor, isAttestation } from '../oci/descriptor.ts';
import { encodedOf, shortDigest } from '../oci/digest.ts';
import type { ImageIndex, ImageManifest, Manifest } from '../oci/manifest.ts';
import { isConfigType, isImageType, isManifestType } from '../oci/mediaTypes.ts';
import { formatPlatform } from '../oci/platform.ts';
import { escapeText } from '../oci/reference.ts';
import type { ArchiveFormat, Contents } from './archiveTarget.ts';

/**
 * One image as `docker save` writes it and `docker load` reads it: config, layers as they are compressed, manifest.json.
 * @param name `NAME:TAG` for RepoTags; without it the image has no name there
 */
export function dockerArchiveFormat(name?: string): ArchiveFormat {
  return {
    head: [],
    memberOf: (descriptor) => (isManifestType(descriptor.mediaType) ? undefined : memberOf(descriptor)),
    last: ({ digest }, _tag, contents) => {
      const image = soleImage(contents.manifests.get(digest), contents);
      const written = (part: Descriptor): string => contents.memberOf(part) ?? absent(part);
      const entry = {
        Config: written(image.config),
        RepoTags: name === undefined ? null : [name],
        Layers: image.layers.map(written),
      };
      return { name: 'manifest.json', bytes: Buffer.from(JSON.stringify([entry])) };
    },
  };
}

function memberOf({ mediaType, digest }: Descriptor): string {
  const hex = encodedOf(digest);
  if (isConfigType(mediaType)) return `${hex}.json`;
  if (/tar[.+]gzip$/.test(mediaType)) return `${hex}.tar.gz`;
  if (/tar[.+]zstd$/.test(mediaType)) return `${hex}.tar.zst`;
  if (mediaType.endsWith('tar')) return `${hex}.tar`;
  throw new OciError(
    'unsupported-media-type',
    `${shortDigest(digest)} has the media type ${escapeText(mediaType)}: docker archives hold images only. Save it as an oci-archive.`,
    { side: 'target' },
  );
}

function soleImage(root: Manifest | undefined, { manifests }: Contents): ImageManifest {
  if (root?.kind === 'image') return root;
  const images = root === undefined ? [] : imagesOf(root);
  const [first] = images;
  const image = first === undefined || images.length > 1 ? undefined : manifests.get(first.digest);
  if (image?.kind === 'image') return image;
  const platforms = images.map(({ platform }) => (platform === undefined ? 'unknown' : formatPlatform(platform)));
  throw new OciError(
    'invalid-reference',
    `a docker archive holds one image, and ${shortDigest(root?.digest ?? '')} has images for ${platforms.join(', ') || 'no platform'}. ` +
      'Choose one platform, or save it as an oci-archive.',
    { side: 'target' },
  );
}

function imagesOf(index: ImageIndex): readonly Descriptor[] {
  return index.manifests.filter((child) => !isImageType(child.mediaType) || !isAttestation(child));
}

function absent({ digest }: Descriptor): never {
  throw new OciError(
    'unsupported-media-type',
    `the layer ${digest} is not in the source but elsewhere: a docker archive must hold it. Save the image as an oci-archive.`,
    { side: 'target' },
  );
}
