import { Flight } from '../content/flight.ts';
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
  readonly #opening = new Map<string, Flight<ArchiveStore>>();

  /** @param temporary a folder for what compressed archives unpack to */
  constructor(temporary: string) {
    this.#temporary = temporary;
  }

  /**
   * Who opens an archive while another does so gets the same: it is unpacked once.
   * @throws OciError not-found, forbidden, corrupt-archive, unsupported-media-type, invalid-manifest, too-large
   */
  async open(transport: ArchiveTransport, path: string, io: Io): Promise<ArchiveStore> {
    const file = await ArchiveFile.open(path, this.#temporary, io);
    const known = this.#open.get(keyOf(transport, file));
    if (known?.file.version === file.version) return known.store;
    return this.#flight(transport, file).join(io);
  }

  /** Gives back the disk space of archives that were compressed. Stores that are still used unpack them anew. */
  async close(): Promise<void> {
    for (const key of [...this.#open.keys()]) await this.#release(key);
  }

  #flight(transport: ArchiveTransport, file: ArchiveFile): Flight<ArchiveStore> {
    const id = `${file.version}:${keyOf(transport, file)}`;
    const running = this.#opening.get(id);
    if (running !== undefined) return running;
    const flight: Flight<ArchiveStore> = new Flight(
      (io) => this.#read(transport, file, io),
      () => {
        if (this.#opening.get(id) === flight) this.#opening.delete(id);
      },
    );
    this.#opening.set(id, flight);
    return flight;
  }

  async #read(transport: ArchiveTransport, file: ArchiveFile, io: Io): Promise<ArchiveStore> {
    const key = keyOf(transport, file);
    const store = await openArchive(transport, file, io);
    await this.#release(key);
    this.#open.delete(key);
    this.#open.set(key, { file, store });
    for (const old of [...this.#open.keys()].slice(0, -maxOpen)) await this.#release(old);
    return store;
  }

  /** An archive that can be unpacked once more is kept, so that the next `close` finds it. */
  async #release(key: string): Promise<void> {
    const known = this.#open.get(key);
    if (known?.file.compression === 'none') this.#open.delete(key);
    await known?.file.close();
  }
}

function keyOf(transport: ArchiveTransport, file: ArchiveFile): string {
  return `${transport}:${file.path}`;
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
