import type { InspectImageResult, LayerSummary, PlatformSummary } from '../api.ts';
import { fetchManifest, resolveManifest } from '../content/bytes.ts';
import type { ContentSource, ImageSource, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { type Descriptor, isAttestation } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type ImageConfig, layerHistory } from '../oci/imageConfig.ts';
import { type ImageIndex, type ImageManifest, type Manifest, manifestDescriptor } from '../oci/manifest.ts';
import { isImageType, isIndexType } from '../oci/mediaTypes.ts';
import { escapeText } from '../oci/reference.ts';
import { formatPlatform, matchesPlatform, normalizePlatform, type Platform } from '../oci/platform.ts';
import { graphLimits } from './graph.ts';
import { fetchConfig, noSuchPlatform, platformsOf, tooMany } from './platforms.ts';

export interface InspectOptions {
  /** Which image of an index. */
  readonly platform?: Platform;
  /** Without `platform`: the first of these that the index has, else its first image. */
  readonly prefer?: readonly Platform[];
}

/**
 * What an image is, as plain data: one image of an index, and all its platforms.
 * @throws OciError not-found where the platform that was asked for is not there; invalid-manifest, too-large
 */
export async function inspectImage(
  store: ImageSource,
  identifier: string,
  options: InspectOptions,
  io: Io,
): Promise<Omit<InspectImageResult, 'reference'>> {
  const { manifest } = await resolveManifest(store, identifier, io);
  const { entries, image, config } =
    manifest.kind === 'index'
      ? await inspectIndex(store, manifest, options, io)
      : await inspectSingle(store, manifest, options, io);
  return {
    digest: manifest.digest,
    mediaType: manifest.mediaType,
    platforms: entries.map(summary),
    config: config?.json ?? null,
    layers: image === undefined ? [] : layersOf(image, config),
    annotations: { ...manifest.annotations, ...image?.annotations },
  };
}

/**
 * Which image a tag or digest means: itself, or the one of its index that is asked for or preferred.
 * @throws OciError not-found where the platform that was asked for is not there, or the index has no image
 */
export async function chooseImage(
  store: ImageSource,
  identifier: string,
  options: InspectOptions,
  io: Io,
): Promise<Descriptor> {
  const { descriptor, manifest } = await resolveManifest(store, identifier, io);
  if (manifest.kind === 'image') {
    if (options.platform !== undefined) await inspectSingle(store, manifest, options, io);
    return descriptor;
  }
  const { chosen } = await inspectIndex(store, manifest, options, io);
  if (chosen !== undefined) return chosen;
  throw new OciError('not-found', `${escapeText(identifier)} is an index without images: there are no files to show.`);
}

interface Entry {
  readonly descriptor: Descriptor;
  readonly platform: Platform | undefined;
}

interface Inspected {
  readonly entries: readonly Entry[];
  /** The image of an index that is shown. */
  readonly chosen?: Descriptor;
  readonly image?: ImageManifest;
  readonly config?: ImageConfig | undefined;
}

async function inspectSingle(
  store: ContentSource,
  image: ImageManifest,
  { platform }: InspectOptions,
  io: Io,
): Promise<Inspected> {
  const config = await fetchConfig(store, image, io);
  const entry = { descriptor: manifestDescriptor(image), platform: config?.platform };
  if (platform !== undefined && !isFor(platform, entry)) throw lacks(image, platform, [entry]);
  return { entries: entry.platform === undefined ? [] : [entry], image, config };
}

async function inspectIndex(
  store: ContentSource,
  index: ImageIndex,
  { platform, prefer = [] }: InspectOptions,
  io: Io,
): Promise<Inspected> {
  const entries = await entriesOf(store, index, new Set(), 0, io);
  const chosen = choose(entries, platform === undefined ? prefer : [platform]);
  if (platform !== undefined && chosen === undefined) throw lacks(index, platform, entries);
  const fallback = entries.find((entry) => isImageType(entry.descriptor.mediaType) && !isAttestation(entry.descriptor));
  const { descriptor } = chosen ?? fallback ?? {};
  const image = descriptor === undefined ? undefined : await fetchManifest(store, descriptor, io);
  if (descriptor === undefined || image?.kind !== 'image') return { entries };
  return { entries, chosen: descriptor, image, config: await fetchConfig(store, image, io) };
}

/** What an index lists, with the lists of the indexes in it in their places; each index once. */
async function entriesOf(
  store: ContentSource,
  index: ImageIndex,
  seen: Set<Digest>,
  depth: number,
  io: Io,
): Promise<readonly Entry[]> {
  if (depth > graphLimits.depth) throw new OciError('too-large', `indexes nest deeper than ${graphLimits.depth}`);
  const platforms = await platformsOf(store, index, io);
  const entries: Entry[] = [];
  for (const [at, descriptor] of index.manifests.entries()) {
    if (seen.has(descriptor.digest)) continue;
    if (seen.size >= graphLimits.manifests) throw tooMany(index);
    seen.add(descriptor.digest);
    const nested = isIndexType(descriptor.mediaType) ? await fetchManifest(store, descriptor, io) : undefined;
    if (nested?.kind === 'index') entries.push(...(await entriesOf(store, nested, seen, depth + 1, io)));
    else entries.push({ descriptor, platform: platforms[at] });
  }
  return entries;
}

/** The first of the wanted platforms that there is an image for; the very same platform before one that only matches. */
function choose(entries: readonly Entry[], wanted: readonly Platform[]): Entry | undefined {
  for (const platform of wanted) {
    const matching = entries.filter((entry) => isFor(platform, entry));
    const name = formatPlatform(normalizePlatform(platform));
    const same = matching.find((entry) => summary(entry).platform === name);
    if (matching.length > 0) return same ?? matching[0];
  }
  return undefined;
}

function isFor(platform: Platform, entry: Entry): boolean {
  return entry.platform !== undefined && matchesPlatform(platform, entry.platform);
}

function lacks(manifest: Manifest, platform: Platform, entries: readonly Entry[]): OciError {
  const offered = entries.filter((entry) => entry.platform !== undefined && !isAttestation(entry.descriptor));
  return noSuchPlatform(manifest, [platform], [...new Set(offered.map((entry) => summary(entry).platform))]);
}

function summary({ descriptor, platform }: Entry): PlatformSummary {
  const { digest, size, mediaType } = descriptor;
  const name = platform === undefined ? 'unknown/unknown' : formatPlatform(normalizePlatform(platform));
  return { platform: name, digest, size, mediaType };
}

/** Diff ids and history lines only where they are as many as the layers: else nobody knows which belongs to which. */
function layersOf(image: ImageManifest, config: ImageConfig | undefined): readonly LayerSummary[] {
  const { layers } = image;
  const diffIds = config?.diffIds.length === layers.length ? config.diffIds : [];
  const history = config === undefined ? [] : layerHistory(config, layers.length);
  return layers.map(({ digest, size, mediaType }, at) => ({
    digest,
    diffId: diffIds[at] ?? null,
    size,
    mediaType,
    createdBy: history[at]?.created_by ?? null,
  }));
}
