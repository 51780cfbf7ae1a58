import path from 'node:path';
import { readAll } from '../content/bytes.ts';
import type { Io } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import { OciError } from '../errors.ts';
import { entryOf, type IndexEntry, refNameAnnotation } from '../layout/layoutIndex.ts';
import { type LayoutFiles, openLayout } from '../layout/openLayout.ts';
import { manifestsBelow } from '../layout/walkManifests.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { type Manifest, maxManifestBytes, parseManifest, successors } from '../oci/manifest.ts';
import { isManifestType } from '../oci/mediaTypes.ts';
import { isRepositoryName, isTag } from '../oci/reference.ts';
import { Repositories } from './repositories.ts';
import { Uploads } from './uploads.ts';

/**
 * What the local registry keeps: one OCI layout whose index.json names `repository:tag`, and beside it, in `.registry`,
 * which repository holds what.
 */
export class RegistryStorage {
  readonly files: LayoutFiles;
  readonly repositories: Repositories;
  readonly uploads: Uploads;

  private constructor(files: LayoutFiles, directory: string) {
    this.files = files;
    this.repositories = new Repositories(path.join(directory, 'repositories'), files.scratch);
    this.uploads = new Uploads(path.join(directory, 'uploads'));
  }

  /** Opens the storage of a folder, which is made where it is missing. @throws OciError already-exists, forbidden */
  static async open(folder: string): Promise<RegistryStorage> {
    const files = await openLayout(folder, { create: true });
    return new RegistryStorage(files, path.join(files.root, '.registry'));
  }

  /** The size of a blob in bytes; undefined where the repository does not hold it. */
  async blobSize(repository: string, digest: Digest): Promise<number | undefined> {
    return (await this.repositories.use(repository, 'blobs', digest)) ? this.files.blobs.size(digest) : undefined;
  }

  /** The manifest that a tag or digest names in a repository; undefined where there is none. */
  async manifest(repository: string, reference: string, io: Io): Promise<Descriptor | undefined> {
    const entry = isDigest(reference) ? undefined : await this.#tagged(repository, reference);
    const digest = isDigest(reference) ? reference : entry?.json['digest'];
    if (!isDigest(digest)) return undefined;
    const size = await this.files.blobs.size(digest);
    if (size === undefined) return undefined;
    if (entry !== undefined) await this.#adopt(repository, entry, digest, io);
    const mediaType = await this.repositories.manifestType(repository, digest);
    if (mediaType === undefined) return undefined;
    await this.repositories.use(repository, 'manifests', digest);
    return { mediaType, digest, size };
  }

  /** The parsed manifest of a descriptor; its bytes are verified. @throws OciError */
  async read({ mediaType, digest, size }: Descriptor, io: Io): Promise<Manifest> {
    if (size > maxManifestBytes) throw new OciError('too-large', `${digest} is too large for a manifest`);
    const stream = verified(this.files.blobs.read(digest, io), { mediaType, digest, size });
    const bytes = await readAll(stream, maxManifestBytes, digest);
    return parseManifest(bytes, mediaType);
  }

  /** The tags of a repository, unsorted. */
  async tags(repository: string): Promise<readonly string[]> {
    const names = await this.#names();
    return names.flatMap((each) => (each.repository === repository ? [each.tag] : []));
  }

  /** What the tags of a repository name. */
  async taggedDigests(repository: string): Promise<readonly Digest[]> {
    const entries = (await this.files.index.entries()).filter((entry) => splitName(entry)?.repository === repository);
    return entries.map(({ json }) => json['digest']).filter(isDigest);
  }

  /** The names of all repositories that hold a manifest, unsorted. */
  async repositoryNames(): Promise<readonly string[]> {
    const tagged = (await this.#names()).map(({ repository }) => repository);
    return [...new Set([...tagged, ...(await this.repositories.names())])];
  }

  async tag(repository: string, descriptor: Descriptor, tag: string, io: Io): Promise<void> {
    const name = `${repository}:${tag}`;
    const { mediaType, digest, size } = descriptor;
    const entry = entryOf({ mediaType, digest, size, annotations: { [refNameAnnotation]: name } });
    await this.files.index.update((entries) => {
      const same = entries.filter((each) => each.name === name);
      if (same.length === 1 && same[0]?.json['digest'] === digest) return entries;
      return [...entries.filter((each) => each.name !== name), entry];
    }, io);
  }

  /** Removes a tag; false where there was none. */
  async untag(repository: string, tag: string, io: Io): Promise<boolean> {
    return this.#dropEntries((entry) => entry.name === `${repository}:${tag}`, io);
  }

  /** Removes a manifest and its tags from one repository; those below an index are left to the sweep. */
  async removeManifest(repository: string, descriptor: Descriptor, io: Io): Promise<void> {
    const { digest } = descriptor;
    for await (const below of manifestsBelow([descriptor], (each) => this.read(each, io))) {
      if (below.descriptor.digest !== digest) await this.repositories.addOrphan(repository, below.descriptor.digest);
    }
    const ours = (entry: IndexEntry): boolean => splitName(entry)?.repository === repository;
    await this.#dropEntries((entry) => entry.json['digest'] === digest && ours(entry), io);
    await this.repositories.remove(repository, 'manifests', digest);
  }

  async #dropEntries(which: (entry: IndexEntry) => boolean, io: Io): Promise<boolean> {
    let dropped = false;
    await this.files.index.update((entries) => {
      dropped = entries.some(which);
      return dropped ? entries.filter((entry) => !which(entry)) : entries;
    }, io);
    return dropped;
  }

  async #tagged(repository: string, tag: string): Promise<IndexEntry | undefined> {
    return (await this.files.index.entries()).find((entry) => entry.name === `${repository}:${tag}`);
  }

  async #names(): Promise<readonly RepositoryTag[]> {
    return (await this.files.index.entries()).flatMap((entry) => splitName(entry) ?? []);
  }

  /** Lets a repository hold an image that another tool wrote into the layout: parts first, so that a crash leaves no half. */
  async #adopt(repository: string, entry: IndexEntry, digest: Digest, io: Io): Promise<void> {
    if ((await this.repositories.manifestType(repository, digest)) !== undefined) return;
    const found = [];
    for await (const each of manifestsBelow([entry.json], (descriptor) => this.read(descriptor, io))) found.push(each);
    for (const { descriptor, manifest } of found.reverse()) {
      for (const { mediaType, digest: blob } of successors(manifest)) {
        if (!isManifestType(mediaType)) await this.repositories.addBlob(repository, blob);
      }
      const { mediaType, subject } = manifest;
      await this.repositories.addManifest(repository, descriptor.digest, mediaType, subject?.digest);
    }
  }
}

interface RepositoryTag {
  readonly repository: string;
  readonly tag: string;
}

/** The parts of the name `repository:tag`; undefined for entries that other tools named otherwise. */
function splitName({ name = '' }: IndexEntry): RepositoryTag | undefined {
  const colon = name.indexOf(':');
  const [repository, tag] = [name.slice(0, colon), name.slice(colon + 1)];
  return colon > 0 && isRepositoryName(repository) && isTag(tag) ? { repository, tag } : undefined;
}
