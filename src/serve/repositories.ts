import { mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { algorithmOf, type Digest, encodedOf, isDigest } from '../oci/digest.ts';
import { isRepositoryName } from '../oci/reference.ts';
import type { Scratch } from '../layout/scratch.ts';

/** `orphans` are manifests whose index was deleted: they go when nothing needs them. */
type Kind = 'blobs' | 'manifests' | 'orphans';

/**
 * What belongs to which repository, as one small file for each digest, so that every change is one atomic step on disk:
 * `+team+app/blobs/sha256-…` (empty), `+team+app/manifests/sha256-…` (holds the media type),
 * `+team+app/orphans/sha256-…` (empty) and `+team+app/referrers/SUBJECT/MANIFEST` (empty).
 * The time of a file says when what it stands for was last asked for.
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
    for (const name of await this.all()) {
      if ((await this.digests(name, 'manifests')).length > 0) found.push(name);
    }
    return found;
  }

  /** Every repository that anything was ever pushed to, unsorted. */
  async all(): Promise<readonly string[]> {
    const folders = (await list(this.#directory)).filter((folder) => folder.startsWith('+'));
    return folders.map((folder) => folder.slice(1).replaceAll('+', '/')).filter(isRepositoryName);
  }

  /** True where anything was ever pushed to the repository. */
  async exists(repository: string): Promise<boolean> {
    return isThere(this.#folder(repository));
  }

  /** True where the repository holds it; whoever asks may rely on that for a while. */
  async use(repository: string, kind: Kind, digest: Digest): Promise<boolean> {
    return renew(this.fileOf(repository, kind, digest));
  }

  /** True where any repository holds it as one of these. */
  async isHeld(digest: Digest, kinds: readonly Kind[]): Promise<boolean> {
    for (const repository of await this.all()) {
      for (const kind of kinds) if (await isThere(this.fileOf(repository, kind, digest))) return true;
    }
    return false;
  }

  async addBlob(repository: string, digest: Digest): Promise<void> {
    await touch(this.fileOf(repository, 'blobs', digest));
  }

  /** Remembers that the index was deleted that a manifest came with. */
  async addOrphan(repository: string, digest: Digest): Promise<void> {
    await touch(this.fileOf(repository, 'orphans', digest));
  }

  /** The media type that a manifest was pushed with; undefined where the repository does not hold it. */
  async manifestType(repository: string, digest: Digest): Promise<string | undefined> {
    return readFile(this.fileOf(repository, 'manifests', digest), 'utf8').catch(() => undefined);
  }

  /** @param subject what the manifest refers to */
  async addManifest(repository: string, digest: Digest, mediaType: string, subject?: Digest): Promise<void> {
    const file = this.fileOf(repository, 'manifests', digest);
    await mkdir(path.dirname(file), { recursive: true });
    await this.#scratch.replaceFile(file, Buffer.from(mediaType));
    await this.remove(repository, 'orphans', digest);
    if (subject !== undefined) await touch(path.join(this.#referrers(repository, subject), fileName(digest)));
  }

  /** Takes a blob or manifest out of a repository; its bytes stay. */
  async remove(repository: string, kind: Kind, digest: Digest): Promise<void> {
    await rm(this.fileOf(repository, kind, digest), { force: true });
  }

  /** The blobs or manifests of a repository, sorted. */
  async digests(repository: string, kind: Kind): Promise<readonly Digest[]> {
    return digestsOf(path.join(this.#folder(repository), kind));
  }

  /** The blobs and manifests of all repositories. */
  async allDigests(): Promise<ReadonlySet<unknown>> {
    const found = new Set<Digest>();
    for (const repository of await this.all()) {
      for (const kind of ['blobs', 'manifests'] as const) {
        for (const digest of await this.digests(repository, kind)) found.add(digest);
      }
    }
    return found;
  }

  /** The manifests of a repository that have, or had before they were removed, this subject, sorted. */
  async referrers(repository: string, subject: Digest): Promise<readonly Digest[]> {
    return digestsOf(this.#referrers(repository, subject));
  }

  /** The file that stands for something in a repository. */
  fileOf(repository: string, kind: Kind, digest: Digest): string {
    return path.join(this.#folder(repository), kind, fileName(digest));
  }

  #folder(repository: string): string {
    if (!isRepositoryName(repository)) throw new TypeError('not a repository name');
    return path.join(this.#directory, `+${repository.replaceAll('/', '+')}`);
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
  await renew(file);
}

/** Sets a file's time to now; false where there is none. */
async function renew(file: string): Promise<boolean> {
  const now = new Date();
  return utimes(file, now, now).then(
    () => true,
    () => isThere(file),
  );
}
