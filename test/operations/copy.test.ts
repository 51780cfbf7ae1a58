import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ImageStore, Io } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { copyImage, executeCopy } from '../../src/operations/copy.ts';
import { planCopy } from '../../src/operations/plan.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putArtifact, putContent, putImage, putIndex, putIndexOf, putJson } from '../support/seededImage.ts';
import { validateImage } from '../support/validateImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

const keep = { overwrite: false };
let io: Io;
describe('copy.test', () => {
  beforeEach(() => void (io = testIo()));

  async function tagged(
    store: MemoryStore,
    tag: string,
    options: Parameters<typeof putImage>[1] = {},
  ): Promise<string> {
    const descriptor = await putImage(store, options, io);
    await store.tag(descriptor, tag);
    return descriptor.digest;
  }

  describe('copyImage', () => {
    const shapes: readonly (readonly [string, (store: MemoryStore) => ReturnType<typeof putImage>, number, number])[] =
      [
        ['an OCI image', (store) => putImage(store, {}, io), 1, 3],
        ['a Docker image', (store) => putImage(store, { flavor: 'docker' }, io), 1, 3],
        ['an image without layers', (store) => putImage(store, { layers: 0 }, io), 1, 1],
        ['an index', (store) => putIndex(store, {}, io), 3, 6],
        ['a Docker manifest list', (store) => putIndex(store, { flavor: 'docker' }, io), 3, 6],
        ['an index with attestations', (store) => putIndex(store, { attestations: true }, io), 5, 10],
        [
          'an artifact',
          (store) => putArtifact(store, { artifactType: 'text/x', content: Buffer.from('hi') }, io),
          1,
          2,
        ],
        ['an empty index', (store) => putIndexOf(store, [], io), 1, 0],
        [
          'a nested index',
          async (store) =>
            putIndexOf(store, [await putIndex(store, {}, io), await putImage(store, { seed: 9 }, io)], io),
          5,
          9,
        ],
      ];
    for (const [name, put, manifests, blobs] of shapes) {
      it(`141: copies ${name} byte for byte`, async () => {
        const source = new MemoryStore();
        const target = new RepositoryLike();
        const root = await put(source);
        await source.tag(root, 'v1');
        const outcome = await copyImage(source, 'v1', target, { tag: 'v2', ...keep }, io);
        assert.deepEqual(outcome.blobs, { present: 0, mounted: 0, transferred: blobs });
        assert.deepEqual(await validateImage(target, 'v2', io), { digest: root.digest, manifests, blobs });
      });
    }

    it('copies into a store that cannot write manifest and tag at once', async () => {
      const [source, target] = [new MemoryStore(), new MemoryStore()];
      const digest = await tagged(source, 'v1');
      await copyImage(source, 'v1', target, { tag: 'v2', ...keep }, io);
      assert.equal((await validateImage(target, 'v2', io)).digest, digest);
    });

    it('copies by digest without writing a tag', async () => {
      const [source, target] = [new MemoryStore(), new RepositoryLike()];
      const digest = await tagged(source, 'v1');
      await copyImage(source, digest, target, keep, io);
      assert.equal((await validateImage(target, digest, io)).digest, digest);
      for await (const page of target.tagPages()) assert.deepEqual(page, []);
    });

    it('asks twice and moves nothing where the target tag names the digest already', async () => {
      const memory = new MemoryStore();
      await tagged(memory, 'v1');
      const [source, target] = [countingStore(memory), countingStore(new RepositoryLike())];
      await copyImage(source.store, 'v1', target.store, { tag: 'v1', ...keep }, io);
      source.clear();
      target.clear();
      const outcome = await copyImage(source.store, 'v1', target.store, { tag: 'v1', ...keep }, io);
      assert.equal(outcome.bytesTransferred, 0);
      assert.deepEqual(
        [...source.calls, ...target.calls],
        [
          { call: 'resolve', of: 'v1' },
          { call: 'resolve', of: 'v1' },
        ],
      );
    });

    it('makes no request that is not needed on a first copy', async () => {
      const memory = new MemoryStore();
      const digest = await tagged(memory, 'v1');
      const [source, target] = [countingStore(memory), countingStore(new RepositoryLike())];
      await copyImage(source.store, 'v1', target.store, { tag: 'v1', ...keep }, io);
      assert.deepEqual([source.count('resolve'), source.count('fetch')], [1, 4]);
      assert.deepEqual([target.count('has'), target.count('push'), target.calls.length], [3, 3, 9]);
      assert.deepEqual(target.calls.slice(-2), [
        { call: 'resolve', of: 'v1' },
        { call: 'pushTagged', of: digest, tag: 'v1' },
      ]);
    });

    it('transfers only what the target lacks', async () => {
      const [source, target] = [new MemoryStore(), new RepositoryLike()];
      await tagged(target, 'old', { layers: 2 });
      await tagged(source, 'new', { layers: 3 });
      const outcome = await copyImage(source, 'new', target, { tag: 'new', ...keep }, io);
      assert.deepEqual(outcome.blobs, { present: 2, mounted: 0, transferred: 2 });
      await validateImage(target, 'new', io);
    });

    it('mounts inside one registry and transfers no byte', async () => {
      const source = new MemoryStore();
      const target = countingStore(new RepositoryLike(source));
      await tagged(source, 'v1');
      const outcome = await copyImage(source, 'v1', target.store, { tag: 'v1', ...keep }, io);
      assert.deepEqual(outcome.blobs, { present: 0, mounted: 3, transferred: 0 });
      assert.equal(outcome.bytesTransferred, 0);
      assert.deepEqual([target.count('mount'), target.count('push')], [3, 0]);
      await validateImage(target.store, 'v1', io);
    });

    it('112: transfers a blob that the registry says it mounted but does not have', async () => {
      const source = new MemoryStore();
      const inner = new RepositoryLike(source);
      const target: ImageStore = { ...countingStore(inner).store, mount: async () => true };
      await tagged(source, 'v1');
      const seen: (readonly [number, number])[] = [];
      const onProgress = (bytes: number, total: number): void => void seen.push([bytes, total]);
      const outcome = await copyImage(source, 'v1', target, { tag: 'v1', ...keep, onProgress }, io);
      assert.deepEqual(outcome.blobs, { present: 0, mounted: 0, transferred: 3 });
      assert.deepEqual(seen.at(-1), [outcome.bytesTransferred, outcome.bytesTransferred]);
      await validateImage(inner, 'v1', io);
    });

    it('goes on without mounts where the registry refuses them', async () => {
      const source = new MemoryStore();
      const inner = new RepositoryLike(source);
      const refused = new OciError('forbidden', 'no mounts here');
      const target: ImageStore = { ...countingStore(inner).store, mount: () => Promise.reject(refused) };
      await tagged(inner, 'other', { layers: 1 });
      await tagged(source, 'v1', { layers: 2 });
      const outcome = await copyImage(source, 'v1', target, { tag: 'v1', ...keep }, io);
      assert.deepEqual(outcome.blobs, { present: 1, mounted: 0, transferred: 2 });
      await validateImage(inner, 'v1', io);
    });

    it('113: uploads again where the target has the blob in another size', async () => {
      const source = new MemoryStore();
      const inner = new RepositoryLike();
      await tagged(source, 'v1', { layers: 1, layerBytes: 5000 });
      // A stored file that was cut: HEAD answers with the size of the file.
      const sizes = new Map<string, number>();
      const target = countingStore(inner);
      const cut: ImageStore = {
        ...target.store,
        has: async (blob) => (sizes.get(blob.digest) ?? 100) === blob.size,
        push: async (blob, open, pushIo) => {
          await target.store.push(blob, open, pushIo);
          sizes.set(blob.digest, blob.size);
        },
      };
      const outcome = await copyImage(source, 'v1', cut, { tag: 'v1', ...keep }, io);
      assert.equal(outcome.blobs.transferred, 2);
      await validateImage(inner, 'v1', io);
    });

    it('117: transfers a layer once that an image has twice and two images share', async () => {
      const source = new MemoryStore();
      const layer = await putContent(source, Buffer.from('a layer'), 'application/x-layer', io);
      const config = await putContent(source, Buffer.from('{}'), 'application/x-config', io);
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const children = await Promise.all(
        ['a', 'b'].map((name) => {
          return putJson(source, { mediaType, config, layers: [layer, layer], annotations: { name } }, io);
        }),
      );
      await source.tag(await putIndexOf(source, [...children, ...children], io), 'v1');
      const target = countingStore(new RepositoryLike());
      await copyImage(source, 'v1', target.store, { tag: 'v1', ...keep }, io);
      const pushed = target.calls.filter(({ call }) => call === 'push').map(({ of }) => of);
      assert.deepEqual(pushed.toSorted(), [layer, config, ...children].map(({ digest }) => digest).toSorted());
    });

    it('keeps foreign layers as they are named and moves none of them', async () => {
      const source = new MemoryStore();
      const foreign = {
        mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
        digest: `sha256:${'f'.repeat(64)}`,
        size: 1_700_000_000,
        urls: ['https://example.com/layer'],
      } as const;
      const digest = await tagged(source, 'win', { flavor: 'docker', foreign: [foreign] });
      const target = new RepositoryLike();
      const plan = await planCopy(source, 'win', target, { tag: 'win' }, io);
      assert.deepEqual(plan.foreign, [foreign]);
      const outcome = await executeCopy(plan, source, target, keep, io);
      assert.deepEqual(outcome.blobs, { present: 0, mounted: 0, transferred: 3 });
      assert.equal((await target.resolve('win', io)).digest, digest);
    });

    const notElsewhere: readonly (readonly [string, object])[] = [
      ['application/vnd.oci.image.layer.v1.tar', { urls: ['https://example.com/layer'] }],
      ['application/vnd.oci.image.layer.nondistributable.v1.tar', {}],
      ['application/vnd.oci.image.layer.nondistributable.v1.tar', { urls: [] }],
    ];
    for (const [mediaType, urls] of notElsewhere) {
      it(`moves a layer of ${mediaType} with ${JSON.stringify(urls)}: nobody else is sure to have it`, async () => {
        const [source, target] = [new MemoryStore(), new RepositoryLike()];
        const layer = await putContent(source, Buffer.from('a layer'), mediaType, io);
        const config = await putContent(source, Buffer.from('{}'), 'application/x-config', io);
        const image = {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          config,
          layers: [{ ...layer, ...urls }],
        };
        await source.tag(await putJson(source, image, io), 'v1');
        await copyImage(source, 'v1', target, { tag: 'v1', ...keep }, io);
        assert.equal(await target.has(layer), true);
      });
    }

    it('copies a referrer without the image that it refers to', async () => {
      const source = new MemoryStore();
      const subject = await putImage(source, {}, io);
      const referrer = await putArtifact(source, { artifactType: 'text/x', content: Buffer.from('sig'), subject }, io);
      const target = new RepositoryLike();
      await copyImage(source, referrer.digest, target, keep, io);
      assert.equal(await target.has(referrer), true);
      assert.equal(await target.has(subject), false);
    });

    it('carries a layer that is a manifest as the blob that it is', async () => {
      const source = new MemoryStore();
      const inner = await putImage(source, {}, io);
      const config = await putContent(source, Buffer.from('{}'), 'application/x-config', io);
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      await source.tag(await putJson(source, { mediaType, config, layers: [inner] }, io), 'v1');
      const target = countingStore(new MemoryStore());
      const types: string[] = [];
      const watched: ImageStore = {
        ...target.store,
        push: (descriptor, open, pushIo) => {
          if (descriptor.digest === inner.digest) types.push(descriptor.mediaType);
          return target.store.push(descriptor, open, pushIo);
        },
      };
      await copyImage(source, 'v1', watched, { tag: 'v1', ...keep }, io);
      assert.deepEqual(types, ['application/octet-stream']);
    });

    it('reports progress that only grows and ends at the total', async () => {
      const [source, target] = [new MemoryStore(), new RepositoryLike()];
      await tagged(source, 'v1', { layers: 4, layerBytes: 400_000 });
      const seen: (readonly [number, number])[] = [];
      const onProgress = (bytes: number, total: number): void => void seen.push([bytes, total]);
      const { bytesTransferred } = await copyImage(source, 'v1', target, { tag: 'v1', ...keep, onProgress }, io);
      assert.deepEqual(seen.at(-1), [bytesTransferred, bytesTransferred]);
      assert.ok(seen.length >= 4);
      assert.deepEqual(
        seen.toSorted(([a], [b]) => a - b),
        seen,
      );
    });
  });
});
