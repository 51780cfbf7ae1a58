import { parseImageConfig } from '../oci/imageConfig.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import type { Platform } from '../oci/platform.ts';
import type { BaseImage } from './deriveImage.ts';

/** The platform of an image on `scratch` where none is asked for. */
export const scratchPlatform: Platform = { os: 'linux', architecture: 'amd64' };

/** An image in OCI format without layers, to be a base. */
export function scratchImage(platform: Platform): BaseImage {
  const config = { ...platform, config: {}, rootfs: { type: 'layers', diff_ids: [] }, history: [] };
  return {
    mediaType: mediaTypes.manifest,
    json: { schemaVersion: 2, mediaType: mediaTypes.manifest },
    layers: [],
    config: parseImageConfig(Buffer.from(JSON.stringify(config))),
  };
}
