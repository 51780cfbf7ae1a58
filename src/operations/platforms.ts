import { fetchBytes, fetchManifest } from '../content/bytes.ts';
import type { ContentSource, Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { type ImageConfig, maxConfigBytes, parseImageConfig } from '../oci/imageConfig.ts';
import { isObject } from '../oci/json.ts';
import {
  type ImageIndex,
  type ImageManifest,
  type Manifest,
  manifestDescriptor,
  parseManifest,
} from '../oci/manifest.ts';
import { isConfigType, isImageType, isIndexType } from '../oci/mediaTypes.ts';
import { formatPlatform, matchesPlatform, type Platform } from '../oci/platform.ts';
import { escapeText } from '../oci/reference.ts';
import { graphLimits } from './graph.ts';
import { mapParallel } from './parallel.ts';

/** What is left of an image when platforms are chosen. */
export interface PlatformSelection {
  /** The same manifest where nothing was dropped; else a new index. */
  readonly root: Manifest;
  /** Nested indexes that are new as well. */
  readonly derived: readonly Manifest[];
}

/**
 * Keeps the images of some platforms, with their attestations. The new index is the old one without the descriptors that
 * were dropped: still an index where one platform is left. An image that is no index stays as it is where it matches.
 * @throws OciError not-found where a platform is wanted that no image has
 */
export async function selectPlatforms(
  source: ContentSource,
  root: Manifest,
  wanted: readonly Platform[],
  io: Io,
): Promise<PlatformSelection> {
  const selecting: Selecting = { source, wanted, met: new Set(), offered: new Set(), derived: [], narrowed: new Map() };
  const kept = root.kind === 'index' ? await narrow(root, selecting, 0, io) : await keepImage(root, selecting, io);
  const lacking = wanted.filter((platform) => !selecting.met.has(platform));
  if (kept === undefined || lacking.length > 0) throw noSuchPlatform(root, lacking, [...selecting.offered]);
  return { root: kept, derived: selecting.derived.filter((manifest) => manifest !== kept) };
}

/** The error for platforms that an image does not have, naming those it has. */
export function noSuchPlatform(root: Manifest, lacking: readonly Platform[], offered: readonly string[]): OciError {
  const has = offered.length === 0 ? 'no platform' : escapeText(offered.slice(0, 20).join(', '));
  return new OciError(
    'not-found',
    `${shortDigest(root.digest)} has no image for ${lacking.map(formatPlatform).join(', ')}; it has ${has}.`,
    { side: 'source' },
  );
}

/** The platform of each manifest of an index, read from its config where the index does not say; undefined for others. */
export async function platformsOf(
  source: ContentSource,
  index: ImageIndex,
  io: Io,
): Promise<readonly (Platform | undefined)[]> {
  return mapParallel(
    index.manifests,
    6,
    async (child, inner) => child.platform ?? configured(source, child, inner),
    io,
  );
}

/** The config of an image; undefined for an artifact (image-spec manifest.md). @throws OciError invalid-manifest, not-found */
export async function fetchConfig(
  source: ContentSource,
  image: ImageManifest,
  io: Io,
): Promise<ImageConfig | undefined> {
  if (!isConfigType(image.config.mediaType)) return undefined;
  return parseImageConfig(await fetchBytes(source, image.config, maxConfigBytes, io));
}

interface Selecting {
  readonly source: ContentSource;
  readonly wanted: readonly Platform[];
  readonly met: Set<Platform>;
  readonly offered: Set<string>;
  readonly derived: Manifest[];
  readonly narrowed: Map<Digest, Manifest | undefined>;
}

async function configured(source: ContentSource, child: Descriptor, io: Io): Promise<Platform | undefined> {
  if (!isImageType(child.mediaType)) return undefined;
  try {
    const manifest = await fetchManifest(source, child, io);
    return manifest.kind === 'image' ? (await fetchConfig(source, manifest, io))?.platform : undefined;
  } catch (error) {
    // An index may list what is not there; that is a failure only for who wants it.
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

async function keepImage(image: ImageManifest, selecting: Selecting, io: Io): Promise<Manifest | undefined> {
  const config = await fetchConfig(selecting.source, image, io);
  return isWanted(config?.platform, selecting) ? image : undefined;
}

function isWanted(platform: Platform | undefined, { wanted, met, offered }: Selecting): boolean {
  if (platform === undefined) return false;
  offered.add(formatPlatform(platform));
  const matching = wanted.filter((one) => matchesPlatform(one, platform));
  for (const one of matching) met.add(one);
  return matching.length > 0;
}

/** The index without what is not wanted; undefined where nothing is left. */
async function narrow(index: ImageIndex, selecting: Selecting, depth: number, io: Io): Promise<Manifest | undefined> {
  if (depth > graphLimits.depth) throw new OciError('too-large', `indexes nest deeper than ${graphLimits.depth}`);
  const platforms = await platformsOf(selecting.source, index, io);
  const kept = new Map<Descriptor, unknown>();
  const raw = Array.isArray(index.json['manifests']) ? index.json['manifests'] : [];
  for (const [at, child] of index.manifests.entries()) {
    const platform = platforms[at];
    if (platform === undefined && isIndexType(child.mediaType)) {
      const nested = await narrowChild(child, selecting, depth, io);
      if (nested !== undefined) kept.set(child, rename(raw[at], child, nested));
    } else if (isWanted(platform, selecting)) kept.set(child, raw[at]);
  }
  keepAttestations(index, kept, raw);
  if (kept.size === 0) return undefined;
  const unchanged = index.manifests.every((child, at) => kept.get(child) === raw[at]);
  return unchanged ? index : derive(index, kept, selecting);
}

async function narrowChild(
  child: Descriptor,
  selecting: Selecting,
  depth: number,
  io: Io,
): Promise<Manifest | undefined> {
  const { narrowed, source } = selecting;
  // Each nested index once: the ways to it can be many more than the indexes.
  if (!narrowed.has(child.digest)) {
    if (narrowed.size >= graphLimits.manifests) throw tooMany(child);
    const nested = await fetchManifest(source, child, io);
    narrowed.set(child.digest, nested.kind === 'index' ? await narrow(nested, selecting, depth + 1, io) : undefined);
  }
  return narrowed.get(child.digest);
}

/** The descriptor as it was written, naming another manifest where the nested index has changed. */
function rename(raw: unknown, child: Descriptor, nested: Manifest): unknown {
  if (nested.digest === child.digest || !isObject(raw)) return raw;
  const { digest, size } = manifestDescriptor(nested);
  const rest = Object.entries(raw).filter(([name]) => name !== 'data');
  return { ...Object.fromEntries(rest), digest, size };
}

/** BuildKit's attestations say which image they are about. */
function keepAttestations(index: ImageIndex, kept: Map<Descriptor, unknown>, raw: readonly unknown[]): void {
  const digests = new Set<string>([...kept.keys()].map(({ digest }) => digest));
  for (const [at, child] of index.manifests.entries()) {
    const about = child.annotations?.['vnd.docker.reference.digest'];
    if (about !== undefined && digests.has(about)) kept.set(child, raw[at]);
  }
}

function derive(index: ImageIndex, kept: ReadonlyMap<Descriptor, unknown>, selecting: Selecting): Manifest {
  const manifests = index.manifests.filter((child) => kept.has(child)).map((child) => kept.get(child));
  const bytes = Buffer.from(JSON.stringify({ ...index.json, manifests }));
  const derived = parseManifest(bytes, index.mediaType);
  selecting.derived.push(derived);
  return derived;
}

/** The error for an index with too many manifests below it. */
export function tooMany({ digest }: { readonly digest: Digest }): OciError {
  return new OciError(
    'too-large',
    `there are more than ${graphLimits.manifests} manifests around ${digest}, which is the limit`,
  );
}
