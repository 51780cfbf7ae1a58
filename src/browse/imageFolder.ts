import type { ContentPlace, FileNode } from '../archive/fileNode.ts';
import { LayerStack } from '../archive/layerStack.ts';
import type { LayerIndex } from '../archive/layerIndex.ts';
import type { IndexOptions } from '../archive/layers.ts';
import { streamOf } from '../content/bytes.ts';
import type { ByteStream, Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { FileFinder } from '../operations/findFiles.ts';
import type { ImageFiles } from '../operations/imageFiles.ts';
import { inTurns, sortInTurns } from '../operations/inTurns.ts';
import { pathHistory, type PathVersion } from '../operations/pathHistory.ts';
import { byFolderAndName, type FolderItem, parentPath } from './folderItem.ts';
import { LayerTree } from './layerTree.ts';
import { mergedItem } from './mergedItem.ts';
import { lastSegment } from './pathTree.ts';
import { sharedRead } from './sharedRead.ts';

/** A path as a container sees it or, with `layer` (from 0), as one layer has it. `''` is the root. */
export interface PathInImage {
  readonly layer?: number;
  readonly path: string;
}

/** A file whose content can be read. */
export interface ReadableFile {
  /** Bytes. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  /** Verified where the digest of the content is known. */
  readonly read: (io: Io) => Promise<ByteStream>;
}

/** The folders of one image, of all its layers together and of each. What was read is kept. */
export class ImageFolder {
  readonly files: ImageFiles;
  readonly #layers = new Map<number, LayerTree>();
  readonly #sorted = new WeakMap<FileNode, readonly FolderItem[]>();
  #stack: LayerStack | undefined;
  #finder: FileFinder | undefined;

  constructor(files: ImageFiles) {
    this.files = files;
  }

  /** Every layer applied. @throws OciError of the registry, corrupt-archive, too-large, … */
  async stack(options: IndexOptions, io: Io): Promise<LayerStack> {
    return (this.#stack ??= await sharedRead(() => this.files.filesystem(options, io), io));
  }

  /**
   * What a layer did to the ones below it, which are read too; where one of those cannot be read, the layer alone, with the
   * reason. @throws OciError of the layer itself
   */
  async layer(at: number, options: IndexOptions, io: Io): Promise<LayerTree> {
    const known = this.#layers.get(at);
    if (known !== undefined) return known;
    const made = await sharedRead(() => this.#readLayer(at, options, io), io);
    this.#layers.set(at, made);
    return made;
  }

  /** Lets a layer that could not be compared with those below it be read anew. */
  again(at: number): void {
    if (this.#layers.get(at)?.failure !== undefined) this.#layers.delete(at);
  }

  /** Why layers are not whole, and what is odd about all of them together. */
  async problems(io: Io): Promise<readonly string[]> {
    const problems: string[] = [];
    for (const at of this.files.manifest.layers.keys()) {
      const { damage } = await this.index(at, {}, io);
      if (damage !== undefined) problems.push(`Layer #${at + 1} is damaged: ${damage}`);
    }
    return [...problems, ...(await this.stack({}, io)).problems];
  }

  /** What a layer's tar holds, and what is odd about it. */
  async index(at: number, options: IndexOptions, io: Io): Promise<LayerIndex> {
    return this.files.layer(at, options, io);
  }

  /** What stands in a folder, folders first. @throws OciError not-found where there is no such folder */
  async list({ layer, path }: PathInImage, options: IndexOptions, io: Io): Promise<readonly FolderItem[]> {
    if (layer === undefined) return this.#merged(path, options, io);
    const found = await (await this.layer(layer, options, io)).list(path, io);
    if (found === undefined) throw nothingAt(path);
    return found;
  }

  /** One file or folder; symbolic links in its parents are followed. @throws OciError not-found */
  async item({ layer, path }: PathInImage, options: IndexOptions, io: Io): Promise<FolderItem> {
    if (layer !== undefined) {
      const item = (await this.layer(layer, options, io)).item(path);
      if (item === undefined || (item.entry.change === 'removed' && !item.expands)) throw nothingAt(path);
      return item;
    }
    const stack = await this.stack(options, io);
    const node = path === '' ? stack.root : stack.resolve(parentPath(path)).children?.get(lastSegment(path));
    if (node === undefined) throw nothingAt(path);
    return mergedItem(stack, node);
  }

  /**
   * A file that can be read: links are followed inside the image; a layer's symbolic link reads as the text of its target, as
   * in git. @throws OciError not-found; unsupported-media-type for what is no file
   */
  async open({ layer, path }: PathInImage, options: IndexOptions, io: Io): Promise<ReadableFile> {
    if (layer !== undefined) return this.#openOwn(layer, path, options, io);
    const { content } = (await this.stack(options, io)).resolve(path);
    if (content === undefined) throw noFile(path);
    return this.#readable(content);
  }

  /** Finds files by pieces of their paths. */
  async finder(options: IndexOptions, io: Io): Promise<(query: string, limit: number) => readonly FolderItem[]> {
    const stack = await this.stack(options, io);
    const finder = (this.#finder ??= new FileFinder(stack));
    await finder.prepare(io);
    return (query, limit) => finder.find(query, limit).map((node) => mergedItem(stack, node));
  }

  /** Every layer that touched a path, the lowest first. */
  async history(path: string, options: IndexOptions, io: Io): Promise<readonly PathVersion[]> {
    await this.stack(options, io);
    return pathHistory(this.files, path, io);
  }

  async #merged(path: string, options: IndexOptions, io: Io): Promise<readonly FolderItem[]> {
    const stack = await this.stack(options, io);
    const node = stack.resolve(path);
    if (node.children === undefined) throw nothingAt(path);
    const known = this.#sorted.get(node);
    if (known !== undefined) return known;
    const items: FolderItem[] = [];
    await inTurns(node.children.values(), (child) => items.push(mergedItem(stack, child)), io);
    const sorted = await sortInTurns(items, byFolderAndName, io);
    this.#sorted.set(node, sorted);
    return sorted;
  }

  async #readLayer(at: number, options: IndexOptions, io: Io): Promise<LayerTree> {
    try {
      return await LayerTree.of(await this.files.changes(at, options, io), at, io);
    } catch (failure) {
      io.signal.throwIfAborted();
      if (!isOciError(failure) || at === 0) throw failure;
      const alone = await new LayerStack().apply(await this.files.layer(at, options, io), io);
      return LayerTree.of(alone, at, io, failure);
    }
  }

  async #openOwn(layer: number, path: string, options: IndexOptions, io: Io): Promise<ReadableFile> {
    const change = (await this.layer(layer, options, io)).change(path);
    if (change === undefined || change.change === 'removed') throw nothingAt(path);
    const { entry } = change;
    if (entry.type === 'symlink') {
      const text = Buffer.from(`${entry.linkname ?? ''}\n`);
      return { size: text.length, mode: 0o644, read: async () => streamOf(text) };
    }
    const content = entry.type === 'file' ? { layer, entry } : change.content;
    if (content === undefined) throw noFile(path);
    return this.#readable(content);
  }

  #readable({ layer, entry }: ContentPlace): ReadableFile {
    return { size: entry.size, mode: entry.mode, read: (io) => this.files.read(layer, entry, io) };
  }
}

function nothingAt(path: string): OciError {
  return new OciError('not-found', `there is no ${escapeText(`/${path}`)} there.`);
}

function noFile(path: string): OciError {
  return new OciError('unsupported-media-type', `${escapeText(`/${path}`)} is no file: it has no content to read.`);
}
