import { OciError } from '../errors.ts';
import { type Descriptor, parseDescriptor } from './descriptor.ts';
import { type Digest, digestOf, shortDigest } from './digest.ts';
import { isObject, type JsonObject, parseJson, stringMap } from './json.ts';
import { isImageType, isIndexType, mediaTypes } from './mediaTypes.ts';

/** What every manifest keeps: the exact bytes its digest is of (never re-serialised) and the parsed JSON beside them. */
interface ManifestBase {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly json: JsonObject;
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
}

/** image-spec manifest.md: an image, or an artifact where the config's media type is not an image config. */
export interface ImageManifest extends ManifestBase {
  readonly kind: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** image-spec image-index.md. */
export interface ImageIndex extends ManifestBase {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
}

export type Manifest = ImageManifest | ImageIndex;

/** Most descriptors one manifest may list. */
export const maxDescriptors = 10_000;
/** Largest manifest that is read, in bytes. */
export const maxManifestBytes = 8 << 20;

/**
 * Parses the bytes of a manifest or index, strictly: one kind of document, known media type, sound descriptors.
 * @param contentType the type the store named; `''` where it named none
 * @throws OciError invalid-manifest, invalid-digest, too-large, unsupported-media-type
 */
export function parseManifest(bytes: Uint8Array, contentType: string): Manifest {
  const digest = digestOf(bytes);
  const what = `manifest ${shortDigest(digest)}`;
  if (bytes.length > maxManifestBytes)
    throw new OciError('too-large', `${what} is larger than ${maxManifestBytes} bytes`);
  const json = parseJson(bytes, what);
  if (!isObject(json)) throw new OciError('invalid-manifest', `${what} is not a JSON object`);
  const mediaType = mediaTypeOf(json, contentType, what);
  const base = { bytes, digest, mediaType, json, ...common(json, what) };
  if (isIndexType(mediaType)) return { kind: 'index', ...base, manifests: list(json['manifests'], 'manifests', what) };
  const config = parseDescriptor(json['config'], `config of ${what}`);
  return { kind: 'image', ...base, config, layers: list(json['layers'], 'layers', what) };
}

function mediaTypeOf(json: JsonObject, contentType: string, what: string): string {
  if ('manifests' in json && ('layers' in json || 'config' in json || 'fsLayers' in json)) {
    throw new OciError('invalid-manifest', `${what} is ambiguous: it has index and image fields`);
  }
  if (
    json['schemaVersion'] === 1 ||
    'fsLayers' in json ||
    contentType.startsWith('application/vnd.docker.distribution.manifest.v1+')
  ) {
    throw new OciError(
      'unsupported-media-type',
      `${what} is an old schema 1 image, which is not supported. Push it again with a current tool.`,
    );
  }
  const inner = json['mediaType'];
  if (inner !== undefined && typeof inner !== 'string') {
    throw new OciError('invalid-manifest', `${what} has a mediaType that is not a string`);
  }
  const named = inner ?? contentType;
  if (inner !== undefined && isManifest(contentType) && contentType !== inner) {
    throw new OciError('invalid-manifest', `${what} is ambiguous: served as ${contentType} but says it is ${inner}`);
  }
  const shape = 'manifests' in json ? mediaTypes.index : mediaTypes.manifest;
  const mediaType = isManifest(named) ? named : inner === undefined ? shape : named;
  if (!isManifest(mediaType))
    throw new OciError(
      'unsupported-media-type',
      `${what} has the unknown media type ${JSON.stringify(mediaType.slice(0, 100))}`,
    );
  if (isIndexType(mediaType) !== 'manifests' in json) {
    throw new OciError('invalid-manifest', `${what} says it is ${mediaType} but does not have its fields`);
  }
  return mediaType;
}

function isManifest(mediaType: string): boolean {
  return isImageType(mediaType) || isIndexType(mediaType);
}

function common(json: JsonObject, what: string): Pick<ManifestBase, 'annotations' | 'artifactType' | 'subject'> {
  const { artifactType, subject } = json;
  return {
    annotations: stringMap(json['annotations']),
    ...(typeof artifactType === 'string' && artifactType !== '' ? { artifactType } : {}),
    ...(isObject(subject) ? { subject: parseDescriptor(subject, `subject of ${what}`) } : {}),
  };
}

function list(value: unknown, name: string, what: string): readonly Descriptor[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new OciError('invalid-manifest', `${name} of ${what} is not a list`);
  if (value.length > maxDescriptors)
    throw new OciError('too-large', `${what} lists more than ${maxDescriptors} ${name}`);
  return value.map((entry, at) => parseDescriptor(entry, `${name}[${at}] of ${what}`));
}

/** What must be in a store before this manifest may be: children of an index, config and layers of an image. */
export function successors(manifest: Manifest): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.manifests : [manifest.config, ...manifest.layers];
}

/** The descriptor of a manifest, as another manifest or a tag refers to it. */
export function manifestDescriptor(manifest: Manifest): Descriptor {
  return { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length };
}

/** Serialises a new manifest; the result is parsed back, so what is written is what this program accepts. */
export function buildManifest(json: JsonObject & { readonly mediaType: string }): Manifest {
  return parseManifest(Buffer.from(JSON.stringify(json)), json.mediaType);
}
