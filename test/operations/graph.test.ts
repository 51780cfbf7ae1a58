import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fetchManifest, opens, streamOf } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ContentSource } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { type ImageGraph, readGraph } from '../../src/operations/graph.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putContent, putImage, putIndexOf, putJson } from '../support/seededImage.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

async function graphOf(store: ContentSource, root: Descriptor): Promise<ImageGraph> {
  return readGraph(store, { descriptor: root, manifest: await fetchManifest(store, root, testIo()) }, testIo());
}

/** An index in an index …, `depth` steps above an image. */
async function nested(store: MemoryStore, depth: number): Promise<Descriptor> {
  let root = await putImage(store, { layers: 1 }, testIo());
  for (let at = 0; at < depth; at++) root = await putIndexOf(store, [root], testIo());
  return root;
}

describe('readGraph', () => {
  it('sorts manifests so that each comes after all that it lists', async () => {
    const store = new MemoryStore();
    const image = await putImage(store, {}, testIo());
    const inner = await putIndexOf(store, [image], testIo());
    const root = await putIndexOf(store, [image, inner], testIo());
    const { levels, blobs } = await graphOf(store, root);
    assert.deepEqual(
      levels.map((level) => level.map(({ descriptor }) => descriptor.digest)),
      [[image.digest], [inner.digest], [root.digest]],
    );
    assert.equal(blobs.length, 3);
  });

  it('154: reads each digest once, however many ways lead to it', async () => {
    const store = new MemoryStore();
    let level = await Promise.all([1, 2].map((seed) => putImage(store, { seed, layers: 1 }, testIo())));
    for (let at = 0; at < 7; at++) {
      const [left, right] = [
        await putIndexOf(store, level, testIo()),
        await putIndexOf(store, level.toReversed(), testIo()),
      ];
      level = [left, right];
    }
    const root = await putIndexOf(
      store,
      Array.from({ length: 5000 }, (_, at) => level[at % 2] ?? level[0]!),
      testIo(),
    );
    const counting = countingStore(store);
    const { levels } = await graphOf(counting.store, root);
    assert.equal(levels.flat().length, 2 * 8 + 1);
    assert.equal(counting.count('fetch'), 2 * 8 + 1);
  });

  it('154: accepts eight steps from the root and refuses nine', async () => {
    const store = new MemoryStore();
    assert.equal((await graphOf(store, await nested(store, 8))).levels.length, 9);
    await assert.rejects(graphOf(store, await nested(store, 9)), {
      code: 'too-large',
      side: 'source',
      message: /nested deeper than 8/,
    });
  });

  it('154: reads no further down than the limit', async () => {
    const store = new MemoryStore();
    const root = await nested(store, 40);
    const counting = countingStore(store);
    await assert.rejects(graphOf(counting.store, root), { code: 'too-large', message: /nested deeper than 8/ });
    assert.equal(counting.count('fetch'), 1 + 8);
  });

  it('154: refuses a deep way to a manifest that a short way leads to as well', async () => {
    const store = new MemoryStore();
    const deep = await nested(store, 7);
    assert.equal((await graphOf(store, await putIndexOf(store, [deep], testIo()))).levels.length, 9);
    const chain = await putIndexOf(store, [deep], testIo());
    await assert.rejects(graphOf(store, await putIndexOf(store, [deep, chain], testIo())), { code: 'too-large' });
  });

  it('154: refuses an index with more than 5000 manifests before it reads them', async () => {
    const store = new MemoryStore();
    const children = Array.from({ length: 5000 }, (_, at): Descriptor => {
      return { mediaType: manifestType, digest: `sha256:${at.toString(16).padStart(64, '0')}`, size: 100 };
    });
    const counting = countingStore(store);
    await assert.rejects(graphOf(counting.store, await putIndexOf(store, children, testIo())), {
      code: 'too-large',
      message: /more than 5000 manifests/,
    });
    assert.equal(counting.count('fetch'), 1);
  });

  it('154: refuses more than 32 MiB of manifests', async () => {
    const store = new MemoryStore();
    const layers: readonly Descriptor[] = [];
    const config = await putContent(store, Buffer.from('{}'), 'application/x-config', testIo());
    const children: Descriptor[] = [];
    for (let at = 0; at < 5; at++) {
      const annotations = { at: `${at}`, fill: 'x'.repeat(7 << 20) };
      children.push(await putJson(store, { mediaType: manifestType, config, layers, annotations }, testIo()));
    }
    await assert.rejects(graphOf(store, await putIndexOf(store, children, testIo())), {
      code: 'too-large',
      message: /bytes of manifests/,
    });
  });

  it('153: ends on a cycle that a store without verification pretends', async () => {
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const ring: Digest[] = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}` as const);
    const listing = (digest: string | undefined): Buffer => {
      return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: [{ mediaType, digest, size: 1 }] }));
    };
    const lying: ContentSource = {
      fetch: async ({ digest }) => streamOf(listing(ring[(ring.indexOf(digest) + 1) % 3])),
    };
    const counting = countingStore(Object.assign(new MemoryStore(), lying));
    const root: Descriptor = { mediaType, digest: ring[0]!, size: 1 };
    await assert.rejects(graphOf(counting.store, root), { code: 'too-large', message: /nested deeper than 8/ });
    assert.equal(counting.count('fetch'), 3);
  });

  it('keeps manifests that are listed by sha512 under that name', async () => {
    const store = new MemoryStore();
    const image = await fetchManifest(store, await putImage(store, { layers: 1 }, testIo()), testIo());
    const digest = `sha512:${createHash('sha512').update(image.bytes).digest('hex')}` as const;
    const child = { mediaType: image.mediaType, digest, size: image.bytes.length };
    await store.push(child, opens(image.bytes), testIo());
    const { levels, blobs } = await graphOf(store, await putIndexOf(store, [child], testIo()));
    assert.deepEqual(levels[0]?.[0]?.descriptor, child);
    assert.equal(blobs.length, 2);
  });

  it('150: refuses a blob that is listed with two sizes', async () => {
    const store = new MemoryStore();
    const config = await putContent(store, Buffer.from('{}'), 'application/x-config', testIo());
    const layers = [{ ...config, size: 3 }];
    await assert.rejects(graphOf(store, await putJson(store, { mediaType: manifestType, config, layers }, testIo())), {
      code: 'invalid-manifest',
      message: /is listed with two sizes, 2 and 3\./,
    });
  });

  it('refuses an index of schema 1 images by their name', async () => {
    const store = new MemoryStore();
    const mediaType = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
    const old: Descriptor = { mediaType, digest: `sha256:${'a'.repeat(64)}`, size: 10 };
    await assert.rejects(graphOf(store, await putIndexOf(store, [old], testIo())), { code: 'unsupported-media-type' });
  });
});
