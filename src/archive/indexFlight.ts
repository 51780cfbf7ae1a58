import { Flight } from '../content/flight.ts';
import type { ContentSource, Io } from '../content/store.ts';
import type { LayerEntry, LayerIndex } from './layerIndex.ts';

/** What a caller wants to hear of a reading. */
export interface IndexOptions {
  /** Called with new entries as they are read; not called where the index is known already. */
  readonly onEntries?: (entries: readonly LayerEntry[]) => void;
  /** Called with the number of bytes of each piece of the blob that was fetched. */
  readonly onBytes?: (bytes: number) => void;
}

/** A caller of readings of one layer: what was told by one is not told again by the next. */
export class Listener {
  readonly #options: IndexOptions;
  #entries = 0;
  #bytes = 0;

  constructor(options: IndexOptions) {
    this.#options = options;
  }

  hear(entries: readonly LayerEntry[], bytes: number): void {
    const more = entries.slice(this.#entries);
    const fetched = bytes - this.#bytes;
    this.#entries += more.length;
    this.#bytes += Math.max(0, fetched);
    if (more.length > 0) this.#options.onEntries?.(more);
    if (fetched > 0) this.#options.onBytes?.(fetched);
  }
}

/** What a reading tells while it goes on. */
export interface IndexProgress {
  readonly entries: (entries: readonly LayerEntry[]) => void;
  readonly bytes: (bytes: number) => void;
}

/** One reading of a layer that several callers share. Who comes later first hears what was read so far. */
export class IndexFlight {
  readonly source: ContentSource;
  readonly #flight: Flight<LayerIndex>;
  readonly #listeners = new Set<Listener>();
  readonly #entries: LayerEntry[] = [];
  #bytes = 0;

  constructor(
    source: ContentSource,
    read: (progress: IndexProgress, io: Io) => Promise<LayerIndex>,
    onEnd: () => void,
  ) {
    this.source = source;
    const progress: IndexProgress = {
      entries: (entries) => {
        for (const entry of entries) this.#entries.push(entry);
        this.#tell();
      },
      bytes: (bytes) => {
        this.#bytes += bytes;
        this.#tell();
      },
    };
    this.#flight = new Flight((io) => read(progress, io), onEnd);
  }

  async join(listener: Listener, io: Io): Promise<LayerIndex> {
    this.#listeners.add(listener);
    listener.hear(this.#entries, this.#bytes);
    try {
      return await this.#flight.join(io);
    } finally {
      this.#listeners.delete(listener);
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener.hear(this.#entries, this.#bytes);
  }
}
