import type { RegistryList } from './access.ts';
import type { ImageFolders } from './imageFolders.ts';
import type { LocalImages } from './localImages.ts';
import type { Patience } from './slowReads.ts';
import type { TagOrder } from './tagOrder.ts';

/** How the tree is shown; asked for at each use. */
export interface BrowseSettings {
  /** Names that are shown before Load more. */
  readonly pageSize: number;
  readonly groupByPath: boolean;
  readonly sortTags: TagOrder;
}

export interface BrowserOptions {
  readonly registries: RegistryList;
  /** Layouts and archives on disk. */
  readonly local: LocalImages;
  /** What is known of the files of images. */
  readonly folders: ImageFolders;
  readonly settings: () => BrowseSettings;
  /** Repositories the user opened by name. */
  readonly opened: () => readonly { readonly registry: string; readonly repository: string }[];
  /** Default: 0.4 s until something is shown of a layer, and 1 s until it is drawn again. */
  readonly patience?: Patience;
}
