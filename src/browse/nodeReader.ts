import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { isRepositoryName, isTag } from '../oci/reference.ts';
import { type BrowsedStore, type RegistryAccess, storeOf } from './access.ts';
import { archiveChildren } from './archiveNodes.ts';
import type { BrowserOptions } from './browseOptions.ts';
import { FileReader } from './fileReader.ts';
import type { ImageCache } from './imageCache.ts';
import { layerNodes, manifestChildren, referrerNodes } from './imageNodes.ts';
import type { ChildReader, Children, Listing, ListingOf } from './listings.ts';
import { belowPaths, nameFilter } from './nameFilter.ts';
import {
  emptyNode,
  loadMoreNode,
  namespaceNode,
  noMatchNode,
  pinnedNode,
  pinnedRepository,
  repositoryNodes,
  tagNode,
  unlistedNode,
} from './nameNodes.ts';
import { NamePager } from './namePager.ts';
import type { ManifestNode, NamespaceNode, ReferrersNode, RegistryNode, RepositoryNode, TreeNode } from './nodes.ts';
import type { Place } from './places.ts';
import type { SlowReads } from './slowReads.ts';
import { sortTags } from './tagOrder.ts';

/** Tags looked at before they are shown by version, so that the newest of many stand on the first page. */
const versionWindow = 1000;

export interface NodeReaderOptions extends BrowserOptions {
  readonly images: ImageCache;
  readonly slow: SlowReads;
  readonly filterOf: (repository?: RepositoryNode) => string;
  readonly parent: (node: TreeNode) => TreeNode | undefined;
}

/** Finds out what stands below each kind of node. */
export class NodeReader implements ChildReader {
  readonly #options: NodeReaderOptions;
  readonly #files: FileReader;

  constructor(options: NodeReaderOptions) {
    this.#options = options;
    this.#files = new FileReader(options.folders, options.slow);
  }

  async read(node: TreeNode, listing: Listing, listingOf: ListingOf, io: Io): Promise<Children> {
    switch (node.kind) {
      case 'registry':
        return this.#registry(node, listing, io);
      case 'namespace':
        return this.#namespace(node, listingOf, io);
      case 'pinned':
        return { nodes: this.#opened(node.registry).map((name) => pinnedRepository(node, name)) };
      case 'repository':
        return this.#repository(node, listing, io);
      case 'archive':
        return { nodes: await archiveChildren(node, this.#options.local, io) };
      case 'tag':
      case 'platform':
      case 'referrer':
        return { nodes: await this.#manifest(node, io) };
      case 'layers':
        return { nodes: layerNodes(node, await this.#options.images.read(node, node.manifest, this.#store(node), io)) };
      case 'referrers':
        return { nodes: await this.#referrers(node, io) };
      case 'filesystem':
      case 'layer':
      case 'path':
      case 'unsafe':
        return this.#files.read(node, listing, io);
      case 'config':
      case 'loadMore':
      case 'error':
      case 'empty':
      case 'note':
        return { nodes: [] };
    }
  }

  async #registry(node: RegistryNode, listing: Listing, io: Io): Promise<Children> {
    const pinned = this.#opened(node.registry).length > 0 ? [pinnedNode(node.registry)] : [];
    const access = this.#options.registries.get(node.registry);
    const { namespaces = [] } = access;
    const paths = namespaces.map((path) => namespaceNode(node.registry, path, path));
    if (access.catalog === 'off') {
      if (paths.length > 0) return { nodes: [...pinned, ...paths] };
      return { nodes: [...pinned, unlistedNode(node, 'Its catalogue is switched off: open an image by its name')] };
    }
    const pager = (listing.pager ??= this.#catalogue(access));
    const failure = await attempt(() => pager.read(listing.shown + 1, io));
    if (pager.names.length === 0 && isUnlisted(failure)) {
      const login = isOciError(failure, 'unauthorized');
      if (paths.length > 0) return { nodes: [...pinned, ...paths], ...(login ? { failure } : {}) };
      const hint = unlistedNode(node, 'Or open an image by its name');
      return { nodes: pinned, failure, hints: login ? [hint] : [] };
    }
    const shown = pager.names.slice(0, listing.shown);
    const { groupByPath } = this.#options.settings();
    const names = repositoryNodes(node.registry, shown, '', { grouped: groupByPath });
    return { nodes: [...pinned, ...names, ...this.#rest(node, pager, shown.length, failure)], failure };
  }

  #catalogue(access: RegistryAccess): NamePager {
    const below = belowPaths(access.namespaces ?? []);
    const matches = nameFilter(this.#options.filterOf());
    const accepts = (name: string): boolean => isRepositoryName(name) && below(name) && matches(name);
    return new NamePager((io) => access.repositoryPages(io), accepts);
  }

  async #namespace(node: NamespaceNode, listingOf: ListingOf, io: Io): Promise<Children> {
    let top: TreeNode | undefined = node;
    while (top?.kind === 'namespace') top = this.#options.parent(top);
    const listing = top === undefined ? undefined : await listingOf(top, io);
    const pager = listing?.pager;
    const known = pager?.names.slice(0, listing?.shown) ?? [];
    if (pager?.done === true || known.length > 0) {
      const nodes = repositoryNodes(node.registry, known, node.path, { grouped: true });
      return { nodes: nodes.length > 0 ? nodes : [emptyNode(node, 'No repositories')] };
    }
    const opened = this.#opened(node.registry).filter((name) => name.startsWith(`${node.path}/`));
    const hint = unlistedNode(node, 'The registry lists nothing here: open an image by its name');
    return { nodes: [...repositoryNodes(node.registry, opened, node.path, { grouped: true }), hint] };
  }

  async #repository(node: RepositoryNode, listing: Listing, io: Io): Promise<Children> {
    const pager = (listing.pager ??= this.#tags(node));
    const order = this.#options.settings().sortTags;
    const wanted = order === 'semver' ? Math.max(versionWindow, listing.shown + 1) : listing.shown + 1;
    const failure = await attempt(() => pager.read(wanted, io));
    const shown = sortTags(pager.names, order).slice(0, listing.shown);
    const tags = shown.map((tag) => tagNode(node, tag));
    return { nodes: [...tags, ...this.#rest(node, pager, shown.length, failure)], failure };
  }

  #tags(node: RepositoryNode): NamePager {
    const store = this.#store(node);
    const matches = nameFilter(this.#options.filterOf(node));
    return new NamePager(
      (io) => {
        if (store.tagPages !== undefined) return store.tagPages(io);
        throw new OciError(
          'unsupported-media-type',
          `${node.repository} cannot list its tags. Open an image by its name.`,
        );
      },
      (tag) => isTag(tag) && matches(tag),
    );
  }

  async #manifest(node: ManifestNode, io: Io): Promise<readonly TreeNode[]> {
    const store = this.#store(node);
    const details = await this.#options.images.of(node, store, io);
    return manifestChildren(node, details, { referrers: store.referrers !== undefined });
  }

  async #referrers(node: ReferrersNode, io: Io): Promise<readonly TreeNode[]> {
    const found = (await this.#store(node).referrers?.(node.subject.digest, io)) ?? [];
    return found.length > 0 ? referrerNodes(node, found) : [emptyNode(node, 'No referrers')];
  }

  /** What stands after the names: Load more, or that there are none. */
  #rest(node: RegistryNode | RepositoryNode, pager: NamePager, shown: number, failure: unknown): readonly TreeNode[] {
    if (failure !== undefined) return [];
    if (!pager.done || pager.names.length > shown) return [loadMoreNode(node, shown)];
    if (shown > 0) return [];
    const what = node.kind === 'registry' ? 'repositories' : 'tags';
    const filter = this.#options.filterOf(node.kind === 'registry' ? undefined : node);
    return [filter === '' ? emptyNode(node, `No ${what}`) : noMatchNode(node, `No ${what} match the filter`)];
  }

  #store(place: Place): BrowsedStore {
    return storeOf(this.#options, place);
  }

  #opened(registry: string): readonly string[] {
    const mine = this.#options.opened().filter((entry) => entry.registry === registry);
    return [...new Set(mine.map(({ repository }) => repository))];
  }
}

/** True where a registry answers but does not list its repositories, or not to everybody. */
function isUnlisted(failure: unknown): boolean {
  return isOciError(failure, 'unauthorized', 'forbidden', 'not-found', 'unsupported-media-type');
}

/** What an action throws, undefined where it succeeds: so that what was read before can be shown beside the failure. */
async function attempt(action: () => Promise<void>): Promise<unknown> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return error;
  }
}
