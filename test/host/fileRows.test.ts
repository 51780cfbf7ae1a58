import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TreeNode } from '../../src/browse/nodes.ts';
import { ImagesTree } from '../../src/ui/imagesTree.ts';
import { browserOf, labelOf, listOf, MemoryRegistry } from '../browse/fixtures.ts';
import { testIo } from '../support/io.ts';
import { putTarImage } from '../support/tarImage.ts';

describe('rows of files', () => {
  let tree: ImagesTree;

  before(async () => {
    const registry = new MemoryRegistry('r.example');
    const image = [
      [
        { name: 'etc/hosts', content: 'old' },
        { name: 'etc/gone', content: 'x' },
      ],
      [{ name: 'etc/hosts', content: 'new' }, { name: 'etc/.wh.gone' }, { name: 'caf\u00e9 ?#%2e', content: 'x' }],
    ];
    await putTarImage(registry.add('app'), '1.0', image, testIo());
    tree = new ImagesTree(browserOf({ registries: [registry] }), listOf([registry]));
  });

  after(() => tree.dispose());

  async function row(...path: readonly string[]): Promise<vscode.TreeItem> {
    let found: TreeNode | undefined;
    for (const label of ['r.example', 'app', '1.0', ...path]) {
      found = (await tree.getChildren(found)).find((node) => labelOf(node) === label);
      assert.ok(found, label);
    }
    assert.ok(found);
    return tree.getTreeItem(found);
  }

  const layer = ['layers', '#2 COPY layer-1 /'];

  it('have the icon of their names and are opened by the workbench itself', async () => {
    const item = await row('filesystem', 'etc', 'hosts');
    assert.deepEqual(item.iconPath, vscode.ThemeIcon.File);
    assert.equal(item.command?.command, 'vscode.open');
    const [uri] = (item.command.arguments ?? []) as readonly vscode.Uri[];
    assert.match(uri?.path ?? '', /^\/app@sha256:[0-9a-f]{64}\/rootfs\/etc\/hosts$/);
    assert.equal(item.resourceUri?.toString(), uri?.toString());
    assert.equal(item.collapsibleState, vscode.TreeItemCollapsibleState.None);
    assert.deepEqual((await row('filesystem', 'etc')).iconPath, vscode.ThemeIcon.Folder);
  });

  it('say by their resource what a layer did to them, and open the file without it', async () => {
    const item = await row(...layer, 'etc', 'hosts');
    assert.equal(item.resourceUri?.query, 'modified');
    const [uri] = (item.command?.arguments ?? []) as readonly vscode.Uri[];
    assert.deepEqual([uri?.query, uri?.path.split('/')[2]], ['', 'layer-1']);
    assert.equal(item.accessibilityInformation?.label, 'modified file, hosts, 3 B · rw-r--r--');
  });

  it('open the last version of what a layer removed', async () => {
    const item = await row(...layer, 'etc', 'gone');
    assert.deepEqual([item.description, item.resourceUri?.query], ['removed', 'removed']);
    const [uri] = (item.command?.arguments ?? []) as readonly vscode.Uri[];
    assert.deepEqual(uri?.path.split('/').slice(2), ['layer-0', 'etc', 'gone']);
  });

  it('188 have an address that comes back from its text, whatever a file is called', async () => {
    const { resourceUri } = await row(...layer, 'caf\u00e9 ?#%2e');
    assert.ok(resourceUri);
    assert.equal(vscode.Uri.parse(resourceUri.toString(), true).path, resourceUri.path);
    assert.match(resourceUri.path, /\/layer-1\/caf\u00e9 \?#%2e$/);
  });
});
