import { rename, rm, stat } from 'node:fs/promises';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { withFileLock } from '../layout/fileLock.ts';
import type { IndexEntry } from '../layout/layoutIndex.ts';
import type { Scratch } from '../layout/scratch.ts';
import { type Descriptor, parseDescriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { successors } from '../oci/manifest.ts';
import { isManifestType } from '../oci/mediaTypes.ts';
import { type Held, readHeld } from './heldManifests.ts';
import type { RegistryStorage } from './registryStorage.ts';

/** What a sweep removed from the disk. */
export interface Swept {
  readonly blobs: number;
  readonly bytes: number;
}

/** Clients push blobs before the manifest that needs them, and rely on what they were told is there. */
const graceMilliseconds = 3_600_000;

/**
 * Removes what nothing needs and nobody has asked for in the last hour: blobs of a repository that none of its manifests
 * names, manifests whose index was deleted, and then the bytes that no repository holds and index.json does not lead to.
 * May be ended at any moment, also by a crash: what is left over is found the next time.
 * @throws OciError where it cannot tell what is needed; nothing that may be needed is removed
 */
export async function sweep(storage: RegistryStorage, io: Io): Promise<Swept> {
  const removal: Removal = { storage, limit: Date.now() - graceMilliseconds, io };
  for (const repository of await storage.repositories.all()) {
    // A client that is uploading here may have learned long ago that a blob is there.
    if (!storage.uploads.isOpen(repository)) await sweepRepository(removal, repository);
  }
  return sweepContent(removal);
}

interface Removal {
  readonly storage: RegistryStorage;
  /** Only files of an earlier time are removed; in milliseconds since 1970. */
  readonly limit: number;
  readonly io: Io;
}

async function sweepRepository(removal: Removal, repository: string): Promise<void> {
  const { storage, io } = removal;
  const { repositories } = storage;
  let held = await readHeld(storage, repository, io);
  if (held !== undefined && (await sweepOrphans(removal, repository, held))) {
    held = await readHeld(storage, repository, io);
  }
  // What a manifest that cannot be read needs is not known.
  if (held === undefined) return;
  for (const blob of await repositories.digests(repository, 'blobs')) {
    if (!held.blobs.has(blob)) await removeOld(repositories.fileOf(repository, 'blobs', blob), removal);
  }
}

/** True where a manifest was removed. */
async function sweepOrphans(removal: Removal, repository: string, { orphans }: Held): Promise<boolean> {
  const { repositories } = removal.storage;
  let removed = false;
  for (const orphan of orphans) {
    const file = repositories.fileOf(repository, 'manifests', orphan);
    removed = (await removeOld(file, removal)) !== undefined || removed;
    const stays = (await repositories.manifestType(repository, orphan)) !== undefined;
    if (!stays) await repositories.remove(repository, 'orphans', orphan);
  }
  return removed;
}

async function sweepContent(removal: Removal): Promise<Swept> {
  const { storage, io } = removal;
  const { blobs: files, index } = storage.files;
  const entries = await index.entries();
  const held = await storage.repositories.allDigests();
  // What a repository holds needs nothing that it does not hold too.
  const others = entries.filter(({ json }) => !held.has(json['digest']));
  const needed = await reachable(storage, others, io);
  const isUnused = async (digest: Digest): Promise<boolean> =>
    (await index.entries()) === entries && !(await storage.repositories.isHeld(digest, ['blobs', 'manifests']));
  let [blobs, bytes] = [0, 0];
  for (const digest of await files.digests()) {
    if (needed.has(digest) || held.has(digest)) continue;
    const freed = await removeOld(files.pathOf(digest), removal, () => isUnused(digest));
    if (freed === undefined) continue;
    blobs++;
    bytes += freed;
  }
  return { blobs, bytes };
}

/** Everything that index.json leads to: other tools write images into the layout too. */
async function reachable(
  storage: RegistryStorage,
  entries: readonly IndexEntry[],
  io: Io,
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  const waiting: Descriptor[] = entries.map(({ json }) => parseDescriptor(json, 'an entry of index.json'));
  for (const { mediaType } of waiting) {
    if (!isManifestType(mediaType)) {
      throw new OciError(
        'unsupported-media-type',
        'index.json names something that is no image: what it needs is unknown',
      );
    }
  }
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.digest)) continue;
    seen.add(next.digest);
    if (!isManifestType(next.mediaType)) continue;
    const size = await storage.files.blobs.size(next.digest);
    if (size === undefined) continue;
    waiting.push(...successors(await storage.read({ ...next, size }, io)));
  }
  return seen;
}

/**
 * Removes a file that is older than the limit. It is moved aside first: who renews it or comes to need it either did so
 * before, and it is put back, or finds that it has gone. @returns its size; undefined where it stays
 */
async function removeOld(
  file: string,
  { storage, limit, io }: Removal,
  isUnused: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<number | undefined> {
  io.signal.throwIfAborted();
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || found.mtimeMs >= limit) return undefined;
  const { scratch } = storage.files;
  const lock = await scratch.sharedPath('sweep.lock');
  return withFileLock(lock, () => removeAside(file, scratch, limit, isUnused), io);
}

async function removeAside(
  file: string,
  scratch: Scratch,
  limit: number,
  isUnused: () => Promise<boolean>,
): Promise<number | undefined> {
  const aside = await scratch.newPath();
  try {
    await rename(file, aside);
  } catch {
    // Windows does not move a file that is being read: the next sweep will.
    return undefined;
  }
  try {
    const { mtimeMs, size } = await stat(aside);
    if (mtimeMs < limit && (await isUnused())) {
      await rm(aside);
      return size;
    }
    await rename(aside, file);
    return undefined;
  } catch (error) {
    await rename(aside, file).catch(() => undefined);
    throw error;
  }
}
