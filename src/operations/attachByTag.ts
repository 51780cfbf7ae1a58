import { setTimeout as delay } from 'node:timers/promises';
import { fetchManifest } from '../content/bytes.ts';
import type { ContentSource, ImageTarget, Io, Resolved, TaggingTarget } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, encodedOf, shortDigest } from '../oci/digest.ts';
import { isObject, type JsonObject } from '../oci/json.ts';
import { buildManifest, type Manifest, manifestDescriptor } from '../oci/manifest.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { putTagged } from './tagCommit.ts';

/** Readings of the tag: several writers need some each. */
const maxAttempts = 20;
/** Milliseconds that another writer gets between its reading and its writing. */
const settle = 40;

type TagStore = ImageTarget & ContentSource & Partial<TaggingTarget>;

/** The tag whose index lists what refers to a digest (distribution-spec, referrers tag schema). */
export function referrersTag(digest: Digest): string {
  return `${algorithmOf(digest)}-${encodedOf(digest).slice(0, 64)}`;
}

/**
 * Adds a referrer to the index under the referrers tag, made where there is none. Registries do not guard the tag against
 * two writers at once: it is read back twice, and written again where another writer's index took its place. A writer that
 * is slower than that can still undo it; attaching again then repairs it.
 * @throws OciError already-exists where the tag names something else than an index; unavailable where others were always faster
 */
export async function enterReferrer(store: TagStore, subject: Descriptor, referrer: Descriptor, io: Io): Promise<void> {
  const tag = referrersTag(subject.digest);
  let sightings = 0;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const now = await readIndex(store, tag, io);
    const isThere = listed(now).some(({ digest }) => digest === referrer.digest);
    sightings = isThere ? sightings + 1 : 0;
    if (sightings === 2 || (isThere && attempt === 1)) return;
    if (!isThere) {
      const index = withReferrer(now, referrer);
      await putTagged(store, { descriptor: manifestDescriptor(index), manifest: index }, tag, io);
    }
    // A writer that read before this one wrote needs a moment to write over it; only then does reading back show it.
    await delay(settle * (1 + Math.random()), undefined, { signal: io.signal });
  }
  throw new OciError(
    'unavailable',
    `${shortDigest(referrer.digest)} was stored, but others write the tag ${tag}, which lists it, at the same time. Try again.`,
    { side: 'target' },
  );
}

async function readIndex(store: TagStore, tag: string, io: Io): Promise<Manifest | undefined> {
  const found = await resolveIndex(store, tag, io);
  if (found === undefined || found.manifest.kind === 'index') return found?.manifest;
  throw new OciError(
    'already-exists',
    `The tag ${tag} is where the referrers of an image are listed, but names ${shortDigest(found.descriptor.digest)}, ` +
      'which is no index. It was left as it is: delete that tag, or use another repository.',
    { side: 'target' },
  );
}

/** The index may be replaced between the two requests: absent content counts as no tag, and the next attempt sees more. */
async function resolveIndex(store: TagStore, tag: string, io: Io): Promise<Resolved | undefined> {
  try {
    const descriptor = await store.resolve(tag, io);
    return { descriptor, manifest: await fetchManifest(store, descriptor, io) };
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

function listed(index: Manifest | undefined): readonly Descriptor[] {
  return index?.kind === 'index' ? index.manifests : [];
}

/** What others entered stays as they wrote it. */
function withReferrer(index: Manifest | undefined, referrer: Descriptor): Manifest {
  const { mediaType, digest, size, artifactType, annotations = {} } = referrer;
  const manifests: unknown = index?.json['manifests'];
  const entries: readonly JsonObject[] = Array.isArray(manifests) ? manifests.filter(isObject) : [];
  const entry = {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  const kept = index?.json ?? { schemaVersion: 2 };
  return buildManifest({ ...kept, mediaType: mediaTypes.index, manifests: [...entries, entry] });
}
