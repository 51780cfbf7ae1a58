import { untilAborted } from '../content/abort.ts';
import type { Io } from '../content/store.ts';
import type { NamePager } from './namePager.ts';
import type { TreeNode } from './nodes.ts';
import type { NodeTable } from './nodeTable.ts';
import { problemOf } from './problem.ts';

/** The children of one node: what was read, and how much of it is shown. */
export interface Listing {
  shown: number;
  pager?: NamePager;
  nodes?: readonly TreeNode[];
  flight?: Promise<readonly TreeNode[]>;
}

/** What was found below a node. A failure keeps what was read before it. */
export interface Children {
  readonly nodes: readonly TreeNode[];
  readonly failure?: unknown;
  /** True while more is being read: the nodes are not kept, and will be asked for again. */
  readonly interim?: boolean;
  /** What stands below the failure. */
  readonly hints?: readonly TreeNode[];
}

/** The listing of another node, read first where it was not: for nodes that show the names of another. */
export type ListingOf = (node: TreeNode, io: Io) => Promise<Listing>;

export interface ChildReader {
  /** Reads the children of a node; what it throws is a failure too. */
  read(node: TreeNode, listing: Listing, listingOf: ListingOf, io: Io): Promise<Children>;
}

/** Children that are read once, kept until forgotten, and one reading at a time for each node. */
export class Listings {
  readonly #reader: ChildReader;
  readonly #table: NodeTable;
  readonly #pageSize: (node: TreeNode) => number;
  readonly #listings = new Map<string, Listing>();

  constructor(reader: ChildReader, table: NodeTable, pageSize: (node: TreeNode) => number) {
    this.#reader = reader;
    this.#table = table;
    this.#pageSize = pageSize;
  }

  async children(node: TreeNode, io: Io): Promise<readonly TreeNode[]> {
    for (;;) {
      io.signal.throwIfAborted();
      const listing = this.#listing(node);
      if (listing.nodes !== undefined) return listing.nodes;
      listing.flight ??= this.#read(node, listing, io).finally(() => delete listing.flight);
      try {
        return await untilAborted(listing.flight, io);
      } catch {
        // This caller cancelled; or another one its reading, or a refresh ended it, and this one still wants to know: once more.
      }
    }
  }

  /** One page more at the next reading. */
  more(node: TreeNode): void {
    const listing = this.#listing(node);
    listing.shown += this.#pageSize(node);
    this.again(node);
  }

  /** Reads on at the next look; the pages that were read stay. */
  again(node: TreeNode): void {
    delete this.#listings.get(node.id)?.nodes;
    // Namespaces show the names of their registry's listing.
    for (const [id, listing] of this.#listings) if (id.startsWith(`${node.id}/ns:`)) delete listing.nodes;
  }

  forget(matches: (id: string) => boolean): void {
    for (const [id, listing] of this.#listings) {
      if (!matches(id)) continue;
      this.#listings.delete(id);
      listing.pager?.close();
    }
  }

  pager(id: string): NamePager | undefined {
    return this.#listings.get(id)?.pager;
  }

  #listing(node: TreeNode): Listing {
    const known = this.#listings.get(node.id);
    if (known !== undefined) return known;
    const made: Listing = { shown: this.#pageSize(node) };
    this.#listings.set(node.id, made);
    return made;
  }

  /** Rejects only where the signal aborted or the listing was forgotten meanwhile. */
  async #read(node: TreeNode, listing: Listing, io: Io): Promise<readonly TreeNode[]> {
    const { nodes, failure, hints = [], interim = false } = await this.#attempt(node, listing, io);
    if (failure !== undefined) io.signal.throwIfAborted();
    if (this.#listings.get(node.id) !== listing) throw new Error(`${node.id} was refreshed while it was read`);
    const { id, registry } = node;
    const children: readonly TreeNode[] =
      failure === undefined
        ? nodes
        : [...nodes, { kind: 'error', id: `${id}/err`, registry, ...problemOf(failure, node) }, ...hints];
    const placed = children.map((child) => this.#table.place(child, node));
    if (!interim) listing.nodes = placed;
    return placed;
  }

  async #attempt(node: TreeNode, listing: Listing, io: Io): Promise<Children> {
    const listingOf: ListingOf = async (other) => {
      await this.children(other, io);
      return this.#listing(other);
    };
    try {
      return await this.#reader.read(node, listing, listingOf, io);
    } catch (failure) {
      return { nodes: [], failure };
    }
  }
}
