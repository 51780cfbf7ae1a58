import { fetchBytes, fetchManifest } from '../content/bytes.ts';
import type { ImageSource, Io } from '../content/store.ts';
import { type Descriptor, isAttestation } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type ImageConfig, maxConfigBytes, parseImageConfig } from '../oci/imageConfig.ts';
import type { Manifest } from '../oci/manifest.ts';
import { isConfigType } from '../oci/mediaTypes.ts';
import { formatPlatform } from '../oci/platform.ts';

/** A manifest as it was found and, for an image, its config where that could be read. */
export interface ImageDetails {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config?: ImageConfig;
}

/** What is worth saying about a manifest in one line. */
export interface ImageSummary {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly shape: 'image' | 'index' | 'artifact';
  /** `linux/amd64`, … without attestations. */
  readonly platforms: readonly string[];
  /** Bytes of config and layers as stored; absent for an index. */
  readonly size?: number;
  /** RFC 3339, as the config says. */
  readonly created?: string;
  readonly artifactType?: string;
}

/** Fetches a manifest and the config of an image. @throws OciError of the manifest; a config that fails is left out */
export async function loadDetails(store: ImageSource, descriptor: Descriptor, io: Io): Promise<ImageDetails> {
  const manifest = await fetchManifest(store, descriptor, io);
  if (manifest.kind === 'index' || !isConfigType(manifest.config.mediaType)) return { descriptor, manifest };
  try {
    const config = parseImageConfig(await fetchBytes(store, manifest.config, maxConfigBytes, io));
    return { descriptor, manifest, config };
  } catch {
    io.signal.throwIfAborted();
    return { descriptor, manifest };
  }
}

/** The summary of an image, index or artifact. */
export function summarize({ descriptor, manifest, config }: ImageDetails): ImageSummary {
  const { digest, mediaType } = descriptor;
  const base = {
    digest,
    mediaType,
    ...(manifest.artifactType === undefined ? {} : { artifactType: manifest.artifactType }),
  };
  if (manifest.kind === 'index') {
    const platforms = manifest.manifests.filter((entry) => !isAttestation(entry)).map(platformLabel);
    return { ...base, shape: 'index', platforms };
  }
  const size = manifest.layers.reduce((sum, layer) => sum + layer.size, manifest.config.size);
  if (!isConfigType(manifest.config.mediaType)) {
    return { artifactType: manifest.config.mediaType, ...base, shape: 'artifact', platforms: [], size };
  }
  const platforms = config?.platform === undefined ? [] : [formatPlatform(config.platform)];
  return {
    ...base,
    shape: 'image',
    platforms,
    size,
    ...(config?.created === undefined ? {} : { created: config.created }),
  };
}

/** `linux/arm64/v8`; for Windows with its version; the artifact or media type where an entry has no platform. */
export function platformLabel(entry: Descriptor): string {
  if (entry.platform === undefined) return entry.artifactType ?? entry.mediaType;
  const version = entry.platform['os.version'];
  return formatPlatform(entry.platform) + (version === undefined ? '' : ` ${version}`);
}
