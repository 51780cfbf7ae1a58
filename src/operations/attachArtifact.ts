import { setTimeout as delay } from 'node:timers/promises';
import { opens } from '../content/bytes.ts';
import type { ImageTarget, ContentSource, Io, ReferrerLister, TaggingTarget } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import { type Descriptor, describe } from '../oci/descriptor.ts';
import { buildManifest, type Manifest, manifestDescriptor } from '../oci/manifest.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { enterReferrer } from './attachByTag.ts';

/** Where documents can be attached to an image. */
export type AttachTarget = ImageTarget & ContentSource & Partial<TaggingTarget & ReferrerLister>;

/** A document to attach to an image. */
export interface Artifact {
  /** What it is, such as `application/spdx+json`. */
  readonly artifactType: string;
  /** Of its bytes; often the same. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Attaches a document to an image that is in the store: an artifact manifest with the image as its `subject` (image-spec
 * manifest.md, guidelines for artifact usage). Nothing is written where it is attached already. Where the store does not
 * list it of itself, it is entered in the index under the referrers tag (distribution-spec, referrers tag schema); what
 * others have entered there stays. Returns the descriptor of the artifact manifest.
 * @throws OciError already-exists where the referrers tag names something else than an index
 */
export async function attachArtifact(
  store: AttachTarget,
  subject: Descriptor,
  artifact: Artifact,
  io: Io,
): Promise<Descriptor> {
  const manifest = artifactManifest(subject, artifact);
  const descriptor = manifestDescriptor(manifest);
  const isListed = await lists(store, subject, descriptor, io);
  if (isListed && (await store.has(descriptor, io))) return descriptor;
  await pushArtifact(store, manifest, artifact, io);
  if (isListed || (await lists(store, subject, descriptor, io))) return descriptor;
  const { artifactType, annotations = {} } = artifact;
  await enterReferrer(store, subject, { ...descriptor, artifactType, annotations }, io);
  return descriptor;
}

/** The descriptor that a document has, or would have, when it is attached. */
export function artifactDescriptor(subject: Descriptor, artifact: Artifact): Descriptor {
  return manifestDescriptor(artifactManifest(subject, artifact));
}

const maxPushes = 4;
/** Milliseconds. */
const repairDelay = 50;
const emptyObject = Buffer.from('{}');

function artifactManifest(
  subject: Descriptor,
  { artifactType, mediaType, bytes, annotations = {} }: Artifact,
): Manifest {
  return buildManifest({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: describe(emptyObject, mediaTypes.empty),
    layers: [describe(bytes, mediaType)],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  });
}

/** Another writer of the same blobs can make a registry lose sight of them: then they are brought once more. */
async function pushArtifact(store: AttachTarget, manifest: Manifest, artifact: Artifact, io: Io): Promise<void> {
  const blobs = [
    { descriptor: describe(artifact.bytes, artifact.mediaType), bytes: artifact.bytes },
    { descriptor: describe(emptyObject, mediaTypes.empty), bytes: emptyObject },
  ];
  const push = (): Promise<void> => store.push(manifestDescriptor(manifest), opens(manifest.bytes), io);
  for (const { descriptor, bytes } of blobs) await pushMissing(store, descriptor, bytes, io);
  for (let attempt = 1; ; attempt++) {
    try {
      await push();
      return;
    } catch (error) {
      // Registries name it as missing, or as a wrong digest beside.
      if (attempt === maxPushes || !isOciError(error, 'not-found', 'content-mismatch', 'invalid-manifest')) throw error;
    }
    await delay(repairDelay * attempt, undefined, { signal: io.signal });
    for (const { descriptor, bytes } of blobs) await store.push(descriptor, opens(bytes), io);
  }
}

/** Pushes bytes that the store does not have. */
export async function pushMissing(
  store: AttachTarget,
  descriptor: Descriptor,
  bytes: Uint8Array,
  io: Io,
): Promise<void> {
  if (!(await store.has(descriptor, io))) await store.push(descriptor, opens(bytes), io);
}

async function lists(store: AttachTarget, subject: Descriptor, { digest }: Descriptor, io: Io): Promise<boolean> {
  const listed = (await store.referrers?.(subject.digest, io)) ?? [];
  return listed.some((each) => each.digest === digest);
}
