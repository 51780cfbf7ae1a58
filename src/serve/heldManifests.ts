import type { Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { type Manifest, successors } from '../oci/manifest.ts';
import { isManifestType } from '../oci/mediaTypes.ts';
import type { RegistryStorage } from './registryStorage.ts';

/** What the manifests of a repository need. */
export interface Held {
  /** The blobs that its manifests name; those of orphans that are still there too. */
  readonly blobs: ReadonlySet<Digest>;
  /** Manifests whose index was deleted, and that no tag and no other manifest leads to. */
  readonly orphans: readonly Digest[];
}

/** Looks through the manifests of a repository; undefined where one of them cannot be read. */
export async function readHeld(storage: RegistryStorage, repository: string, io: Io): Promise<Held | undefined> {
  const children = new Map<Digest, readonly Digest[]>();
  const blobs = new Set<Digest>();
  for (const digest of await storage.repositories.digests(repository, 'manifests')) {
    const manifest = await readOne(storage, repository, digest, io);
    if (manifest === undefined) return undefined;
    if (manifest === 'missing') continue;
    const parts = successors(manifest);
    for (const part of parts) if (!isManifestType(part.mediaType)) blobs.add(part.digest);
    children.set(
      digest,
      parts.filter(({ mediaType }) => isManifestType(mediaType)).map((part) => part.digest),
    );
  }
  const marked = new Set(await storage.repositories.digests(repository, 'orphans'));
  const tagged = new Set(await storage.taggedDigests(repository));
  const roots = [...children.keys()].filter((digest) => !marked.has(digest) || tagged.has(digest));
  const needed = descendants(roots, children);
  return { blobs, orphans: [...marked].filter((digest) => !needed.has(digest)) };
}

function descendants(roots: readonly Digest[], children: ReadonlyMap<Digest, readonly Digest[]>): ReadonlySet<Digest> {
  const seen = new Set<Digest>();
  const waiting = [...roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(children.get(next) ?? []));
  }
  return seen;
}

/** Undefined where the manifest cannot be read, `missing` where its bytes have gone. */
async function readOne(
  storage: RegistryStorage,
  repository: string,
  digest: Digest,
  io: Io,
): Promise<Manifest | 'missing' | undefined> {
  const mediaType = await storage.repositories.manifestType(repository, digest);
  const size = await storage.files.blobs.size(digest);
  if (mediaType === undefined || size === undefined) return 'missing';
  try {
    return await storage.read({ mediaType, digest, size }, io);
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}
