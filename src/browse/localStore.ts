import type { ImageStore, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import type { BrowsedStore } from './access.ts';
import { canBeNamed, formatPlace, type LocalPlace, soleImage } from './places.ts';

/** Opens layouts and archives by references; what was opened is kept until it changes on disk. */
export interface LocalStores {
  /** One image, the only one where the reference names none. @throws OciError invalid-reference, not-found, … */
  source(text: string, io: Io): Promise<{ readonly store: ImageStore; readonly identifier: string }>;
  repository(text: string, io: Io): Promise<{ readonly store: ImageStore }>;
}

/** The images of a layout or archive, opened anew at each use: whoever holds the store sees the place as it is on disk. */
export function localStore(place: LocalPlace, stores: LocalStores): BrowsedStore {
  assertNamed(place);
  const text = formatPlace(place);
  const open = async (io: Io): Promise<ImageStore> => (await stores.repository(text, io)).store;
  const store: BrowsedStore = {
    resolve: async (identifier, io) => {
      if (identifier !== soleImage) return (await open(io)).resolve(identifier, io);
      const sole = await stores.source(text, io);
      return sole.store.resolve(sole.identifier, io);
    },
    fetch: async (descriptor, io) => (await open(io)).fetch(descriptor, io),
    fetchRange: async (descriptor, range, io) => {
      const opened = await open(io);
      if (opened.fetchRange !== undefined) return opened.fetchRange(descriptor, range, io);
      throw new OciError('unsupported-media-type', `${text} gives out whole blobs only`);
    },
    async *tagPages(io) {
      yield* (await open(io)).tagPages?.(io) ?? [];
    },
  };
  if (place.registry !== 'oci') return store;
  return { ...store, referrers: async (digest, io) => (await (await open(io)).referrers?.(digest, io)) ?? [] };
}

/** @throws OciError invalid-reference for a path that no reference can hold */
export function assertNamed(place: LocalPlace): void {
  if (canBeNamed(place)) return;
  throw new OciError(
    'invalid-reference',
    `${escapeText(place.repository)} cannot stand in a reference, for a colon ends the path there. Rename it, or move it.`,
  );
}
