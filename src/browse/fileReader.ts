import type { Io } from '../content/store.ts';
import { changedEntry } from '../operations/fileEntries.ts';
import { layerOf, noteNodes, pathNode, seenNodes, unsafeNodes } from './fileNodes.ts';
import type { FolderItem } from './folderItem.ts';
import type { ImageFolder } from './imageFolder.ts';
import type { ImageFolders } from './imageFolders.ts';
import type { Children, Listing } from './listings.ts';
import { emptyNode, loadMoreNode } from './nameNodes.ts';
import type { FilesNode, FilesystemNode, LayerNode, PathNode, TreeNode, UnsafeNode } from './nodes.ts';
import type { Seen } from './seen.ts';
import type { SlowReads } from './slowReads.ts';

/** Finds out what stands below the nodes that stand for files. */
export class FileReader {
  readonly #folders: ImageFolders;
  readonly #slow: SlowReads;

  constructor(folders: ImageFolders, slow: SlowReads) {
    this.#folders = folders;
    this.#slow = slow;
  }

  async read(node: FilesNode, listing: Listing, io: Io): Promise<Children> {
    switch (node.kind) {
      case 'filesystem':
        return this.#filesystem(node, listing, io);
      case 'layer':
        return node.artifact ? { nodes: [] } : this.#layer(node, listing, io);
      case 'path':
        return this.#path(node, listing, io);
      case 'unsafe':
        return this.#unsafe(node, listing, io);
    }
  }

  async #filesystem(node: FilesystemNode, listing: Listing, io: Io): Promise<Children> {
    const read = async (seen: Seen, inner: Io): Promise<void> => {
      const folder = await this.#folder(node, inner);
      seen.total = folder.files.manifest.layers.reduce((sum, { size }) => sum + size, 0);
      await folder.stack(seen.all, inner);
    };
    const seen = await this.#slow.unfinished(node.id, read, io);
    if (seen !== undefined) return { nodes: seenNodes(node, seen), interim: true };
    const folder = await this.#folder(node, io);
    const items = await folder.list({ path: '' }, {}, io);
    const notes = noteNodes(node, { problems: await folder.problems(io) });
    const rows = items.length === 0 ? [emptyNode(node, 'No files')] : page(node, items, listing);
    return { nodes: [...notes, ...rows] };
  }

  async #layer(node: LayerNode, listing: Listing, io: Io): Promise<Children> {
    const at = node.position - 1;
    const read = async (seen: Seen, inner: Io): Promise<void> => {
      const folder = await this.#folder(node, inner);
      seen.total = folder.files.manifest.layers.slice(0, at + 1).reduce((sum, { size }) => sum + size, 0);
      folder.again(at);
      // The layer itself first: nothing that is wrong with those below it may end its reading.
      await Promise.all([folder.index(at, seen.own, inner), folder.layer(at, seen.all, inner)]);
    };
    const seen = await this.#slow.unfinished(node.id, read, io);
    if (seen !== undefined) return { nodes: seenNodes(node, seen), interim: true };
    const folder = await this.#folder(node, io);
    const [tree, index] = [await folder.layer(at, {}, io), await folder.index(at, {}, io)];
    const unsafe = index.entries.reduce((sum, entry) => sum + Number(entry.unsafe !== undefined), 0);
    const items = (await tree.list('', io)) ?? [];
    const rows =
      items.length === 0 && unsafe === 0 ? [emptyNode(node, 'Changes no files')] : page(node, items, listing);
    const nodes = [...noteNodes(node, index), ...unsafeNodes(node, unsafe), ...rows];
    return tree.failure === undefined ? { nodes } : { nodes, failure: tree.failure };
  }

  async #path(node: PathNode, listing: Listing, io: Io): Promise<Children> {
    const layer = layerOf(node);
    const path = node.item.entry.path.slice(1);
    const folder = await this.#folder(node, io);
    return {
      nodes: page(node, await folder.list({ ...(layer === undefined ? {} : { layer }), path }, {}, io), listing),
    };
  }

  async #unsafe(node: UnsafeNode, listing: Listing, io: Io): Promise<Children> {
    const folder = await this.#folder(node, io);
    const changes = await folder.layer(node.layer, {}, io);
    const items = new Map<string, FolderItem>();
    for (const entry of (await folder.index(node.layer, {}, io)).entries) {
      if (entry.unsafe === undefined) continue;
      const change = changes.change(entry.path) ?? { path: entry.path, change: 'unchanged', entry };
      items.set(entry.unsafe, { name: entry.unsafe, entry: changedEntry(change, node.layer), expands: false });
    }
    return { nodes: page(node, [...items.values()], listing) };
  }

  #folder({ registry, repository, manifest }: FilesNode, io: Io): Promise<ImageFolder> {
    return this.#folders.of({ registry, repository, digest: manifest.digest }, io);
  }
}

function page(node: FilesNode, items: readonly FolderItem[], { shown }: Listing): readonly TreeNode[] {
  const nodes = items.slice(0, shown).map((item) => pathNode(node, item));
  return items.length > shown ? [...nodes, loadMoreNode(node, shown)] : nodes;
}
