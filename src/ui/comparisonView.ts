import {
  commands,
  type Disposable,
  EventEmitter,
  type FileDecoration,
  type FileDecorationProvider,
  type TreeDataProvider,
  type TreeItem,
  type TreeView,
  type Uri,
  window,
} from 'vscode';
import type { CompareImagesResult } from '../api.ts';
import { type ComparisonFile, type ComparisonNode, comparisonTree } from '../browse/comparison.ts';
import { visibleText } from '../browse/text.ts';
import type { Io } from '../content/store.ts';
import { comparisonDecoration, comparisonItem } from './comparisonItems.ts';

/** The view of the last comparison. */
export class ComparisonView implements TreeDataProvider<ComparisonNode>, FileDecorationProvider, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: TreeView<ComparisonNode>;
  readonly #decorating: Disposable;
  #files = new WeakSet();
  #roots: readonly ComparisonNode[] = [];
  #shown: CompareImagesResult | undefined;

  constructor() {
    this.#view = window.createTreeView('gantry.comparison', { treeDataProvider: this, showCollapseAll: true });
    this.#decorating = window.registerFileDecorationProvider(this);
  }

  /** What is shown now. */
  get result(): CompareImagesResult | undefined {
    return this.#shown;
  }

  /** True for a file that this view shows now, and for nothing that only looks like one. */
  isFile(node: unknown): node is ComparisonFile {
    return typeof node === 'object' && node !== null && this.#files.has(node);
  }

  /** Shows a comparison in the view and goes there. */
  async show(result: CompareImagesResult, io: Io): Promise<void> {
    this.#draw(result, await comparisonTree(result, io));
    this.#view.message = messageOf(result, this.#roots);
    await commands.executeCommand('setContext', 'gantry:hasComparison', true);
    await commands.executeCommand('gantry.comparison.focus');
  }

  /** Forgets the comparison, and with it the view is gone. */
  async close(): Promise<void> {
    this.#draw(undefined, []);
    await commands.executeCommand('setContext', 'gantry:hasComparison', false);
  }

  getChildren(node?: ComparisonNode): ComparisonNode[] {
    const children = node === undefined ? this.#roots : 'children' in node ? node.children : [];
    for (const child of children) {
      const file = child.kind === 'folder' ? child.own : child;
      if (file?.kind === 'file') this.#files.add(file);
    }
    return [...children];
  }

  getTreeItem(node: ComparisonNode): TreeItem {
    const item = comparisonItem(node);
    item.id = node.id;
    return item;
  }

  #draw(result: CompareImagesResult | undefined, roots: readonly ComparisonNode[]): void {
    this.#shown = result;
    this.#roots = roots;
    this.#files = new WeakSet();
    this.#changed.fire(undefined);
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    return comparisonDecoration(uri);
  }

  dispose(): void {
    this.#view.dispose();
    this.#decorating.dispose();
    this.#changed.dispose();
  }
}

/** Which image is on which side, and where nothing differs, that. */
function messageOf(result: CompareImagesResult, roots: readonly ComparisonNode[]): string {
  const sides = sidesText(result);
  if (roots.length > 0) return sides;
  return `${sides}: ${result.left.digest === result.right.digest ? 'the same image' : 'no differences'}`;
}

/** `host/app:1.0 ↔ 1.1 (linux/amd64)`: what both sides have is said once. */
function sidesText({ left, right }: CompareImagesResult): string {
  const repository = /^.*\/[^:@]*(?=[:@])/.exec(left.reference)?.[0] ?? '';
  const isSame = repository !== '' && right.reference.slice(0, repository.length) === repository;
  const rest = isSame ? right.reference.slice(repository.length).replace(/^:/, '') : right.reference;
  const platform = (of: string | null): string => (of === null ? '' : ` (${of})`);
  const first = `${left.reference}${left.platform === right.platform ? '' : platform(left.platform)}`;
  return visibleText(`${first} ↔ ${rest}${platform(right.platform)}`);
}
