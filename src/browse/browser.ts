import type { ImageStore, Io } from '../content/store.ts';
import type { BrowserOptions } from './browseOptions.ts';
import { ImageCache } from './imageCache.ts';
import { type ImageSummary, summarize } from './imageDetails.ts';
import { Listings } from './listings.ts';
import { registryNode } from './nameNodes.ts';
import type { LoadMoreNode, ManifestNode, NamespaceNode, RegistryNode, RepositoryNode, TreeNode } from './nodes.ts';
import { isBelow, NodeTable } from './nodeTable.ts';
import { NodeReader } from './nodeReader.ts';

/** Registries, repositories and images as a tree of plain nodes that is read as it is opened. */
export class Browser {
  readonly #options: BrowserOptions;
  readonly #table = new NodeTable();
  readonly #images = new ImageCache();
  readonly #listings: Listings;
  readonly #filters = new Map<string, string>();

  constructor(options: BrowserOptions) {
    this.#options = options;
    const filterOf = (repository?: RepositoryNode): string => this.filterOf(repository);
    const reader = new NodeReader({ ...options, images: this.#images, filterOf, parent: (node) => this.parent(node) });
    this.#listings = new Listings(reader, this.#table, () => options.settings().pageSize);
  }

  /** The configured registries, then those of repositories that were opened by name. Asks no registry. */
  roots(): readonly RegistryNode[] {
    const { registries, opened } = this.#options;
    const configured = registries.all();
    const names = new Set(configured.map(({ name }) => name));
    const others = new Set(opened().map(({ registry }) => registry));
    const more = [...others].filter((name) => !names.has(name)).map((name) => registries.get(name));
    return [...configured, ...more].map((access) => this.#table.place(registryNode(access)));
  }

  /**
   * What stands below a node, read once and kept. A failure is a node with what would help, after what could be read.
   * Throws the signal's reason and nothing else.
   */
  async children(node: TreeNode, io: Io): Promise<readonly TreeNode[]> {
    return this.#listings.children(node, io);
  }

  /** Shows one page more at the next `children` of the node's parent, which is returned. */
  loadMore(node: LoadMoreNode): TreeNode | undefined {
    const parent = this.parent(node);
    if (parent !== undefined) this.#listings.more(parent);
    return parent;
  }

  /** Tries again what failed; pages that were read stay. Returns the node whose children change. */
  retry(node: TreeNode): TreeNode | undefined {
    const failed = node.kind === 'error' ? this.parent(node) : node;
    if (failed !== undefined) this.#listings.again(failed);
    return failed;
  }

  /** Forgets what is below a node, or everything. Returns the node whose children change; undefined: the whole tree. */
  refresh(node?: TreeNode): TreeNode | undefined {
    const top = node?.kind === 'namespace' ? this.#table.get(`R:${node.registry}`) : node;
    const matches = (id: string): boolean => top === undefined || id === top.id || isBelow(id, top.id);
    this.#listings.forget(matches);
    this.#images.forget(matches);
    return top;
  }

  /** Forgets a repository that was written to. Returns the nodes whose children change; a new one changes its registry. */
  changed(registry: string, repository: string): readonly TreeNode[] {
    const ids = [`R:${registry}/repo:${repository}`, `R:${registry}/pin/repo:${repository}`];
    const shown = ids.flatMap((id) => this.#table.get(id) ?? []);
    const known = shown.some(({ id }) => id === ids[0]);
    const top = this.#table.get(`R:${registry}`);
    const stale = known || top === undefined ? shown : [top];
    stale.forEach((node) => this.refresh(node));
    return stale;
  }

  parent(node: TreeNode): TreeNode | undefined {
    return this.#table.parentOf(node);
  }

  /** True for a node of this tree, and for nothing that only looks like one. */
  isNode(value: unknown): value is TreeNode {
    return this.#table.has(value);
  }

  /** The store of the repository that a node is in. */
  store({ registry, repository }: { readonly registry: string; readonly repository: string }): ImageStore {
    return this.#options.registries.get(registry).repository(repository);
  }

  /** Reads what a tag, platform or referrer is: at most three small requests, the first time. @throws OciError */
  async describe(node: ManifestNode, io: Io): Promise<ImageSummary> {
    return summarize(await this.#images.of(node, this.store(node), io));
  }

  /** What `describe` or an expansion has found already. Asks nobody. */
  summary(node: ManifestNode): ImageSummary | undefined {
    const details = this.#images.known(node);
    return details === undefined ? undefined : summarize(details);
  }

  /** How many repositories of a namespace or tags of a repository are known; undefined before any was read. */
  count(node: NamespaceNode | RepositoryNode): NameCount | undefined {
    const pager = this.#listings.pager(node.kind === 'namespace' ? `R:${node.registry}` : node.id);
    if (pager === undefined || (pager.names.length === 0 && !pager.done)) return undefined;
    const below = node.kind === 'namespace' ? `${node.path}/` : '';
    return { known: pager.names.filter((name) => name.startsWith(below)).length, all: pager.done };
  }

  /** Shows only matching tags of a repository, or without one only matching repositories. Empty text: everything. */
  setFilter(text: string, repository?: RepositoryNode): TreeNode | undefined {
    const key = repository?.id ?? '';
    if (text.trim() === '') this.#filters.delete(key);
    else this.#filters.set(key, text);
    return this.refresh(repository);
  }

  clearFilters(): void {
    this.#filters.clear();
    this.refresh();
  }

  filterOf(repository?: RepositoryNode): string {
    return this.#filters.get(repository?.id ?? '') ?? '';
  }

  get filtered(): boolean {
    return this.#filters.size > 0;
  }
}

export interface NameCount {
  readonly known: number;
  /** False where the registry has more that were not read yet. */
  readonly all: boolean;
}
