import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { LayerStack } from '../../src/archive/layerStack.ts';
import type { FolderItem } from '../../src/browse/folderItem.ts';
import { LayerTree } from '../../src/browse/layerTree.ts';
import { OciError } from '../../src/errors.ts';
import type { Io } from '../../src/content/store.ts';
import { testIo } from '../support/io.ts';
import { type EntrySpec, layerOf } from '../support/layers.ts';

describe('LayerTree', () => {
  let io: Io;

  beforeEach(() => (io = testIo()));
  const digestOf = (letter: string) => `sha256:${letter.repeat(64)}` as const;
  const below: readonly EntrySpec[] = [
    { path: 'etc', type: 'directory' },
    { path: 'etc/passwd', size: 10, digest: digestOf('a') },
    { path: 'etc/hosts', size: 5, digest: digestOf('b') },
    { path: 'usr', type: 'directory' },
    { path: 'usr/lib', type: 'directory' },
    { path: 'old', type: 'directory' },
    { path: 'old/file', size: 1, digest: digestOf('c') },
  ];

  async function treeOf(...layers: readonly (readonly EntrySpec[])[]): Promise<LayerTree> {
    const stack = new LayerStack();
    let tree = await LayerTree.of([], 0, io);
    for (const [at, layer] of layers.entries()) {
      tree = await LayerTree.of(await stack.apply(layerOf(...layer), io), at, io);
    }
    return tree;
  }

  const brief = ({ name, entry, expands }: FolderItem): string =>
    `${name}${entry.type === 'directory' ? '/' : ''} ${entry.change ?? '-'}${expands ? ' …' : ''}`;

  async function listed(tree: LayerTree, path: string): Promise<readonly string[] | undefined> {
    return (await tree.list(path, io))?.map(brief);
  }

  it('shows what a layer added, modified and removed, and unchanged folders only as parents', async () => {
    const tree = await treeOf(below, [
      { path: 'etc', type: 'directory' },
      { path: 'etc/passwd', size: 12, digest: digestOf('d') },
      { path: 'usr', type: 'directory' },
      { path: 'usr/lib', type: 'directory' },
      { path: 'opt/app/run', size: 3 },
      { path: '.wh.old' },
    ]);
    assert.deepEqual(await listed(tree, ''), ['etc/ unchanged …', 'old/ removed', 'opt/ - …']);
    assert.deepEqual(await listed(tree, 'etc'), ['passwd modified']);
    assert.deepEqual(await listed(tree, 'opt'), ['app/ - …']);
    assert.deepEqual(await listed(tree, 'opt/app'), ['run added']);
    assert.equal(await listed(tree, 'usr'), undefined);
    assert.equal(await listed(tree, 'etc/passwd'), undefined);
  });

  it('shows files that a layer brings again unchanged: they take their space', async () => {
    const tree = await treeOf(below, [{ path: 'etc/hosts', size: 5, digest: digestOf('b') }]);
    assert.deepEqual(await listed(tree, 'etc'), ['hosts unchanged']);
  });

  it('knows which layer has the last version of what was removed', async () => {
    const tree = await treeOf(
      below,
      [{ path: 'etc/hosts', size: 6, digest: digestOf('e') }],
      [{ path: 'etc/.wh.hosts' }],
    );
    assert.equal(tree.item('etc/hosts')?.removedFrom, 1);
    assert.deepEqual(await listed(tree, 'etc'), ['hosts removed']);
  });

  it('knows no path that is not in the layer', async () => {
    const tree = await treeOf(below, [{ path: 'etc/new' }]);
    for (const path of ['etc/passwd', 'usr', 'etc/new/x', 'none', 'etc/'])
      assert.equal(tree.item(path), undefined, path);
  });

  it('says of no file what the layer did to it where those below could not be read', async () => {
    const changes = await new LayerStack().apply(layerOf({ path: 'a' }, { path: 'd', type: 'directory' }), io);
    const failure = new OciError('not-found', 'the layer below is gone');
    const tree = await LayerTree.of(changes, 3, io, failure);
    assert.equal(tree.failure, failure);
    assert.deepEqual(await listed(tree, ''), ['d/ -', 'a -']);
  });

  it('shows 100,000 files of one folder in their order, and lets others run meanwhile', async () => {
    const specs = Array.from({ length: 100_000 }, (_, at) => ({ path: `big/${(at * 7919) % 100_000}` }));
    const changes = await new LayerStack().apply(layerOf(...specs), io);
    const reading = LayerTree.of(changes, 0, io).then((tree) => tree.list('big', io));
    let [turns, done] = [0, false];
    const ended = reading.then(() => (done = true));
    for (; !done; turns++) await setImmediate();
    await ended;
    const items = (await reading) ?? [];
    assert.equal(items.length, 100_000);
    assert.deepEqual(
      items.slice(0, 3).map(({ name }) => name),
      ['0', '1', '10'],
    );
    assert.ok(turns > 50, `${turns} turns`);
  });
});
