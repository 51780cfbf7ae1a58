import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { algorithmOf, type Digest, encodedOf, isDigest } from '../oci/digest.ts';
import { isRepositoryName } from '../oci/reference.ts';
import type { Scratch } from '../layout/scratch.ts';

type Kind = 'blobs' | 'manifests';

/**
 * What belongs to which repository, as one small file for each digest, so that every change is one atomic step on disk:
 * `+team+app/blobs/sha256-…` (empty), `+team+app/manifests/sha256-…` (holds the media type) and
 * `+team+app/referrers/SUBJECT/MANIFEST` (empty).
 */
export class Repositories {
  readonly #directory: string;
  readonly #scratch: Scratch;

  constructor(directory: string, scratch: Scratch) {
    this.#directory = directory;
    this.#scratch = scratch;
  }

  /** Every repository that holds a manifest, unsorted. */
  async names(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const folder of await list(this.#directory)) {
      const name = folder.slice(1).replaceAll('+', '/');
      if (!folder.startsWith('+') || !isRepositoryName(name)) continue;
      if ((await this.digests(name, 'manifests')).length > 0) found.push(name);
    }
    return found;
  }

  /** True where anything was ever pushed to the repository. */
  async exists(repository: string): Promise<boolean> {
    return isThere(this.#folder(repository));
  }

  async hasBlob(repository: string, digest: Digest): Promise<boolean> {
    return isThere(this.#file(repository, 'blobs', digest));
  }

  /** A repository that holds a blob; undefined where none does. */
  async holderOf(digest: Digest): Promise<string | undefined> {
    for (const folder of await list(this.#directory)) {
      if (await isThere(path.join(this.#directory, folder, 'blobs', fileName(digest)))) return folder;
    }
    return undefined;
  }

  async addBlob(repository: string, digest: Digest): Promise<void> {
    await touch(this.#file(repository, 'blobs', digest));
  }

  /** The media type that a manifest was pushed with; undefined where the repository does not hold it. */
  async manifestType(repository: string, digest: Digest): Promise<string | undefined> {
    return readFile(this.#file(repository, 'manifests', digest), 'utf8').catch(() => undefined);
  }

  /** @param subject what the manifest refers to */
  async addManifest(repository: string, digest: Digest, mediaType: string, subject?: Digest): Promise<void> {
    const file = this.#file(repository, 'manifests', digest);
    await mkdir(path.dirname(file), { recursive: true });
    await this.#scratch.replaceFile(file, Buffer.from(mediaType));
    if (subject !== undefined) await touch(path.join(this.#referrers(repository, subject), fileName(digest)));
  }

  /** Takes a blob or manifest out of a repository; its bytes stay. */
  async remove(repository: string, kind: Kind, digest: Digest): Promise<void> {
    await rm(this.#file(repository, kind, digest), { force: true });
  }

  /** The blobs or manifests of a repository, sorted. */
  async digests(repository: string, kind: Kind): Promise<readonly Digest[]> {
    return digestsOf(path.join(this.#folder(repository), kind));
  }

  /** The manifests of a repository that have, or had before they were removed, this subject, sorted. */
  async referrers(repository: string, subject: Digest): Promise<readonly Digest[]> {
    return digestsOf(this.#referrers(repository, subject));
  }

  #folder(repository: string): string {
    if (!isRepositoryName(repository)) throw new TypeError('not a repository name');
    return path.join(this.#directory, `+${repository.replaceAll('/', '+')}`);
  }

  #file(repository: string, kind: Kind, digest: Digest): string {
    return path.join(this.#folder(repository), kind, fileName(digest));
  }

  #referrers(repository: string, subject: Digest): string {
    return path.join(this.#folder(repository), 'referrers', fileName(subject));
  }
}

function fileName(digest: Digest): string {
  if (!isDigest(digest)) throw new TypeError('not a digest');
  return `${algorithmOf(digest)}-${encodedOf(digest)}`;
}

async function digestsOf(folder: string): Promise<readonly Digest[]> {
  const names = await list(folder);
  return names
    .map((name) => name.replace('-', ':'))
    .filter(isDigest)
    .sort();
}

async function list(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function touch(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await (await open(file, 'a')).close();
}
