import type { LayerEntry } from '../archive/layerIndex.ts';
import type { ContentPlace } from '../archive/layerStack.ts';

/**
 * Places of content of one merged view, each once. Two layers may be the same blob and share their entries: they are told by
 * layer first.
 */
export class PlaceSet {
  readonly #layers = new Map<number, Set<LayerEntry>>();

  has({ layer, entry }: ContentPlace): boolean {
    return this.#layers.get(layer)?.has(entry) === true;
  }

  /** True where the place was not there before. */
  add({ layer, entry }: ContentPlace): boolean {
    const entries = this.#layers.get(layer) ?? new Set();
    if (entries.has(entry)) return false;
    this.#layers.set(layer, entries.add(entry));
    return true;
  }

  /** True where the place was there. */
  delete({ layer, entry }: ContentPlace): boolean {
    return this.#layers.get(layer)?.delete(entry) === true;
  }
}
