import type { Io } from '../content/store.ts';
import { type BrowsedStore, storeOf } from './access.ts';
import { archiveId, archiveNode, skippedNode } from './archiveNodes.ts';
import type { BrowserOptions } from './browseOptions.ts';
import { ImageCache } from './imageCache.ts';
import { type ImageSummary, summarize } from './imageDetails.ts';
import { Listings } from './listings.ts';
import { registryNode } from './nameNodes.ts';
import { isFilesNode } from './nodes.ts';
import type {
  ErrorNode,
  LoadMoreNode,
  ManifestNode,
  NamespaceNode,
  RegistryNode,
  RepositoryNode,
  TreeNode,
} from './nodes.ts';
import { isBelow, NodeTable } from './nodeTable.ts';
import { NodeReader } from './nodeReader.ts';
import { isLocal, type Place } from './places.ts';
import { SlowReads } from './slowReads.ts';
import { visibleText } from './text.ts';

/** Files of one folder that are shown before Load more. */
const filesAtOnce = 1000;

/** Registries, repositories, archives and images as a tree of plain nodes that is read as it is opened. */
export class Browser {
  readonly #options: BrowserOptions;
  readonly #table = new NodeTable();
  readonly #images = new ImageCache();
  readonly #listings: Listings;
  readonly #slow: SlowReads;
  readonly #listeners = new Set<(node: TreeNode) => void>();
  readonly #filters = new Map<string, string>();

  constructor(options: BrowserOptions) {
    this.#options = options;
    const filterOf = (repository?: RepositoryNode): string => this.filterOf(repository);
    this.#slow = new SlowReads((id) => this.#read(id), options.patience);
    const reader = new NodeReader({
      ...options,
      images: this.#images,
      slow: this.#slow,
      filterOf,
      parent: (node) => this.parent(node),
    });
    const pageSize = (node: TreeNode): number => (isFilesNode(node) ? filesAtOnce : options.settings().pageSize);
    this.#listings = new Listings(reader, this.#table, pageSize);
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

  /** The configured registries that are none, each with the way to mend it. */
  wrongSettings(): readonly ErrorNode[] {
    const problems = this.#options.registries.problems?.() ?? [];
    return problems.map((text, at) => {
      const node = { kind: 'error', id: `S:${at}`, registry: '', message: visibleText(text) } as const;
      return this.#table.place({ ...node, code: 'invalid-reference', fix: 'openSettings' });
    });
  }

  /** The layouts and archives on disk, looked for at the first time. Throws the signal's reason and nothing else. */
  async archives(io: Io): Promise<readonly TreeNode[]> {
    const { archives, skipped } = await this.#options.local.all(io);
    const nodes: readonly TreeNode[] = archives.map(archiveNode);
    return [...nodes, ...skippedNode(skipped)].map((node) => this.#table.place(node));
  }

  /**
   * What stands below a node, read once and kept. A failure is a node with what would help, after what could be read.
   * Throws the signal's reason and nothing else.
   */
  async children(node: TreeNode, io: Io): Promise<readonly TreeNode[]> {
    return this.#listings.children(node, io);
  }

  /** Calls back with a node whose children change by themselves, for more of them was read. */
  onDidRead(listener: (node: TreeNode) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Ends what is read below a node by and by. */
  stop(node: TreeNode): void {
    this.#slow.stop((id) => id === node.id || isBelow(id, node.id));
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
    this.#slow.stop(matches);
    this.#listings.forget(matches);
    this.#images.forget(matches);
    return top;
  }

  /** Forgets a place that was written to. Returns the nodes whose children change; a new repository changes its registry. */
  changed({ registry, repository }: Place): readonly TreeNode[] {
    const ids = [
      `R:${registry}/repo:${repository}`,
      `R:${registry}/pin/repo:${repository}`,
      archiveId({ registry, repository }),
    ];
    const shown = ids.flatMap((id) => this.#table.get(id) ?? []);
    const known = shown.some(({ id }) => id === ids[0]);
    const top = this.#table.get(`R:${registry}`);
    const stale = known || top === undefined ? shown : [top];
    stale.forEach((node) => this.refresh(node));
    return stale;
  }

  /** True for a place of a registry that is shown, and for one on disk that may be read: others are reached by no address. */
  knows(place: Place): boolean {
    if (isLocal(place)) return this.#options.local.knows(place);
    return this.roots().some(({ registry }) => registry === place.registry);
  }

  parent(node: TreeNode): TreeNode | undefined {
    return this.#table.parentOf(node);
  }

  /** True for a node of this tree, and for nothing that only looks like one. */
  isNode(value: unknown): value is TreeNode {
    return this.#table.has(value);
  }

  /** The store of the repository, layout or archive that a node is in. */
  store(place: Place): BrowsedStore {
    return storeOf(this.#options, place);
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

  #read(id: string): void {
    const node = this.#table.get(id);
    if (node !== undefined) this.#listeners.forEach((listener) => listener(node));
  }
}

export interface NameCount {
  readonly known: number;
  /** False where the registry has more that were not read yet. */
  readonly all: boolean;
}
