import assert from 'node:assert/strict';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { testIo } from '../support/io.ts';
import {
  browserOf,
  child,
  childrenAt,
  everything,
  labels,
  labelOf,
  MemoryRegistry,
  pushBlob,
  pushImage,
  pushIndex,
  pushManifest,
} from './fixtures.ts';

const host = 'registry.example:5000';

function registryOf(...names: readonly string[]): MemoryRegistry {
  const registry = new MemoryRegistry(host);
  for (const name of names) registry.add(name);
  return registry;
}

describe('Browser', () => {
  describe('tags', () => {
    it('asks for no manifest to list tags', async () => {
      const registry = new MemoryRegistry(host);
      const store = registry.add('app');
      for (const tag of ['1.9', '1.10', 'latest']) await pushImage(store, tag);
      registry.asked.length = 0;
      assert.deepEqual(await labels(browserOf({ registries: [registry] }), host, 'app'), ['latest', '1.10', '1.9']);
      assert.deepEqual(registry.asked, ['page 1']);
    });

    it('puts the newest version on the first page though the registry gives it last', async () => {
      const registry = registryOf('app');
      registry.repository('app').tagPages = async function* () {
        for (let page = 0; page < 9; page++) yield Array.from({ length: 50 }, (_, at) => `1.${page * 50 + at}.0`);
      };
      const browser = browserOf({ registries: [registry], settings: { pageSize: 3 } });
      assert.deepEqual(await labels(browser, host, 'app'), ['1.449.0', '1.448.0', '1.447.0', 'loadMore']);
    });

    it('describes a tag when asked, once', async () => {
      const registry = new MemoryRegistry(host);
      const { digest } = await pushImage(registry.add('app'), '1.0');
      const browser = browserOf({ registries: [registry] });
      const tag = await child(browser, 'tag', host, 'app');
      assert.ok(tag.kind === 'tag');
      assert.equal(browser.summary(tag), undefined);
      registry.asked.length = 0;
      const summary = await browser.describe(tag, testIo());
      assert.deepEqual(summary, {
        digest,
        mediaType: mediaTypes.manifest,
        shape: 'image',
        platforms: ['linux/amd64'],
        size: 297,
        created: '2020-01-02T03:04:05Z',
      });
      assert.deepEqual(await browser.describe(tag, testIo()), summary);
      assert.deepEqual(browser.summary(tag), summary);
      assert.deepEqual(registry.asked, ['resolve 1.0', `fetch ${mediaTypes.manifest}`, `fetch ${mediaTypes.config}`]);
    });

    it('shows config, layers with their history, and referrers of an image', async () => {
      const registry = new MemoryRegistry(host);
      await pushImage(registry.add('app'), '1.0');
      const browser = browserOf({ registries: [registry] });
      assert.deepEqual(await labels(browser, host, 'app', '1.0'), ['config', 'layers', 'filesystem', 'referrers']);
      assert.deepEqual(await labels(browser, host, 'app', '1.0', 'layers'), ['#1 COPY app /app']);
      assert.deepEqual(await labels(browser, host, 'app', '1.0', 'referrers'), ['empty: No referrers']);
    });

    it('shows the platforms of an index, attestations among them', async () => {
      const registry = new MemoryRegistry(host);
      await pushIndex(registry.add('app'), '1.0');
      const browser = browserOf({ registries: [registry] });
      const found = await childrenAt(browser, host, 'app', '1.0');
      assert.deepEqual(found.map(labelOf), ['linux/amd64', 'linux/arm64/v8', 'unknown/unknown', 'referrers']);
      assert.deepEqual(found.filter((node) => node.kind === 'platform' && node.attestation).map(labelOf), [
        'unknown/unknown',
      ]);
      assert.deepEqual(await labels(browser, host, 'app', '1.0', 'linux/amd64'), [
        'config',
        'layers',
        'filesystem',
        'referrers',
      ]);
    });

    it('shows an artifact and what refers to an image', async () => {
      const registry = new MemoryRegistry(host);
      const store = registry.add('app');
      const subject = await pushImage(store, '1.0');
      const empty = await pushBlob(store, Buffer.from('{}'), mediaTypes.empty);
      const blob = await pushBlob(store, Buffer.from('{"sbom":true}'), 'application/json');
      await pushManifest(store, undefined, {
        mediaType: mediaTypes.manifest,
        artifactType: 'application/spdx+json',
        config: empty,
        layers: [{ ...blob, annotations: { 'org.opencontainers.image.title': 'sbom.json' } }],
        subject,
      });
      const browser = browserOf({ registries: [registry] });
      assert.deepEqual(await labels(browser, host, 'app', '1.0', 'referrers'), ['referrer']);
      assert.deepEqual(await labels(browser, host, 'app', '1.0', 'referrers', 'referrer'), ['layers', 'referrers']);
      assert.deepEqual(await labels(browser, host, 'app', '1.0', 'referrers', 'referrer', 'layers'), ['#1 sbom.json']);
    });

    it('224: keeps showing the image that was opened until Refresh, then the one the tag moved to', async () => {
      const registry = new MemoryRegistry(host);
      const store = registry.add('app');
      const old = await pushImage(store, 'latest');
      const browser = browserOf({ registries: [registry] });
      const before = await child(browser, 'config', host, 'app', 'latest');
      assert.ok(before.kind === 'config' && before.manifest.digest === old.digest);
      const moved = await pushImage(store, 'latest', 'arm64');
      assert.equal(await child(browser, 'config', host, 'app', 'latest'), before);
      browser.refresh(await child(browser, 'tag', host, 'app'));
      const after = await child(browser, 'config', host, 'app', 'latest');
      assert.ok(after.kind === 'config' && after.manifest.digest === moved.digest && after.id !== before.id);
    });
  });

  it('224: does not keep what a tag named before a refresh that came while it was looked up', async () => {
    const registry = new MemoryRegistry(host);
    const store = registry.add('app');
    await pushImage(store, 'latest');
    const browser = browserOf({ registries: [registry] });
    const tag = await child(browser, 'tag', host, 'app');
    assert.ok(tag.kind === 'tag');
    const { promise, resolve: release } = Promise.withResolvers<undefined>();
    const resolve = store.resolve.bind(store);
    store.resolve = async (identifier, io) => {
      const found = await resolve(identifier, io);
      await promise;
      return found;
    };
    const looking = browser.describe(tag, testIo());
    await new Promise((looked) => setImmediate(looked));
    const moved = await pushImage(store, 'latest', 'arm64');
    browser.refresh(tag);
    release(undefined);
    await looking;
    assert.equal((await browser.describe(tag, testIo())).digest, moved.digest);
  });

  describe('identity', () => {
    it('gives every node of the whole tree another id', async () => {
      const [first, second] = [new MemoryRegistry(host), new MemoryRegistry('registry.example')];
      for (const registry of [first, second]) {
        for (const name of ['app', 'app/x', 'other']) {
          const store = registry.add(name);
          await pushImage(store, '1.0');
          await store.tag(await pushImage(store, '1.1'), 'latest');
          await pushIndex(store, '2.0');
        }
      }
      const opened = [{ registry: host, repository: 'app' }];
      const browser = browserOf({ registries: [first, second], opened });
      const ids = (await everything(browser, browser.roots())).map(({ id }) => id);
      assert.ok(ids.length > 100, `only ${ids.length} nodes`);
      assert.deepEqual(ids, [...new Set(ids)]);
    });

    it('gives two entries of an index that name one manifest two ids', async () => {
      const registry = new MemoryRegistry(host);
      const store = registry.add('app');
      const image = await pushImage(store, 'x');
      await pushManifest(store, '1.0', { mediaType: mediaTypes.index, manifests: [image, image] });
      const nodes = await childrenAt(browserOf({ registries: [registry] }), host, 'app', '1.0');
      assert.equal(new Set(nodes.map(({ id }) => id)).size, 3);
    });

    it('gives the same object for the same node after a refresh, and knows its parent', async () => {
      const browser = browserOf({ registries: [registryOf('team/api')] });
      const before = await child(browser, 'repository', host, 'team/');
      browser.refresh();
      const after = await child(browser, 'repository', host, 'team/');
      assert.equal(after, before);
      assert.equal(browser.parent(after)?.id, `R:${host}/ns:team`);
      assert.equal(browser.parent(browser.parent(after) ?? after), browser.roots()[0]);
    });

    it('244: tells its nodes from objects that look like them', async () => {
      const browser = browserOf({ registries: [registryOf('app')] });
      const node = await child(browser, 'repository', host);
      assert.equal(browser.isNode(node), true);
      assert.equal(browser.isNode({ ...node }), false);
      assert.equal(browser.isNode(undefined), false);
    });
  });
});
