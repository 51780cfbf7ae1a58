import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { Io } from '../../src/content/store.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import { inspectImage } from '../../src/operations/inspect.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putArtifact, putContent, putImage, putIndex, putIndexOf, putJson } from '../support/seededImage.ts';

const linux = (architecture: string, variant?: string) => {
  return { os: 'linux', architecture, ...(variant === undefined ? {} : { variant }) };
};
let io: Io;
let store: MemoryStore;
describe('inspect.test', () => {
  beforeEach(() => {
    io = testIo();
    store = new MemoryStore();
  });

  describe('inspectImage', () => {
    it('shows an image: config, layers with the line that made each, annotations of the base', async () => {
      const base = {
        'org.opencontainers.image.base.name': 'docker.io/library/alpine:3.20',
        'org.opencontainers.image.base.digest': `sha256:${'b'.repeat(64)}`,
      };
      const image = await putImage(store, { annotations: base }, io);
      await store.tag(image, 'v1');
      const shown = await inspectImage(store, 'v1', {}, io);
      assert.equal(shown.digest, image.digest);
      assert.equal(shown.mediaType, 'application/vnd.oci.image.manifest.v1+json');
      assert.deepEqual(shown.platforms, [
        { platform: 'linux/amd64', digest: image.digest, size: image.size, mediaType: image.mediaType },
      ]);
      assert.deepEqual(shown.config?.['config'], { Env: ['PATH=/bin'] });
      assert.deepEqual(
        shown.layers.map(({ createdBy, mediaType }) => [createdBy, mediaType]),
        [
          ['COPY file-0 / # buildkit', 'application/vnd.oci.image.layer.v1.tar+gzip'],
          ['COPY file-1 / # buildkit', 'application/vnd.oci.image.layer.v1.tar+gzip'],
        ],
      );
      const { rootfs } = shown.config as unknown as { rootfs: { diff_ids: string[] } };
      assert.deepEqual(
        shown.layers.map(({ diffId }) => diffId),
        rootfs.diff_ids,
      );
      assert.deepEqual(shown.annotations, base);
      assert.deepEqual(JSON.parse(JSON.stringify(shown)), shown);
    });

    it('lists all platforms of an index, attestations too, and shows its first image', async () => {
      const indexAnnotations = { of: 'index', who: 'index' };
      const root = await putIndex(store, { attestations: true, indexAnnotations, annotations: { who: 'image' } }, io);
      const shown = await inspectImage(store, root.digest, {}, io);
      assert.equal(shown.digest, root.digest);
      assert.deepEqual(
        shown.platforms.map(({ platform }) => platform),
        ['linux/amd64', 'linux/arm64', 'unknown/unknown', 'unknown/unknown'],
      );
      assert.equal(shown.config?.['architecture'], 'amd64');
      assert.equal(shown.layers.length, 2);
      assert.deepEqual(shown.annotations, { of: 'index', who: 'image' });
    });

    const choices: readonly (readonly [string, { platform?: string; prefer?: string[] }, string, string?])[] = [
      ['the platform that was asked for', { platform: 'linux/arm64' }, 'arm64'],
      ['the variant that was asked for', { platform: 'linux/arm/v7' }, 'arm', 'v7'],
      ['the very platform before a variant of it', { platform: 'linux/amd64' }, 'amd64'],
      ['the first variant where none was named', { platform: 'linux/arm' }, 'arm', 'v6'],
      ['the first preferred platform that is there', { prefer: ['windows/amd64', 'linux/arm64'] }, 'arm64'],
      ['the first image where no preferred platform is there', { prefer: ['linux/s390x'] }, 'amd64', 'v3'],
    ];
    for (const [name, { platform, prefer }, architecture, variant] of choices) {
      it(`shows ${name}`, async () => {
        const platforms = [
          linux('amd64', 'v3'),
          linux('amd64'),
          linux('arm', 'v6'),
          linux('arm', 'v7'),
          linux('arm64'),
        ];
        const root = await putIndex(store, { platforms }, io);
        const options = {
          ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
          ...(prefer === undefined ? {} : { prefer: prefer.map(parsePlatform) }),
        };
        const { config } = await inspectImage(store, root.digest, options, io);
        assert.deepEqual([config?.['architecture'], config?.['variant']], [architecture, variant]);
      });
    }

    it('names the platforms that there are where the one asked for is not', async () => {
      const index = await putIndex(store, { attestations: true }, io);
      const image = await putImage(store, {}, io);
      for (const [{ digest }, offered] of [
        [index, '"linux/amd64, linux/arm64"'],
        [image, '"linux/amd64"'],
      ] as const) {
        await assert.rejects(inspectImage(store, digest, { platform: linux('s390x') }, io), {
          code: 'not-found',
          message: `${digest.slice(0, 19)} has no image for linux/s390x; it has ${offered}.`,
        });
      }
    });

    it('lists the images of indexes in an index', async () => {
      const root = await putIndexOf(store, [await putIndex(store, {}, io), await putImage(store, { seed: 7 }, io)], io);
      const { platforms } = await inspectImage(store, root.digest, {}, io);
      assert.deepEqual(
        platforms.map(({ platform }) => platform),
        ['linux/amd64', 'linux/arm64', 'linux/amd64'],
      );
    });

    it('shows an artifact without config', async () => {
      const artifact = await putArtifact(store, { artifactType: 'text/x', content: Buffer.from('hi') }, io);
      const shown = await inspectImage(store, artifact.digest, {}, io);
      assert.deepEqual([shown.config, shown.platforms], [null, []]);
      assert.deepEqual(
        shown.layers.map(({ size, diffId, createdBy }) => [size, diffId, createdBy]),
        [[2, null, null]],
      );
    });

    it('shows an index without images', async () => {
      const { digest } = await putIndexOf(store, [], io);
      const shown = await inspectImage(store, digest, { prefer: [linux('amd64')] }, io);
      assert.deepEqual([shown.platforms, shown.config, shown.layers], [[], null, []]);
    });

    it('127: gives no diff id and no history line where they are not as many as the layers', async () => {
      const layer = await putContent(store, Buffer.from('x'), 'application/vnd.oci.image.layer.v1.tar', io);
      const rootfs = { type: 'layers', diff_ids: [layer.digest] };
      const json = { os: 'linux', architecture: 'amd64', rootfs, history: [{ created_by: 'one' }] };
      const config = await putContent(
        store,
        Buffer.from(JSON.stringify(json)),
        'application/vnd.oci.image.config.v1+json',
        io,
      );
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const { digest } = await putJson(store, { mediaType, config, layers: [layer, layer] }, io);
      const { layers } = await inspectImage(store, digest, {}, io);
      assert.deepEqual(
        layers.map(({ diffId, createdBy }) => [diffId, createdBy]),
        [
          [null, null],
          [null, null],
        ],
      );
    });

    it('reads no layer', async () => {
      const root = await putIndex(store, {}, io);
      const counting = countingStore(store);
      await inspectImage(counting.store, root.digest, { platform: linux('arm64') }, io);
      assert.deepEqual([counting.count('resolve'), counting.count('fetch')], [1, 3]);
    });

    it('154: visits each nested index once, however many ways lead to it', async () => {
      let root = await putIndexOf(store, [], io);
      for (let at = 0; at < 8; at++)
        root = await putIndexOf(
          store,
          Array.from({ length: 500 }, () => root),
          io,
        );
      const counting = countingStore(store);
      assert.deepEqual((await inspectImage(counting.store, root.digest, {}, io)).platforms, []);
      assert.equal(counting.count('fetch'), 9);
    });
  });
});
