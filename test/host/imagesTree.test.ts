import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TreeNode } from '../../src/browse/nodes.ts';
import { OciError } from '../../src/errors.ts';
import { parseRegistry } from '../../src/oci/reference.ts';
import { ImagesTree } from '../../src/ui/imagesTree.ts';
import { browserOf, labelOf, listOf, MemoryRegistry, pushImage } from '../browse/fixtures.ts';

describe('ImagesTree', () => {
  async function at(tree: ImagesTree, ...path: readonly string[]): Promise<TreeNode> {
    let found: TreeNode | undefined;
    for (const label of path) found = (await tree.getChildren(found)).find((node) => labelOf(node) === label);
    assert.ok(found, path.join(' > '));
    return found;
  }

  function treeOf(...registries: readonly MemoryRegistry[]): ImagesTree {
    return new ImagesTree(browserOf({ registries }), listOf(registries));
  }

  it('gives items with an id, an icon, tokens for menus and words for a screen reader', async () => {
    const registry = new MemoryRegistry('r.example');
    await pushImage(registry.add('app'), '1.0');
    const tree = treeOf(registry);
    const item = tree.getTreeItem(await at(tree, 'r.example', 'app', '1.0'));
    assert.equal(item.id, 'R:r.example/repo:app/tag:1.0');
    assert.deepEqual(item.iconPath, new vscode.ThemeIcon('tag'));
    assert.equal(item.contextValue, 'tag;unresolved;writable');
    assert.equal(item.accessibilityInformation?.label, 'tag, 1.0');
    assert.equal(item.collapsibleState, vscode.TreeItemCollapsibleState.Collapsed);
    assert.equal(item.tooltip, undefined);
  });

  it('shows what is wrong with the settings below the registries, with the way to them', async () => {
    const registry = new MemoryRegistry('r.example');
    const browser = browserOf({ registries: [registry], problems: ['gantry.registries[0]: no'] });
    const named = { ...listOf([registry]), get: (name: string) => (parseRegistry(name), registry) };
    const tree = new ImagesTree(browser, named);
    const [, wrong] = await tree.getChildren();
    assert.ok(wrong);
    const item = tree.getTreeItem(wrong);
    assert.deepEqual([item.label, item.description], ['Wrong settings', 'gantry.registries[0]: no']);
    assert.equal(item.command?.command, 'gantry.openSettings');
  });

  it('229: reads what a tag is at the first hover and shows it as plain text', async () => {
    const registry = new MemoryRegistry('r.example');
    const { digest } = await pushImage(registry.add('app'), '1.0', '![x](https://evil/x.png)[y](command:z)');
    const tree = treeOf(registry);
    const node = await at(tree, 'r.example', 'app', '1.0');
    const { token } = new vscode.CancellationTokenSource();
    const { tooltip } = await tree.resolveTreeItem(tree.getTreeItem(node), node, token);
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.ok(tooltip.value.includes(digest.slice(7)));
    assert.doesNotMatch(tooltip.value, /[^\\]\]\(/);
    assert.deepEqual([tooltip.isTrusted, tooltip.supportHtml, tooltip.supportThemeIcons], [false, false, false]);
  });

  it('229: breaks a long tooltip between words, and makes no list of what looks like one', async () => {
    const registry = new MemoryRegistry('r.example');
    registry.beforePage = () => {
      throw new OciError('unavailable', '1. [x](command:y) # is no list');
    };
    const tree = treeOf(registry);
    const [node] = await tree.getChildren(await at(tree, 'r.example'));
    assert.ok(node);
    const { tooltip } = tree.getTreeItem(node);
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.equal(tooltip.value, '1.&nbsp;\\[x\\]\\(command:y\\) \\# is no list\n\nClick&nbsp;to try again.');
  });

  it('draws a tag again with what it names once it was opened, and then no more', async () => {
    const registry = new MemoryRegistry('r.example');
    await pushImage(registry.add('app'), '1.0');
    const tree = treeOf(registry);
    const node = await at(tree, 'r.example', 'app', '1.0');
    const drawn: unknown[] = [];
    tree.onDidChangeTreeData((changed) => drawn.push(changed));
    await tree.getChildren(node);
    await Promise.resolve();
    assert.deepEqual(drawn, [node]);
    assert.match(String(tree.getTreeItem(node).description), /^linux\/amd64 · 297 B · /);
    await tree.getChildren(node);
    await Promise.resolve();
    assert.equal(drawn.length, 1);
  });

  it('draws a tag again at its first opening though a hover has read it before', async () => {
    const registry = new MemoryRegistry('r.example');
    await pushImage(registry.add('app'), '1.0');
    const tree = treeOf(registry);
    const node = await at(tree, 'r.example', 'app', '1.0');
    const { token } = new vscode.CancellationTokenSource();
    await tree.resolveTreeItem(tree.getTreeItem(node), node, token);
    const drawn: unknown[] = [];
    tree.onDidChangeTreeData((changed) => drawn.push(changed));
    await tree.getChildren(node);
    await Promise.resolve();
    assert.deepEqual(drawn, [node]);
  });

  it('shows a failure as a node whose click is the way out', async () => {
    const registry = new MemoryRegistry('r.example');
    registry.beforePage = () => {
      throw new OciError('unauthorized', 'r.example asks for a login');
    };
    const tree = treeOf(registry);
    const [node] = await tree.getChildren(await at(tree, 'r.example'));
    assert.ok(node);
    const item = tree.getTreeItem(node);
    assert.equal(item.command?.command, 'gantry.signIn');
    assert.deepEqual(item.command.arguments, [node]);
    assert.equal(item.contextValue, 'error;auth');
  });

  it('stops reading at a collapse and reads again at the next expansion', async () => {
    const registry = new MemoryRegistry('r.example');
    registry.add('app');
    let stopped = false;
    registry.beforePage = (_page, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(new Error('aborted'));
        });
      });
    const tree = treeOf(registry);
    const [root] = await tree.getChildren();
    assert.ok(root);
    const drawn: unknown[] = [];
    tree.onDidChangeTreeData((changed) => drawn.push(changed));
    const reading = tree.getChildren(root);
    await Promise.resolve();
    tree.cancel(root);
    assert.deepEqual(await reading, []);
    await Promise.resolve();
    assert.deepEqual([stopped, drawn], [true, [root]]);
    registry.beforePage = () => undefined;
    assert.deepEqual((await tree.getChildren(root)).map(labelOf), ['app']);
  });
});
