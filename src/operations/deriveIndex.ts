import { fetchManifest } from '../content/bytes.ts';
import type { ContentSource, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { type Descriptor, isAttestation } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { isObject, type JsonObject } from '../oci/json.ts';
import { buildManifest, type ImageIndex, type Manifest, manifestDescriptor } from '../oci/manifest.ts';
import { isConfigType, isManifestType } from '../oci/mediaTypes.ts';
import { without } from './mutateConfig.ts';
import { baseAnnotations, type BaseImage, isOci, withoutBase } from './deriveImage.ts';
import { fetchBaseImage } from './baseImage.ts';
import { graphLimits } from './graph.ts';
import { mapParallel } from './parallel.ts';
import { tooMany } from './platforms.ts';
import { on } from './transferFailure.ts';

/** Where an index comes from. */
export interface IndexOrigin {
  readonly source: ContentSource;
  /** Nested indexes that were narrowed to chosen platforms and are in no source. */
  readonly narrowed: readonly Manifest[];
  /** Of the index in the source, before it was narrowed. */
  readonly digest: Digest;
  readonly name: string | undefined;
  /** Of the new index, over those of the old one. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface DerivedIndex {
  readonly root: Manifest;
  /** Every new index, the root among them. */
  readonly indexes: readonly Manifest[];
  /** What is not in the new index. */
  readonly dropped: readonly Descriptor[];
}

/**
 * A new index with a new image in the place of each image, in indexes that it lists too; each image is changed once.
 * Attestations and artifacts are left out: they are about images that are not in it any more.
 * @throws OciError not-found where no image is in the index or one that it lists is missing; too-large
 */
export async function deriveIndex(
  index: ImageIndex,
  origin: IndexOrigin,
  change: (image: BaseImage) => Manifest,
  io: Io,
): Promise<DerivedIndex> {
  const indexes: Manifest[] = [];
  const deriving: Deriving = { origin, change, indexes, dropped: [], known: new Map() };
  const json = await changedIndex(index, deriving, 0, io);
  if (json === undefined) {
    throw new OciError('not-found', `${shortDigest(index.digest)} lists no image that a layer could be added to.`, {
      side: 'source',
    });
  }
  const { annotations, ...rest } = json;
  const named = isOci(index.mediaType)
    ? { ...baseAnnotations(annotations, origin.digest, origin.name), ...origin.annotations }
    : {};
  const root = buildManifest({
    ...rest,
    mediaType: index.mediaType,
    ...(Object.keys(named).length === 0 ? {} : { annotations: named }),
  });
  indexes.push(root);
  return { root, indexes, dropped: deriving.dropped };
}

interface Deriving {
  readonly origin: IndexOrigin;
  readonly change: (image: BaseImage) => Manifest;
  readonly indexes: Manifest[];
  readonly dropped: Descriptor[];
  /** What each manifest has become. An index may list one more than once, and there may be many ways to it. */
  readonly known: Map<Digest, Promise<Manifest | undefined>>;
}

/** The JSON of the new index; undefined where nothing is left. */
async function changedIndex(
  index: ImageIndex,
  deriving: Deriving,
  depth: number,
  io: Io,
): Promise<JsonObject | undefined> {
  if (depth > graphLimits.depth) throw new OciError('too-large', `indexes nest deeper than ${graphLimits.depth}`);
  const raw = Array.isArray(index.json['manifests']) ? (index.json['manifests'] as readonly unknown[]) : [];
  const become = await mapParallel(index.manifests, 6, (child, inner) => changed(child, deriving, depth, inner), io);
  const manifests = raw.flatMap((entry, at) => {
    const manifest = become[at];
    return manifest === undefined ? [] : [renamed(entry, manifest)];
  });
  deriving.dropped.push(...index.manifests.filter((_, at) => become[at] === undefined));
  return manifests.length === 0 ? undefined : { ...without(index.json, 'subject'), manifests };
}

async function changed(child: Descriptor, deriving: Deriving, depth: number, io: Io): Promise<Manifest | undefined> {
  if (isAttestation(child) || !isManifestType(child.mediaType)) return undefined;
  const { known } = deriving;
  const before = known.get(child.digest);
  if (before !== undefined) return before;
  if (known.size >= graphLimits.manifests) throw tooMany(child);
  const work = changedManifest(child, deriving, depth, io);
  known.set(child.digest, work);
  return work;
}

async function changedManifest(
  child: Descriptor,
  deriving: Deriving,
  depth: number,
  io: Io,
): Promise<Manifest | undefined> {
  const { source, narrowed } = deriving.origin;
  const held = narrowed.find(({ digest }) => digest === child.digest);
  const manifest = held ?? (await on('source', fetchManifest(source, child, io)));
  if (manifest.kind === 'image') {
    if (!isConfigType(manifest.config.mediaType)) return undefined;
    return deriving.change(await on('source', fetchBaseImage(source, manifest, io)));
  }
  const json = await changedIndex(manifest, deriving, depth + 1, io);
  if (json === undefined) return undefined;
  const nested = buildManifest({ ...json, mediaType: manifest.mediaType });
  deriving.indexes.push(nested);
  return nested;
}

/** The descriptor as it was written, with platform and annotations, naming the new manifest. */
function renamed(raw: unknown, manifest: Manifest): JsonObject {
  const old = isObject(raw) ? without(raw, 'data', 'urls') : {};
  const annotations = isObject(old['annotations']) ? { annotations: withoutBase(old['annotations']) } : {};
  return { ...old, ...annotations, ...manifestDescriptor(manifest) };
}
