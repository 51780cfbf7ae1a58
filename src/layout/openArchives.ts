import type { Io } from '../content/store.ts';
import { ArchiveFile } from './archiveFile.ts';
import { ArchiveMembers } from './archiveMembers.ts';
import { ArchiveStore } from './archiveStore.ts';
import { dockerArchiveImages } from './dockerArchiveImages.ts';
import type { LocalTransport } from './localReference.ts';
import { ociArchiveImages } from './ociArchiveImages.ts';

export type ArchiveTransport = Exclude<LocalTransport, 'oci'>;

interface Opened {
  readonly file: ArchiveFile;
  readonly store: ArchiveStore;
}

/** Most archives that are kept, unpacked where they are compressed. */
const maxOpen = 16;

/** Archives that were opened, kept for the next time until their files change. */
export class OpenArchives {
  readonly #temporary: string;
  readonly #open = new Map<string, Opened>();

  /** @param temporary a folder for what compressed archives unpack to */
  constructor(temporary: string) {
    this.#temporary = temporary;
  }

  /** @throws OciError not-found, forbidden, corrupt-archive, unsupported-media-type, invalid-manifest, too-large */
  async open(transport: ArchiveTransport, path: string, io: Io): Promise<ArchiveStore> {
    const file = await ArchiveFile.open(path, this.#temporary, io);
    const key = `${transport}:${file.path}`;
    const known = this.#open.get(key);
    if (known?.file.version === file.version) return known.store;
    const store = await openArchive(transport, file, io);
    await this.#release(key);
    this.#open.delete(key);
    this.#open.set(key, { file, store });
    for (const old of [...this.#open.keys()].slice(0, -maxOpen)) await this.#release(old);
    return store;
  }

  /** Gives back the disk space of archives that were compressed. Stores that are still used unpack them anew. */
  async close(): Promise<void> {
    for (const key of [...this.#open.keys()]) await this.#release(key);
  }

  /** An archive that can be unpacked once more is kept, so that the next `close` finds it. */
  async #release(key: string): Promise<void> {
    const known = this.#open.get(key);
    if (known?.file.compression === 'none') this.#open.delete(key);
    await known?.file.close();
  }
}

async function openArchive(transport: ArchiveTransport, file: ArchiveFile, io: Io): Promise<ArchiveStore> {
  try {
    const members = await ArchiveMembers.read(file, io);
    const images = transport === 'oci-archive' ? ociArchiveImages(members, io) : dockerArchiveImages(members, io);
    return new ArchiveStore(await images);
  } catch (error) {
    await file.close();
    throw error;
  }
}
