import type { ImageSource, ImageStore, Io, RangeReader, ReferrerLister, TagLister } from '../content/store.ts';
import { isLocal, type LocalPlace, type Place } from './places.ts';

/** What looking at images takes of a store. */
export type BrowsedStore = ImageSource & Partial<TagLister & ReferrerLister & RangeReader>;

/** One registry as the tree sees it, connected at its first request. */
export interface RegistryAccess {
  /** `host[:port]` as in Reference.registry. */
  readonly name: string;
  readonly alias?: string;
  /** The registry that this program itself serves on loopback. */
  readonly local?: boolean;
  /** Its certificate is not checked, or it is spoken to in plain HTTP by a setting. */
  readonly insecure?: boolean;
  readonly readOnly?: boolean;
  /** `off`: its catalogue is never asked for. */
  readonly catalog?: 'auto' | 'on' | 'off';
  /** Only repositories below these paths are shown. */
  readonly namespaces?: readonly string[];
  /** Returns where the registry answers and lets this user in. @throws OciError unauthorized, unavailable, … */
  ping(io: Io): Promise<void>;
  /** Repository names of the catalogue, page by page, as they are read. */
  repositoryPages(io: Io): AsyncIterable<readonly string[]>;
  repository(name: string): ImageStore;
  /** Whose credential would be used and where it was found, never a secret; undefined: none, anonymous. */
  account?(io: Io): Promise<{ readonly account?: string; readonly origin: string } | undefined>;
}

/** Every registry that is configured, and any other by name. */
export interface RegistryList {
  all(): readonly RegistryAccess[];
  /** Configured or not. @throws OciError invalid-reference */
  get(name: string): RegistryAccess;
  /** What of the settings could not be read, in sentences. Default: nothing. */
  problems?(): readonly string[];
  readonly onDidChange: (listener: () => void) => { dispose(): void };
}

/** Every place that images are looked at in. */
export interface ImagePlaces {
  readonly registries: RegistryList;
  /** Layouts and archives on disk. */
  readonly local: { store(place: LocalPlace): BrowsedStore };
}

/** The store of a repository, layout or archive, opened at its first use. @throws OciError invalid-reference */
export function storeOf({ registries, local }: ImagePlaces, place: Place): BrowsedStore {
  return isLocal(place) ? local.store(place) : registries.get(place.registry).repository(place.repository);
}
