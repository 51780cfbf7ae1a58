import { fetchManifest } from '../content/bytes.ts';
import type { ContentSource, Io, Resolved } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { type Manifest, manifestDescriptor, successors } from '../oci/manifest.ts';
import { isForeignLayerType, isManifestType, mediaTypes } from '../oci/mediaTypes.ts';
import { formatPlatform } from '../oci/platform.ts';
import { escapeText } from '../oci/reference.ts';
import { forEachParallel } from './parallel.ts';

/** Most of what one image may be made of. `depth` counts the steps from the root to a manifest, `bytes` manifests only. */
export const graphLimits = { depth: 8, manifests: 5000, bytes: 32 << 20 } as const;

/** Everything a manifest stands for, each digest once. */
export interface ImageGraph {
  /** Manifests by height: each one's children are in earlier levels; the last level is the root alone. */
  readonly levels: readonly (readonly Resolved[])[];
  /** Configs, layers and other content that is not a manifest. */
  readonly blobs: readonly Descriptor[];
  /** Layers that are elsewhere by their `urls` (image-spec, non-distributable layers). */
  readonly foreign: readonly Descriptor[];
}

/**
 * Reads the graph below a manifest. `subject` is not part of it (image-spec manifest.md: it need not exist).
 * @param derived new manifests below the root that no source has
 * @throws OciError not-found, listing every child that the source lacks; too-large, invalid-manifest, content-mismatch
 */
export async function readGraph(
  source: ContentSource,
  root: Resolved,
  io: Io,
  derived: readonly Manifest[] = [],
): Promise<ImageGraph> {
  const found: Found = new Map([[root.descriptor.digest, root]]);
  for (const manifest of derived) found.set(manifest.digest, { descriptor: manifestDescriptor(manifest), manifest });
  await readManifests(source, root, found, io);
  const levels = levelsOf(root, found);
  return { levels, ...contentOf(levels.flat().map(({ manifest }) => manifest)) };
}

/** Manifests by the digest under which they are listed, of whatever algorithm. */
type Found = Map<Digest, Resolved>;

async function readManifests(source: ContentSource, root: Resolved, found: Found, io: Io): Promise<void> {
  const missing: Descriptor[] = [];
  let bytes = root.manifest.bytes.length;
  let level = [...found.values()];
  for (let depth = 1; level.length > 0; depth++) {
    const children = newChildren(level, found);
    if (depth > graphLimits.depth && children.length > 0) throw tooDeep(root);
    if (found.size + children.length > graphLimits.manifests) {
      throw tooLarge(root, `more than ${graphLimits.manifests} manifests`);
    }
    const read = async (child: Descriptor, inner: Io): Promise<void> => {
      const manifest = await fetchChild(source, child, inner);
      if (manifest === undefined) return void missing.push(child);
      bytes += manifest.bytes.length;
      if (bytes > graphLimits.bytes) throw tooLarge(root, `more than ${graphLimits.bytes} bytes of manifests`);
      const { digest } = child;
      found.set(digest, { descriptor: { ...manifestDescriptor(manifest), digest }, manifest });
    };
    await forEachParallel(children, 6, read, io);
    level = children.flatMap((child) => found.get(child.digest) ?? []);
  }
  if (missing.length > 0) throw missingChildren(root, missing);
}

function newChildren(level: readonly Resolved[], found: Found): readonly Descriptor[] {
  const children = new Map<Digest, Descriptor>();
  for (const child of level.flatMap(({ manifest }) => childManifests(manifest))) {
    if (!found.has(child.digest)) children.set(child.digest, child);
  }
  return [...children.values()];
}

/** The manifests that an index lists. What an image lists are blobs, whatever their media types say. */
function childManifests(manifest: Manifest): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.manifests.filter(({ mediaType }) => isManifestType(mediaType)) : [];
}

async function fetchChild(source: ContentSource, child: Descriptor, io: Io): Promise<Manifest | undefined> {
  try {
    return await fetchManifest(source, child, io);
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Sorts manifests by the longest way down to one without children. */
function levelsOf(root: Resolved, found: Found): readonly (readonly Resolved[])[] {
  const heights = new Map<Resolved, number>();
  const visit = (node: Resolved, depth: number): number => {
    const known = heights.get(node);
    // Also the net under a graph with a cycle, which no digest allows but a store that does not verify could pretend.
    if (depth + (known ?? 0) > graphLimits.depth) throw tooDeep(root);
    if (known !== undefined) return known;
    const below = childManifests(node.manifest).flatMap((child) => found.get(child.digest) ?? []);
    const height = below.reduce((most, child) => Math.max(most, visit(child, depth + 1) + 1), 0);
    heights.set(node, height);
    return height;
  };
  visit(root, 0);
  const levels: Resolved[][] = [];
  for (const [node, height] of heights) (levels[height] ??= []).push(node);
  return levels;
}

function contentOf(manifests: readonly Manifest[]): Pick<ImageGraph, 'blobs' | 'foreign'> {
  const blobs = new Map<Digest, Descriptor>();
  const foreign = new Map<Digest, Descriptor>();
  for (const blob of manifests.flatMap(blobsOf)) {
    const known = blobs.get(blob.digest);
    if (known !== undefined && known.size !== blob.size) {
      throw new OciError(
        'invalid-manifest',
        `${blob.digest} is listed with two sizes, ${known.size} and ${blob.size}.`,
      );
    }
    if (isElsewhere(blob)) foreign.set(blob.digest, blob);
    else blobs.set(blob.digest, blob);
  }
  return { blobs: [...blobs.values()], foreign: [...foreign.values()].filter(({ digest }) => !blobs.has(digest)) };
}

/** The content of one manifest that a registry holds as blobs. @throws OciError unsupported-media-type */
export function blobsOf(manifest: Manifest): readonly Descriptor[] {
  const children = new Set(childManifests(manifest));
  return successors(manifest)
    .filter((descriptor) => !children.has(descriptor))
    .map((descriptor) => asBlob(descriptor, manifest));
}

/** A store tells manifests from blobs by media type, so a layer that carries a manifest goes by another name. */
function asBlob(descriptor: Descriptor, manifest: Manifest): Descriptor {
  const { mediaType } = descriptor;
  const isSchema1 = mediaType === mediaTypes.dockerSchema1 || mediaType === mediaTypes.dockerSchema1Signed;
  if (manifest.kind === 'index' && isSchema1) {
    const what = `${shortDigest(manifest.digest)} lists ${shortDigest(descriptor.digest)}`;
    throw new OciError('unsupported-media-type', `${what}, an old schema 1 image, which is not supported.`);
  }
  return isManifestType(mediaType) ? { ...descriptor, mediaType: mediaTypes.octetStream } : descriptor;
}

function isElsewhere({ mediaType, urls }: Descriptor): boolean {
  return isForeignLayerType(mediaType) && urls !== undefined && urls.length > 0;
}

function tooDeep(root: Resolved): OciError {
  return tooLarge(root, `manifests nested deeper than ${graphLimits.depth}`);
}

function tooLarge({ descriptor }: Resolved, what: string): OciError {
  return new OciError('too-large', `${descriptor.digest} has ${what}, which is the limit.`, { side: 'source' });
}

function missingChildren(root: Resolved, missing: readonly Descriptor[]): OciError {
  const names = missing.slice(0, 10).map(({ digest, platform }) => {
    return platform === undefined ? digest : `${digest} (${escapeText(formatPlatform(platform))})`;
  });
  if (missing.length > names.length) names.push(`${missing.length - names.length} more`);
  return new OciError(
    'not-found',
    `${missing.length} of the manifests below ${shortDigest(root.descriptor.digest)} are not in the source: ${names.join(', ')}. ` +
      'Choose platforms that are there.',
    { side: 'source' },
  );
}
