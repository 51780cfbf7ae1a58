import type { Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import { type Descriptor, describe } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, encodedOf } from '../oci/digest.ts';
import { buildManifest, type Manifest, manifestDescriptor } from '../oci/manifest.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { type Artifact, artifactDescriptor, attachArtifact, type AttachTarget, pushMissing } from './attachArtifact.ts';
import { putTagged } from './tagCommit.ts';

/** SPDX as JSON, as it is registered. */
export const spdxMediaType = 'application/spdx+json';
/** The same, as cosign writes it. */
const cosignMediaType = 'text/spdx+json';

export interface AttachSbomOptions {
  /** Also under the tag where cosign and ko look for it. For registries. */
  readonly cosignTag: boolean;
}

export interface AttachedSbom {
  /** Of the artifact manifest. */
  readonly descriptor: Descriptor;
  /** What cosign's tag named before, where that was another SBOM of this image. */
  readonly replaced?: Digest;
}

/** The tag where cosign looks for the SBOM of an image. */
export function sbomTag(digest: Digest): string {
  return `${algorithmOf(digest)}-${encodedOf(digest)}.sbom`;
}

/**
 * The artifact of a document that is attached already, found out with one request; undefined where that is not sure: where it
 * is not, and where there is no tag of cosign's to tell.
 */
export async function attachedSbom(
  store: AttachTarget,
  subject: Descriptor,
  bytes: Uint8Array,
  { cosignTag }: AttachSbomOptions,
  io: Io,
): Promise<Descriptor | undefined> {
  if (!cosignTag || !hasSbomTag(subject.digest)) return undefined;
  const tagged = await taggedSbom(store, subject.digest, io);
  return tagged?.digest === cosignImage(bytes).manifest.digest ? sbomDescriptor(subject, bytes) : undefined;
}

/** What a document is, or would be, when it is attached. */
export function sbomDescriptor(subject: Descriptor, bytes: Uint8Array): Descriptor {
  return artifactDescriptor(subject, artifactOf(bytes));
}

function artifactOf(bytes: Uint8Array): Artifact {
  return { artifactType: spdxMediaType, mediaType: spdxMediaType, bytes };
}

/**
 * Attaches an SPDX document to an image that is in the store, as an artifact and under cosign's tag, the tag last. So one
 * request tells that all of it is there, and then nothing is written. A tag of another SBOM of this image is moved.
 */
export async function attachSbom(
  store: AttachTarget,
  subject: Descriptor,
  bytes: Uint8Array,
  options: AttachSbomOptions,
  io: Io,
): Promise<AttachedSbom> {
  const artifact = artifactOf(bytes);
  if (!options.cosignTag || !hasSbomTag(subject.digest))
    return { descriptor: await attachArtifact(store, subject, artifact, io) };
  const image = cosignImage(bytes);
  const old = await taggedSbom(store, subject.digest, io);
  if (old?.digest === image.manifest.digest) return { descriptor: artifactDescriptor(subject, artifact) };
  const descriptor = await attachArtifact(store, subject, artifact, io);
  await pushMissing(store, describe(bytes, cosignMediaType), bytes, io);
  await pushMissing(store, describe(image.config, mediaTypes.config), image.config, io);
  const { manifest } = image;
  await putTagged(store, { descriptor: manifestDescriptor(manifest), manifest }, sbomTag(subject.digest), io);
  return { descriptor, ...(old === undefined ? {} : { replaced: old.digest }) };
}

/** Longer digests make no tag of at most 128 characters. */
function hasSbomTag(digest: Digest): boolean {
  return algorithmOf(digest) === 'sha256';
}

async function taggedSbom(store: AttachTarget, digest: Digest, io: Io): Promise<Descriptor | undefined> {
  if (!hasSbomTag(digest)) return undefined;
  try {
    return await store.resolve(sbomTag(digest), io);
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** The image that `cosign attach sbom` and ko store: one layer that is the document, and a config that says so little. */
function cosignImage(bytes: Uint8Array): { readonly manifest: Manifest; readonly config: Uint8Array } {
  const never = '0001-01-01T00:00:00Z';
  const config = Buffer.from(
    JSON.stringify({
      architecture: '',
      created: never,
      history: [{ created: never }],
      os: '',
      rootfs: { type: 'layers', diff_ids: [digestOf(bytes)] },
      config: {},
    }),
  );
  const manifest = buildManifest({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: describe(config, mediaTypes.config),
    layers: [describe(bytes, cosignMediaType)],
  });
  return { manifest, config };
}
