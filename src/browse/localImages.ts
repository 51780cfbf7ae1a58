import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import type { ArchivedImage, ArchiveDescription } from '../layout/archives.ts';
import { escapeText } from '../oci/reference.ts';
import { mapParallel } from '../operations/parallel.ts';
import type { BrowsedStore } from './access.ts';
import { assertNamed, type LocalStores, localStore } from './localStore.ts';
import type { LocalPlace, Place } from './places.ts';
import { sharedRead } from './sharedRead.ts';

export interface LocalImagesOptions {
  readonly stores: LocalStores;
  /** Absolute paths in the workspace that may be layouts or archives: the folder of a layout, a tar. */
  readonly candidates: (io: Io) => Promise<readonly string[]>;
  /** What the user opened, wherever it is. */
  readonly opened: () => readonly LocalPlace[];
  readonly isInWorkspace: (path: string) => boolean;
}

/** A layout or archive that is shown. */
export interface LocalArchive extends LocalPlace {
  /** Bytes on disk; absent where that is not known. */
  readonly size?: number;
  readonly opened: boolean;
}

/** What is shown, and how many files of the workspace could not be looked through in time. */
export interface LocalListing {
  readonly archives: readonly LocalArchive[];
  readonly skipped: number;
}

/** Most files of a workspace that are looked at, the largest in bytes, and milliseconds for one and for all. */
const limits = { candidates: 300, bytes: 20 * 2 ** 30, each: 3000, all: 20_000, parallel: 3 } as const;
/** Files of a layout whose sizes are added up. */
const maxBlobs = 10_000;

interface Described {
  readonly version: string;
  readonly description: ArchiveDescription | undefined;
}

/** The layouts and archives of a workspace and those that were opened: found at the first look, and again when forgotten. */
export class LocalImages {
  readonly #options: LocalImagesOptions;
  readonly #described = new Map<string, Described>();
  #listing: Promise<LocalListing> | undefined;

  constructor(options: LocalImagesOptions) {
    this.#options = options;
  }

  /** What is opened, then what the workspace has. */
  async all(io: Io): Promise<LocalListing> {
    return sharedRead(async () => {
      const listing = (this.#listing ??= this.#find(io));
      try {
        return await listing;
      } catch (error) {
        // A reading that was given up is no answer for the next one who asks.
        if (this.#listing === listing) this.#listing = undefined;
        throw error;
      }
    }, io);
  }

  /** Looks for all of them anew at the next `all`. */
  forget(): void {
    this.#listing = undefined;
  }

  /** True for a place that the user opened or whose path is in the workspace: others are read through no address. */
  knows(place: Place): boolean {
    const { opened, isInWorkspace } = this.#options;
    const isOpened = opened().some((one) => one.registry === place.registry && one.repository === place.repository);
    return isOpened || isInWorkspace(place.repository);
  }

  /**
   * The images of a layout or archive as it is on disk now.
   * @throws OciError not-found, forbidden; invalid-manifest for what holds no images; invalid-reference
   */
  async images(place: LocalPlace, io: Io): Promise<readonly ArchivedImage[]> {
    assertNamed(place);
    const description = await this.describe(place.repository, io);
    if (description?.kind === place.registry) return description.images;
    const store = localStore(place, this.#options.stores);
    // An archive may be of two kinds at once; what is wrong with one that is damaged, its store says.
    for await (const page of store.tagPages?.(io) ?? []) return page.map((name) => ({ name }));
    return [];
  }

  /** What a file or folder holds; undefined where it holds no images. What was found is kept until it changes. */
  async describe(file: string, io: Io): Promise<ArchiveDescription | undefined> {
    const version = await versionOf(file);
    const known = this.#described.get(file);
    if (known !== undefined && known.version === version) return known.description;
    const { describeArchive } = await import('../layout/archives.ts');
    const description = await describeArchive(file, io);
    this.#described.set(file, { version, description });
    return description;
  }

  /** The place of a file or folder that holds images. @throws OciError unsupported-media-type for one that does not */
  async placeAt(file: string, io: Io): Promise<LocalPlace> {
    const description = await this.describe(file, io);
    if (description !== undefined) return { registry: description.kind, repository: file };
    throw new OciError(
      'unsupported-media-type',
      `${escapeText(file)} holds no images, or is damaged: an OCI layout is a folder with index.json and oci-layout in it, ` +
        'an archive a tar with index.json or manifest.json.',
    );
  }

  store(place: LocalPlace): BrowsedStore {
    return localStore(place, this.#options.stores);
  }

  async #find(io: Io): Promise<LocalListing> {
    const opened = this.#options.opened();
    const shown = new Set(opened.map(({ repository }) => repository));
    const paths = [...new Set(await this.#options.candidates(io))].filter((file) => !shown.has(file));
    // What stands further up in a workspace is the likelier to be wanted.
    const first = paths.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, limits.candidates);
    const end = AbortSignal.timeout(limits.all);
    const found = await mapParallel(first, limits.parallel, (file, inner) => this.#look(file, end, inner), io);
    const places = found.flatMap((one) => (typeof one === 'object' ? [{ ...one, opened: false }] : []));
    const all = [...opened.map((place) => ({ ...place, opened: true })), ...places.sort(byPath)];
    const archives = await mapParallel(all, limits.parallel, (place) => withSize(place), io);
    return { archives, skipped: found.filter((one) => one === 'skipped').length + paths.length - first.length };
  }

  /** What a file of the workspace is; undefined for one that is no archive of images. */
  async #look(file: string, end: AbortSignal, io: Io): Promise<LocalPlace | 'skipped' | undefined> {
    await setImmediate();
    const signal = AbortSignal.any([io.signal, end, AbortSignal.timeout(limits.each)]);
    try {
      signal.throwIfAborted();
      if ((await stat(file)).size > limits.bytes) return 'skipped';
      const description = await this.describe(file, { signal });
      return description === undefined ? undefined : { registry: description.kind, repository: file };
    } catch (error) {
      io.signal.throwIfAborted();
      if (signal.aborted) return 'skipped';
      // Its row says what is wrong with it.
      if (isOciError(error, 'invalid-manifest') && path.extname(file) === '')
        return { registry: 'oci', repository: file };
      return undefined;
    }
  }
}

function byPath(a: LocalPlace, b: LocalPlace): number {
  return a.repository < b.repository ? -1 : 1;
}

/** Changes whenever a file or a layout's index does; absent files have one too. */
async function versionOf(file: string): Promise<string> {
  const parts = await Promise.all(
    [file, path.join(file, 'index.json')].map((one) => stat(one, { bigint: true }).catch(() => undefined)),
  );
  return parts.map((found) => `${found?.ino ?? ''}/${found?.size ?? ''}/${found?.mtimeNs ?? ''}`).join();
}

async function withSize<One extends LocalPlace>(place: One): Promise<One & { readonly size?: number }> {
  try {
    const size = place.registry === 'oci' ? await layoutSize(place.repository) : (await stat(place.repository)).size;
    return size === undefined ? place : { ...place, size };
  } catch {
    return place;
  }
}

/** The bytes of a layout's blobs; undefined where it has more than are counted. */
async function layoutSize(folder: string): Promise<number | undefined> {
  let [size, count] = [0, 0];
  for (const algorithm of ['sha256', 'sha512']) {
    const blobs = path.join(folder, 'blobs', algorithm);
    for (const name of await readdir(blobs).catch(() => [])) {
      if (++count > maxBlobs) return undefined;
      size += (await stat(path.join(blobs, name))).size;
    }
  }
  return size;
}
