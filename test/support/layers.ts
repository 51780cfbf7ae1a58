import { Layers } from '../../src/archive/layers.ts';
import { defaultLayerLimits, type LayerEntry, type LayerIndex } from '../../src/archive/layerIndex.ts';
import { BlobCache } from '../../src/content/blobCache.ts';

/** What a test says of an entry; all else has defaults. */
export type EntrySpec = Partial<LayerEntry> & Pick<LayerEntry, 'path'>;

/** An entry: a file of mode 0644, a directory of 0755, of root. */
export function entry(spec: EntrySpec): LayerEntry {
  const { type = 'file' } = spec;
  const mode = { directory: 0o755, symlink: 0o777 }[type as string] ?? 0o644;
  return { type, size: 0, mode, uid: 0, gid: 0, mtime: 0, offset: 0, ...spec };
}

/** The index of an uncompressed layer of these entries. */
export function layerOf(...specs: readonly EntrySpec[]): LayerIndex {
  return { compression: 'none', tarSize: 1024, entries: specs.map(entry), problems: [] };
}

/** A layer service with its cache in a folder of its own. */
export function testLayers(directory: string, maxBytes = 1 << 30): Layers {
  const cache = new BlobCache(() => ({ directory, maxBytes }));
  return new Layers({ cache, limits: () => defaultLayerLimits });
}
