import type { ConfigChanges } from '../api.ts';
import type { PackedLayer } from '../archive/pack.ts';
import { OciError } from '../errors.ts';
import { type Descriptor, describe } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import type { ImageConfig } from '../oci/imageConfig.ts';
import { isObject, type JsonObject } from '../oci/json.ts';
import { buildManifest, type ImageManifest } from '../oci/manifest.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { mutateConfig, without } from './mutateConfig.ts';

const baseDigest = 'org.opencontainers.image.base.digest';
const baseName = 'org.opencontainers.image.base.name';

/** What makes a new image of an old one. */
export interface ImageChanges {
  readonly layers: readonly NewLayer[];
  readonly config?: ConfigChanges;
  /** RFC 3339: `created` of the image and of its new history. */
  readonly created: string;
  /** The reference of the base, where it is named by a tag; not for `scratch`. */
  readonly baseName?: string;
  /** Of the manifest, over those of the base. Docker's manifests have none. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export type NewLayer = Pick<PackedLayer, 'digest' | 'diffId' | 'size' | 'compression' | 'contents' | 'name'>;

/** An image to change: what is read of a base, or made for `scratch`. */
export interface BaseImage {
  /** Absent for `scratch`. */
  readonly digest?: Digest;
  readonly mediaType: string;
  readonly json: JsonObject;
  readonly layers: readonly Descriptor[];
  readonly config: ImageConfig;
}

export interface DerivedImage {
  readonly manifest: ImageManifest;
  readonly config: Uint8Array;
}

/**
 * The image that results from adding layers to a base and changing its config. Does no I/O: equal input, equal digest.
 * What the base's manifest and config have beside is kept, but for `subject`. Media types follow the base.
 * @throws OciError invalid-manifest where the base's config does not fit its layers (image-spec config.md),
 * unsupported-media-type for a Windows base and for zstd on a Docker base, invalid-reference for impossible changes
 */
export function deriveImage(base: BaseImage, changes: ImageChanges): DerivedImage {
  assertSound(base);
  const config = Buffer.from(JSON.stringify(deriveConfig(base, changes)));
  const configType = isOci(base.mediaType) ? mediaTypes.config : mediaTypes.dockerConfig;
  const added = changes.layers.map((layer) => layerDescriptor(layer, base.mediaType));
  const annotations = annotationsOf(base, changes);
  const manifest = buildManifest({
    ...without(base.json, 'subject', 'annotations'),
    schemaVersion: 2,
    mediaType: base.mediaType,
    config: describe(config, configType),
    layers: [...rawLayers(base), ...added],
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  });
  if (manifest.kind === 'image') return { manifest, config };
  throw new OciError('invalid-manifest', `${base.mediaType} is not the media type of an image`);
}

/** The annotations that say what an image was made from (image-spec annotations.md), over those there are. */
export function baseAnnotations(
  annotations: unknown,
  digest: Digest | undefined,
  name: string | undefined,
): JsonObject {
  if (digest === undefined) return isObject(annotations) ? annotations : {};
  return {
    ...withoutBase(annotations),
    [baseDigest]: digest,
    ...(name === undefined ? {} : { [baseName]: name }),
  };
}

/** Annotations without those that say what an image was made from. */
export function withoutBase(annotations: unknown): JsonObject {
  return isObject(annotations) ? without(annotations, baseDigest, baseName) : {};
}

/** True for the media types of the OCI image-spec; Docker's manifests have no annotations. */
export function isOci(mediaType: string): boolean {
  return mediaType === mediaTypes.manifest || mediaType === mediaTypes.index;
}

function assertSound({ digest, layers, config }: BaseImage): void {
  const what = digest === undefined ? 'the base' : `the base ${shortDigest(digest)}`;
  if (config.diffIds.length !== layers.length || config.diffIds.includes(undefined)) {
    throw new OciError(
      'invalid-manifest',
      `${what} has ${layers.length} layers but its config names ${config.diffIds.filter(Boolean).length} diff ids: no image can be built on it. Rebuild the base.`,
    );
  }
  if (config.platform?.os === 'windows') {
    throw new OciError(
      'unsupported-media-type',
      `${what} is a Windows image, whose layers have a form of their own that cannot be made here. Choose other platforms.`,
    );
  }
}

function deriveConfig({ config, layers: baseLayers }: BaseImage, changes: ImageChanges): JsonObject {
  const { layers, created } = changes;
  const rootfs = isObject(config.json['rootfs']) ? config.json['rootfs'] : {};
  const history = Array.isArray(config.json['history']) ? (config.json['history'] as readonly unknown[]) : [];
  // A history that does not match the layers says nothing about them, and would say wrong things with more in it.
  const matches = config.history.filter((entry) => entry.empty_layer !== true).length === baseLayers.length;
  const added = layers.map((layer) => ({ created, created_by: createdBy(layer) }));
  const author = changes.config?.author;
  return {
    ...config.json,
    created,
    ...(author === undefined ? {} : { author }),
    config: mutateConfig(config.json['config'], changes.config ?? {}),
    rootfs: { ...rootfs, type: 'layers', diff_ids: [...config.diffIds, ...layers.map(({ diffId }) => diffId)] },
    ...(matches ? { history: [...history, ...added] } : {}),
  };
}

function createdBy({ name, contents }: NewLayer): string {
  const named = contents.slice(0, 5).join(' ');
  const what = name === undefined ? 'append' : `${name}:`;
  return `gantry ${what} ${named}${contents.length > 5 ? ` and ${contents.length - 5} more` : ''}`;
}

function layerDescriptor({ digest, size, compression }: NewLayer, manifestType: string): Descriptor {
  const oci = { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd, none: mediaTypes.layer };
  if (isOci(manifestType)) return { mediaType: oci[compression], digest, size };
  if (compression === 'zstd') {
    throw new OciError(
      'unsupported-media-type',
      'the base is a Docker image, which cannot have zstd layers. Use gzip, or a base in OCI format.',
    );
  }
  return { mediaType: compression === 'gzip' ? mediaTypes.dockerLayerGzip : mediaTypes.dockerLayer, digest, size };
}

function annotationsOf(base: BaseImage, changes: ImageChanges): JsonObject {
  if (!isOci(base.mediaType)) return baseAnnotations(base.json['annotations'], undefined, undefined);
  return { ...baseAnnotations(base.json['annotations'], base.digest, changes.baseName), ...changes.annotations };
}

function rawLayers({ json }: BaseImage): readonly unknown[] {
  return Array.isArray(json['layers']) ? json['layers'] : [];
}
