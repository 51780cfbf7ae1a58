import { mediaTypes } from '../oci/mediaTypes.ts';
import type { ArchiveFormat } from './archiveTarget.ts';
import { refNameAnnotation } from './layoutIndex.ts';
import { blobMember } from './ociArchiveImages.ts';

/**
 * An OCI layout in a tar (image-spec image-layout.md), every byte as it is; oci-layout stands first so that readers of a
 * stream know it at once.
 * @param name the image's name in index.json where that is to be another one than the tag
 */
export function ociArchiveFormat(name?: string): ArchiveFormat {
  return {
    head: [{ name: 'oci-layout', bytes: json({ imageLayoutVersion: '1.0.0' }) }],
    memberOf: ({ digest }) => blobMember(digest),
    last: ({ mediaType, digest, size }, tag) => {
      const annotations = { [refNameAnnotation]: name ?? tag };
      const manifests = [{ mediaType, digest, size, annotations }];
      return { name: 'index.json', bytes: json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }) };
    },
  };
}

function json(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
