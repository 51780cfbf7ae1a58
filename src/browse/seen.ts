import type { EntryType, LayerEntry } from '../archive/layerIndex.ts';
import type { IndexOptions } from '../archive/layers.ts';

/** Names that are shown of a layer that is still being read. */
const maxNames = 1000;

/** What a reading has come across so far. */
export class Seen {
  /** The top-level names of the layer that is shown, with what they are. */
  readonly names = new Map<string, EntryType>();
  files = 0;
  /** Bytes that were fetched. */
  bytes = 0;
  /** Of all that is to be fetched, as far as that is known. */
  total = 0;

  /** For the layer that is shown. */
  readonly own: IndexOptions = { onEntries: (entries) => this.#note(entries) };
  /** For all layers that have to be read. */
  readonly all: IndexOptions = { onBytes: (bytes) => (this.bytes += bytes) };

  #note(entries: readonly LayerEntry[]): void {
    this.files += entries.length;
    if (this.names.size >= maxNames) return;
    for (const { path, type, unsafe } of entries) {
      const slash = path.indexOf('/');
      const name = slash < 0 ? path : path.slice(0, slash);
      if (name === '' || unsafe !== undefined || name.startsWith('.wh.')) continue;
      if (!this.names.has(name) || slash < 0) this.names.set(name, slash < 0 ? type : 'directory');
    }
  }
}
