import type { RegistryList } from './access.ts';
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
  readonly settings: () => BrowseSettings;
  /** Repositories the user opened by name. */
  readonly opened: () => readonly { readonly registry: string; readonly repository: string }[];
}
