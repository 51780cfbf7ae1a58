import assert from 'node:assert/strict';
import type { Browser } from '../../src/browse/browser.ts';
import type { TreeNode } from '../../src/browse/nodes.ts';
import { untilAborted } from '../../src/content/abort.ts';
import type { ByteStream, Io } from '../../src/content/store.ts';
import { defaultPatience, type Patience } from '../../src/browse/slowReads.ts';
import { OciError } from '../../src/errors.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { testIo } from '../support/io.ts';
import { type ImageMembers, putTarImage } from '../support/tarImage.ts';
import { browserOf, childrenAt, CountingMemory, labelOf, labels, MemoryRegistry } from './fixtures.ts';

const host = 'r.example';

/** A registry in memory that holds back, or does not have, a layer. */
class HeldMemory extends CountingMemory {
  readonly held = new Map<string, () => Promise<unknown>>();

  override async fetch(descriptor: Descriptor, io: Io): Promise<ByteStream> {
    const holding = this.held.get(descriptor.digest)?.();
    if (holding !== undefined) await untilAborted(holding, io);
    return super.fetch(descriptor, io);
  }
}

interface Made {
  readonly browser: Browser;
  readonly store: HeldMemory;
  readonly layers: readonly Descriptor[];
}

describe('the files of an image in the tree', () => {
  let io: Io;

  beforeEach(() => (io = testIo()));

  async function imageOf(...layers: ImageMembers): Promise<Made> {
    return madeOf(defaultPatience, layers);
  }

  async function madeOf(patience: Patience, layers: ImageMembers): Promise<Made> {
    const registry = new MemoryRegistry(host);
    const store = new HeldMemory(registry.asked);
    registry.stores.set('app', store);
    await putTarImage(store, '1.0', layers, io);
    const browser = browserOf({ registries: [registry], patience });
    const nodes = await childrenAt(browser, host, 'app', '1.0', 'layers');
    return { browser, store, layers: nodes.flatMap((node) => (node.kind === 'layer' ? [node.descriptor] : [])) };
  }

  const twoLayers: ImageMembers = [
    [
      { name: 'etc', type: '5' },
      { name: 'etc/hosts', content: 'localhost' },
      { name: 'etc/passwd', content: 'root' },
      { name: 'bin', link: 'usr/bin' },
      { name: 'usr/bin/sh', content: '#!' },
    ],
    [{ name: 'etc/.wh.hosts' }, { name: 'etc/passwd', content: 'root app' }, { name: 'opt/app', content: 'x' }],
  ];

  /** What each row says a layer did. */
  async function changes(browser: Browser, ...path: readonly string[]): Promise<readonly string[]> {
    const nodes = await childrenAt(browser, ...path);
    return nodes.map((node) =>
      node.kind === 'path' ? `${node.item.entry.change ?? ''} ${labelOf(node)}` : labelOf(node),
    );
  }

  it('shows the merged view, folders first, and follows no link', async () => {
    const { browser } = await imageOf(...twoLayers);
    const top = [host, 'app', '1.0', 'filesystem'];
    assert.deepEqual(await labels(browser, ...top), ['etc', 'opt', 'usr', 'bin']);
    assert.deepEqual(await labels(browser, ...top, 'etc'), ['passwd']);
    const bin = (await childrenAt(browser, ...top)).at(-1);
    assert.ok(bin?.kind === 'path');
    assert.deepEqual([bin.item.leadsTo, bin.item.expands], ['directory', false]);
  });

  it('shows what each layer added, changed and removed', async () => {
    const { browser } = await imageOf(...twoLayers);
    const layers = [host, 'app', '1.0', 'layers'];
    assert.deepEqual(await changes(browser, ...layers, '#2 COPY layer-1 /'), [' etc', ' opt']);
    assert.deepEqual(await changes(browser, ...layers, '#2 COPY layer-1 /', 'etc'), [
      'removed hosts',
      'modified passwd',
    ]);
    assert.deepEqual(await changes(browser, ...layers, '#2 COPY layer-1 /', 'opt'), ['added app']);
  });

  it('gives every row another id, whatever files are called', async () => {
    const names = ['more', 'err', 'empty', 'reading', 'a@b', 'a', ':a', 'fs', '%61', '⟨E9⟩'];
    const { browser } = await imageOf([
      ...names.map((name) => ({ name, content: name })),
      ...names.map((name) => ({ name: `d/${name}`, content: name })),
    ]);
    const ids: string[] = [];
    const collect = async (nodes: readonly TreeNode[]): Promise<void> => {
      for (const node of nodes) {
        ids.push(node.id);
        await collect(await browser.children(node, io));
      }
    };
    await collect(browser.roots());
    assert.ok(ids.length > 40);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('220 shows 1,000 files of a folder, and the rest by Load more', async () => {
    const { browser } = await imageOf(
      Array.from({ length: 2500 }, (_, at) => ({ name: `d/${String(at).padStart(4, '0')}`, content: '' })),
    );
    const path = [host, 'app', '1.0', 'filesystem', 'd'];
    const first = await childrenAt(browser, ...path);
    assert.deepEqual([first.length, first.at(-2)?.id.slice(-4), first.at(-1)?.kind], [1001, '0999', 'loadMore']);
    const more = first.at(-1);
    assert.ok(more?.kind === 'loadMore');
    browser.loadMore(more);
    const second = await childrenAt(browser, ...path);
    assert.equal(second.length, 2001);
    assert.deepEqual(second.slice(0, 1000), first.slice(0, 1000));
  });

  it('168 shows names that lead out of the image apart, and where they end up', async () => {
    const { browser } = await imageOf([
      { name: '../../etc/shadow', content: 'x' },
      { name: 'a', content: 'x' },
    ]);
    const path = [host, 'app', '1.0', 'layers', '#1 COPY layer-0 /'];
    assert.ok((await labels(browser, ...path)).includes('unsafe'));
    const [unsafe] = await childrenAt(browser, ...path, 'unsafe');
    assert.ok(unsafe?.kind === 'path');
    assert.deepEqual([unsafe.item.name, unsafe.item.entry.path], ['../../etc/shadow', '/etc/shadow']);
  });

  it('says that a layer changes no files, and of an image without layers that it has none', async () => {
    const { browser } = await imageOf([{ name: 'etc', type: '5' }], [{ name: 'etc', type: '5' }]);
    assert.deepEqual(await labels(browser, host, 'app', '1.0', 'layers', '#2 COPY layer-1 /'), [
      'empty: Changes no files',
    ]);
    const none = await imageOf();
    assert.deepEqual(await labels(none.browser, host, 'app', '1.0', 'filesystem'), ['empty: No files']);
  });

  it('shows a layer alone where one below it cannot be read, and says why', async () => {
    const { browser, store, layers } = await imageOf(...twoLayers);
    const [lower] = layers;
    assert.ok(lower);
    store.held.set(lower.digest, () => Promise.reject(new OciError('not-found', 'layer one is gone')));
    const path = [host, 'app', '1.0', 'layers', '#2 COPY layer-1 /'];
    assert.deepEqual(await changes(browser, ...path), [' etc', ' opt', 'error: layer one is gone']);
    assert.deepEqual(await changes(browser, ...path, 'etc'), ['removed hosts', ' passwd']);
    store.held.clear();
    const [error] = (await childrenAt(browser, ...path)).slice(-1);
    assert.ok(error);
    browser.retry(error);
    assert.deepEqual(await changes(browser, ...path), [' etc', ' opt']);
  });

  it('shows the failure of a layer that cannot be read itself', async () => {
    const { browser, store, layers } = await imageOf(...twoLayers);
    for (const { digest } of layers)
      store.held.set(digest, () => Promise.reject(new OciError('unavailable', 'no route')));
    assert.deepEqual(await labels(browser, host, 'app', '1.0', 'layers', '#1 COPY layer-0 /'), ['error: no route']);
    assert.deepEqual(await labels(browser, host, 'app', '1.0', 'filesystem'), ['error: no route']);
  });

  it('says how far it is while a layer is read, draws it again, and shows all of it at the end', async () => {
    const { browser, store, layers } = await madeOf({ first: 20, every: 20 }, twoLayers);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    store.held.set(layers[0]?.digest ?? '', () => promise);
    const path = [host, 'app', '1.0', 'layers', '#2 COPY layer-1 /'];
    // The layer itself is read already, and the one below it is not: its names are shown.
    const first = await labels(browser, ...path);
    assert.match(first[0] ?? '', /^note: Reading… 3 files · [\d.]+ KiB of 8\.5 KiB$/);
    assert.deepEqual(first.slice(1), ['etc', 'opt']);
    await drawn(browser);
    assert.deepEqual(await labels(browser, ...path), first);
    const last = drawn(browser);
    resolve(undefined);
    await last;
    assert.deepEqual(await changes(browser, ...path), [' etc', ' opt']);
  });

  it('stops reading where the layer is closed again, and begins anew', async () => {
    const { browser, store, layers } = await madeOf({ first: 20, every: 20 }, twoLayers);
    store.held.set(layers[0]?.digest ?? '', () => new Promise(() => undefined));
    const path = [host, 'app', '1.0', 'layers', '#1 COPY layer-0 /'];
    assert.match((await labels(browser, ...path))[0] ?? '', /^note: Reading/);
    const node = (await childrenAt(browser, host, 'app', '1.0', 'layers'))[0];
    assert.ok(node);
    browser.stop(node);
    store.held.clear();
    assert.deepEqual(await changes(browser, ...path), ['added etc', ' usr', 'added bin']);
  });

  function drawn(browser: Browser): Promise<TreeNode> {
    return new Promise((resolve) => {
      const listening = browser.onDidRead((node) => {
        listening.dispose();
        resolve(node);
      });
    });
  }
});
