import { OciError } from '../errors.ts';
import { type Digest, digestOf, parseDigest } from './digest.ts';
import { isObject, stringList, stringMap } from './json.ts';
import { type Platform, readPlatform } from './platform.ts';

/** image-spec descriptor.md: what names one piece of content. `size` is in bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** The content itself, base64, verified against digest and size when it was parsed. */
  readonly data?: string;
  readonly platform?: Platform;
  readonly artifactType?: string;
}

const mediaTypeGrammar = /^[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}\/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}$/;

/**
 * Reads one descriptor of a manifest.
 * @param where names it in errors, such as `layers[2] of sha256:ab12…`
 * @throws OciError invalid-manifest, invalid-digest
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isObject(value)) throw new OciError('invalid-manifest', `${where} is not a descriptor`);
  const { mediaType, size } = value;
  if (typeof mediaType !== 'string' || !mediaTypeGrammar.test(mediaType)) {
    throw new OciError('invalid-manifest', `${where} has no valid mediaType`);
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new OciError('invalid-manifest', `${where}: descriptor size is not a whole number of at least 0`);
  }
  const digest = parseDigest(value['digest']);
  return { mediaType, digest, size, ...optionalMembers(value, digest, size) };
}

function optionalMembers(value: Readonly<Record<string, unknown>>, digest: Digest, size: number): Partial<Descriptor> {
  const platform = readPlatform(value['platform']);
  const { artifactType, data } = value;
  return {
    ...(Array.isArray(value['urls']) ? { urls: stringList(value['urls']) } : {}),
    ...(isObject(value['annotations']) ? { annotations: stringMap(value['annotations']) } : {}),
    ...(platform === undefined ? {} : { platform }),
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(typeof data === 'string' && isContent(data, digest, size) ? { data } : {}),
  };
}

/** Embedded data that does not match is dropped and the content fetched instead (descriptor.md, Embedded Content). */
function isContent(data: string, digest: Digest, size: number): boolean {
  if (!digest.startsWith('sha256:') || data.length > 4 * Math.ceil(size / 3)) return false;
  const bytes = Buffer.from(data, 'base64');
  return bytes.length === size && digestOf(bytes) === digest;
}

/** The descriptor of bytes. */
export function describe(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** True for the statements about an image that BuildKit puts beside it in an index: their platform is one that nothing has. */
export function isAttestation({ platform, annotations }: Descriptor): boolean {
  const isUnknown = platform?.os === 'unknown' && platform.architecture === 'unknown';
  return isUnknown || annotations?.['vnd.docker.reference.type'] !== undefined;
}
