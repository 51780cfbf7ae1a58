import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  type ProviderResult,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  MarkdownString,
} from 'vscode';
import type { RegistryList } from '../browse/access.ts';
import type { Browser } from '../browse/browser.ts';
import type { Io } from '../content/store.ts';
import { isManifestNode, type PathNode, type TreeNode } from '../browse/nodes.ts';
import { isArchive } from '../browse/places.ts';
import { Drawing } from './drawing.ts';
import { addressOf, fileUri, rowUri } from './fileUris.ts';
import type { Facts } from './itemParts.ts';
import { viewOf } from './treeItems.ts';

/** Feeds a view of images from the browser, and cancels what a collapse or a refresh makes needless. */
export class ImagesTree implements TreeDataProvider<TreeNode>, Disposable {
  readonly #browser: Browser;
  readonly #registries: RegistryList;
  readonly #roots: (io: Io) => Promise<readonly TreeNode[]>;
  readonly #changed = new EventEmitter<TreeNode | undefined>();
  /** The descriptions as they are shown: a hover finds out what a node is, but may not draw it again. */
  readonly #shown = new WeakMap<TreeNode, string | undefined>();
  readonly #ended = new AbortController();
  readonly #reading = new Map<TreeNode, AbortController>();
  readonly #drawing = new Drawing();
  readonly onDidChangeTreeData = this.#changed.event;

  /** @param roots what stands at the top; default: the registries, and what is wrong with their settings */
  constructor(browser: Browser, registries: RegistryList, roots?: (io: Io) => Promise<readonly TreeNode[]>) {
    this.#browser = browser;
    this.#registries = registries;
    this.#roots = roots ?? (() => Promise.resolve([...browser.roots(), ...browser.wrongSettings()]));
  }

  /** Draws a node and what is below it again; without one, everything. */
  redraw(node?: TreeNode): void {
    this.#drawing.began();
    this.#changed.fire(node);
  }

  /** What `look` finds selected: while the tree is drawn again, nothing may seem to be. */
  async selected(look: () => readonly TreeNode[]): Promise<readonly TreeNode[]> {
    return this.#drawing.settled(look);
  }

  /** Stops reading below a node. */
  cancel(node: TreeNode): void {
    this.#reading.get(node)?.abort();
    this.#reading.delete(node);
    this.#browser.stop(node);
  }

  getTreeItem(node: TreeNode): TreeItem {
    const view = viewOf(node, this.#facts(node));
    this.#shown.set(node, view.description);
    const { None, Collapsed } = TreeItemCollapsibleState;
    const item = new TreeItem(view.label, view.expands ? Collapsed : None);
    item.id = node.id;
    if (view.description !== undefined) item.description = view.description;
    item.iconPath = new ThemeIcon(view.icon);
    item.contextValue = view.context.join(';');
    item.accessibilityInformation = { label: view.spoken };
    // VS Code asks `resolveTreeItem` only for what has no tooltip yet.
    if (!isManifestNode(node)) item.tooltip = plainTooltip(view.tooltip);
    if (view.command !== undefined) item.command = { command: view.command, title: view.label, arguments: [node] };
    if (node.kind === 'path') dressFile(item, node);
    return item;
  }

  /** Reads what a tag or platform is at the first hover. */
  async resolveTreeItem(item: TreeItem, node: TreeNode, token: CancellationToken): Promise<TreeItem> {
    if (!isManifestNode(node)) return item;
    const controller = new AbortController();
    const cancelling = token.onCancellationRequested(() => controller.abort());
    try {
      const summary = await this.#browser.describe(node, { signal: controller.signal });
      item.tooltip = plainTooltip(viewOf(node, { ...this.#facts(node), summary }).tooltip);
    } catch (error) {
      if (!token.isCancellationRequested)
        item.tooltip = plainTooltip([error instanceof Error ? error.message : 'unknown error']);
    } finally {
      cancelling.dispose();
    }
    return item;
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    return this.#drawing.reading(async () => this.#children(node));
  }

  async #children(node?: TreeNode): Promise<TreeNode[]> {
    if (node === undefined) return [...(await this.#roots({ signal: this.#ended.signal }))];
    const controller = this.#reading.get(node) ?? new AbortController();
    this.#reading.set(node, controller);
    try {
      const children = await this.#browser.children(node, { signal: controller.signal });
      // The first look tells what the node is and how much is in it; its own line says so from now on.
      if (viewOf(node, this.#facts(node)).description !== this.#shown.get(node))
        queueMicrotask(() => this.redraw(node));
      return [...children];
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      // Without this the view would keep the empty answer at the next expansion.
      queueMicrotask(() => this.redraw(node));
      return [];
    } finally {
      if (this.#reading.get(node) === controller) this.#reading.delete(node);
    }
  }

  getParent(node: TreeNode): ProviderResult<TreeNode> {
    return this.#browser.parent(node);
  }

  dispose(): void {
    this.#ended.abort();
    for (const controller of this.#reading.values()) controller.abort();
    this.#reading.clear();
    this.#changed.dispose();
  }

  #facts(node: TreeNode): Facts {
    const summary = isManifestNode(node) ? this.#browser.summary(node) : undefined;
    const count = node.kind === 'namespace' || node.kind === 'repository' ? this.#browser.count(node) : undefined;
    // What is wrong with the settings is in no registry.
    const isWritable =
      node.registry !== '' && !isArchive(node) && this.#registries.get(node.registry).readOnly !== true;
    return {
      writable: isWritable,
      now: Date.now(),
      ...(summary === undefined ? {} : { summary }),
      ...(count === undefined ? {} : { count }),
    };
  }
}

/** A file has the icon of its name and the mark of its change; the workbench itself opens it, as a preview or to stay. */
function dressFile(item: TreeItem, node: PathNode): void {
  item.resourceUri = rowUri(node);
  if (item.command !== undefined) {
    item.command = { command: 'vscode.open', title: 'Open', arguments: [fileUri(addressOf(node))] };
  }
}

/** Text as Markdown that shows it letter by letter: no link, no image, no command. */
function plainTooltip(lines: readonly string[]): MarkdownString {
  const tooltip = new MarkdownString('', false);
  tooltip.isTrusted = false;
  tooltip.supportHtml = false;
  lines.forEach((line, at) => {
    const [first = '', second, ...rest] = line.split(' ');
    // appendText makes blanks that no line can break at. The first one stays such a blank: `1. ` would begin a list.
    tooltip.appendText(`${at === 0 ? '' : '\n'}${first}${second === undefined ? '' : ` ${second}`}`);
    for (const word of rest) {
      tooltip.value += ' ';
      tooltip.appendText(word);
    }
  });
  return tooltip;
}
