import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import { streamOf } from '../../src/content/bytes.ts';
import type { ImageSource } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { testIo } from './io.ts';
import { putContent, putImage, putIndex, putIndexOf, putJson, tarOf } from './seededImage.ts';
import { validateImage } from './validateImage.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar';

/** An image of one plain layer whose config says of it what it is told to say. */
async function imageSaying(store: MemoryStore, diffIds: (layer: Descriptor) => string[]): Promise<Descriptor> {
  const layer = await putContent(store, tarOf('a', Buffer.from('x')), layerType, testIo());
  const json = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: diffIds(layer) } };
  const config = await putContent(store, Buffer.from(JSON.stringify(json)), configType, testIo());
  return putJson(store, { mediaType: manifestType, config, layers: [layer] }, testIo());
}

describe('validateImage', () => {
  it('counts what it looked at', async () => {
    const store = new MemoryStore();
    const { digest } = await putIndex(store, { attestations: true }, testIo());
    assert.deepEqual(await validateImage(store, digest, testIo()), { digest, manifests: 5, blobs: 10 });
  });

  it('127: finds a diff id that is not the digest of the decompressed layer', async () => {
    const store = new MemoryStore();
    await validateImage(store, (await imageSaying(store, ({ digest }) => [digest])).digest, testIo());
    const wrong = await imageSaying(store, () => [`sha256:${'0'.repeat(64)}`]);
    await assert.rejects(validateImage(store, wrong.digest, testIo()), /diff id of layer 0/);
  });

  it('finds a config with another number of layers', async () => {
    const store = new MemoryStore();
    const wrong = await imageSaying(store, () => []);
    await assert.rejects(validateImage(store, wrong.digest, testIo()), /diff ids and layers/);
  });

  it('finds an index that gives an image another platform than its own', async () => {
    const store = new MemoryStore();
    const image = await putImage(store, {}, testIo());
    const index = await putIndexOf(store, [{ ...image, platform: { os: 'linux', architecture: 'arm64' } }], testIo());
    await assert.rejects(validateImage(store, index.digest, testIo()), /platform in the index and in the config/);
  });

  it('finds content that is not there', async () => {
    const store = new MemoryStore();
    const image = await imageSaying(store, ({ digest }) => [digest]);
    await store.deleteManifest((await putContent(store, tarOf('a', Buffer.from('x')), layerType, testIo())).digest);
    await assert.rejects(validateImage(store, image.digest, testIo()), { code: 'not-found' });
  });

  for (const [what, bytes] of [
    ['other bytes', (size: number) => Buffer.alloc(size, 7)],
    ['fewer bytes', (size: number) => Buffer.alloc(size - 1, 7)],
  ] as const) {
    it(`finds a layer of ${what} than its digest is of, whatever the store says`, async () => {
      const store = new MemoryStore();
      const image = await imageSaying(store, ({ digest }) => [digest]);
      const lying: ImageSource = {
        resolve: (identifier, io) => store.resolve(identifier, io),
        fetch: async (descriptor, io) =>
          descriptor.mediaType === layerType ? streamOf(bytes(descriptor.size)) : store.fetch(descriptor, io),
      };
      await assert.rejects(validateImage(lying, image.digest, testIo()), /size|digest/);
    });
  }
});
