import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fetchBytes, opens, readAll } from '../../src/content/bytes.ts';
import type { ByteStream, ImageStore } from '../../src/content/store.ts';
import { describe as describeBytes, type Descriptor } from '../../src/oci/descriptor.ts';
import { type Digest, Hasher } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { contractImage, layer, layerDescriptor, pushContractImage } from './contractImage.ts';
import { hangingSources } from './hangingSource.ts';
import { testIo } from './io.ts';
import { rangeContract } from './rangeContract.ts';

function sha512(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: `sha512:${createHash('sha512').update(bytes).digest('hex')}`, size: bytes.length };
}

async function read(store: ImageStore, descriptor: Descriptor): Promise<Uint8Array> {
  return fetchBytes(store, descriptor, 64 << 20, testIo());
}

async function tagsOf(store: ImageStore): Promise<readonly string[]> {
  assert.ok(store.tagPages !== undefined);
  const tags: string[] = [];
  for await (const page of store.tagPages(testIo())) tags.push(...page);
  return tags;
}

/**
 * The suite that every image store passes; what a store cannot do at all (an absent method) is left out.
 * @param open gives an empty store for each test
 */
export function storeContract(name: string, open: (context: Mocha.Context) => Promise<ImageStore>): void {
  describe(`${name} as an image store`, () => {
    let store: ImageStore;
    beforeEach(async function () {
      store = await open(this);
    });

    describe('blobs', () => blobContract(() => store));
    describe('parts of blobs', () => rangeContract(() => store));
    describe('manifests and tags', () => manifestContract(() => store));
    describe('removal', () => removalContract(() => store));
    describe('referrers', () => referrerContract(() => store));
  });
}

function blobContract(store: () => ImageStore): void {
  it('has a blob once it was pushed, and gives its bytes back', async () => {
    assert.equal(await store().has(layerDescriptor, testIo()), false);
    await store().push(layerDescriptor, opens(layer), testIo());
    assert.equal(await store().has(layerDescriptor, testIo()), true);
    assert.deepEqual(Buffer.from(await read(store(), layerDescriptor)), layer);
  });

  it('takes a blob a second time', async () => {
    await store().push(layerDescriptor, opens(layer), testIo());
    await store().push(layerDescriptor, opens(layer), testIo());
    assert.deepEqual(Buffer.from(await read(store(), layerDescriptor)), layer);
  });

  it('takes the same blob from two writers at once', async () => {
    const push = (): Promise<void> => store().push(layerDescriptor, opens(layer), testIo());
    await Promise.all([push(), push(), push()]);
    assert.deepEqual(Buffer.from(await read(store(), layerDescriptor)), layer);
  });

  it('114: stores an empty blob', async () => {
    const empty = describeBytes(Buffer.alloc(0), mediaTypes.octetStream);
    await store().push(empty, opens(Buffer.alloc(0)), testIo());
    assert.equal(await store().has(empty, testIo()), true);
    assert.equal((await read(store(), empty)).length, 0);
  });

  it('stores a blob under a sha512 digest', async () => {
    const descriptor = sha512(layer, mediaTypes.layer);
    await store().push(descriptor, opens(layer), testIo());
    assert.equal(await store().has(descriptor, testIo()), true);
    assert.deepEqual(Buffer.from(await read(store(), descriptor)), layer);
  });

  it('streams a blob of 9 MiB in uneven pieces', async () => {
    const piece = Buffer.alloc(333_333, 'gantry');
    const pieces = [...Array.from({ length: 28 }, () => piece), Buffer.from('the end')];
    async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
      yield* pieces;
    }
    const hasher = new Hasher();
    for (const each of pieces) hasher.update(each);
    const descriptor = { mediaType: mediaTypes.layer, digest: hasher.digest(), size: 28 * 333_333 + 7 };
    await store().push(descriptor, async () => stream(), testIo());
    const back = await read(store(), descriptor);
    assert.equal(Buffer.concat(pieces).equals(back), true);
  });

  const other = Buffer.from('the bytes of a lbyer');
  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ['120: refuses other bytes', other],
    ['122: refuses a byte more', Buffer.from('the bytes of a layerX')],
    ['123: refuses a byte less', Buffer.from('the bytes of a laye')],
    ['123: refuses no bytes at all, other', Buffer.alloc(0)],
  ];
  for (const [what, bytes] of wrong) {
    it(`${what} than the descriptor says and keeps nothing`, async () => {
      await assert.rejects(store().push(layerDescriptor, opens(bytes), testIo()), { code: 'content-mismatch' });
      assert.equal(await store().has(layerDescriptor, testIo()), false);
      await assert.rejects(read(store(), layerDescriptor), { code: 'not-found' });
    });
  }

  it('113: does not have a blob of another size than the descriptor says', async () => {
    await store().push(layerDescriptor, opens(layer), testIo());
    assert.equal(await store().has({ ...layerDescriptor, size: layer.length + 1 }, testIo()), false);
  });

  it('passes the error of a source on and keeps nothing', async () => {
    async function* broken(): ByteStream & AsyncGenerator<Uint8Array, void, undefined> {
      yield layer.subarray(0, 5);
      throw new TypeError('the source broke');
    }
    const failed = await store()
      .push(layerDescriptor, async () => broken(), testIo())
      .catch((error: unknown) => error);
    assert.ok(failed instanceof Error);
    assert.match(`${failed.message} ${String(failed.cause)}`, /the source broke/);
    assert.equal(await store().has(layerDescriptor, testIo()), false);
  });

  it('stops a push with the reason of the signal and keeps nothing', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    async function* slow(): AsyncGenerator<Uint8Array, void, undefined> {
      yield layer.subarray(0, 5);
      controller.abort(reason);
      controller.signal.throwIfAborted();
    }
    const push = store().push(layerDescriptor, async () => slow(), { signal: controller.signal });
    assert.equal(await push.catch((error: unknown) => error), reason);
    assert.equal(await store().has(layerDescriptor, testIo()), false);
  });

  for (const [what, source] of Object.entries(hangingSources)) {
    it(`115: stops a push at once where the source ${what} and does not notice the cancellation`, async () => {
      const { descriptor, manifest } = contractImage();
      for (const [pushed, bytes] of [
        [layerDescriptor, layer],
        [descriptor, manifest],
      ] as const) {
        const controller = new AbortController();
        const reason = new Error('cancelled by the user');
        const open = source(bytes.subarray(0, 5), () => void setImmediate(() => controller.abort(reason)));
        const push = store().push(pushed, open, { signal: controller.signal });
        assert.equal(await push.catch((error: unknown) => error), reason);
        assert.equal(await store().has(pushed, testIo()), false);
      }
    });
  }

  it('does nothing for a signal that has aborted', async () => {
    const reason = new Error('cancelled before');
    const io = { signal: AbortSignal.abort(reason) };
    const { descriptor } = contractImage();
    for (const action of [
      () => store().push(layerDescriptor, opens(layer), io),
      () => store().fetch(layerDescriptor, io),
      () => store().resolve('v1', io),
    ]) {
      assert.equal(await action().catch((error: unknown) => error), reason);
    }
    assert.equal(await store().has(descriptor, testIo()), false);
  });

  it('lets a reader stop early', async () => {
    const bytes = Buffer.alloc(3 << 20, 'gantry');
    const descriptor = describeBytes(bytes, mediaTypes.layer);
    await store().push(descriptor, opens(bytes), testIo());
    for await (const chunk of await store().fetch(descriptor, testIo())) if (chunk.length > 0) break;
    assert.equal((await read(store(), descriptor)).length, 3 << 20);
  });
}

function manifestContract(store: () => ImageStore): void {
  it('141: keeps the exact bytes of a manifest', async () => {
    const image = contractImage();
    await pushContractImage(store(), image, 'v1');
    const found = await store().resolve('v1', testIo());
    const { mediaType, digest, size } = found;
    assert.deepEqual({ mediaType, digest, size }, image.descriptor);
    const bytes = await readAll(await store().fetch(found, testIo()), 1 << 20, 'the manifest');
    assert.deepEqual(Buffer.from(bytes), image.manifest);
  });

  it('resolves a manifest by its digest, with and without a tag', async () => {
    const image = contractImage();
    await pushContractImage(store(), image);
    const untagged = await store().resolve(image.descriptor.digest, testIo());
    assert.equal(untagged.mediaType, mediaTypes.manifest);
    assert.equal(untagged.size, image.manifest.length);
    await store().tag(image.descriptor, 'v1', testIo());
    assert.equal((await store().resolve(image.descriptor.digest, testIo())).digest, image.descriptor.digest);
  });

  it('stores an index with a child of its own', async () => {
    const image = contractImage();
    await pushContractImage(store(), image);
    const index = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [image.descriptor] }),
    );
    const descriptor = describeBytes(index, mediaTypes.index);
    await store().push(descriptor, opens(index), testIo());
    await store().tag(descriptor, 'all', testIo());
    assert.equal((await store().resolve('all', testIo())).mediaType, mediaTypes.index);
    assert.equal((await store().resolve(image.descriptor.digest, testIo())).mediaType, mediaTypes.manifest);
  });

  it('does not know a tag or digest that nobody pushed', async () => {
    await assert.rejects(store().resolve('v1', testIo()), { code: 'not-found' });
    await assert.rejects(store().resolve(contractImage().descriptor.digest, testIo()), { code: 'not-found' });
    await assert.rejects(read(store(), layerDescriptor), { code: 'not-found' });
  });

  it('moves a tag, and still has the manifest it named before', async () => {
    const [one, two] = [contractImage(), contractImage({ annotations: { version: '2' } })];
    await pushContractImage(store(), one, 'latest');
    await pushContractImage(store(), two, 'latest');
    assert.equal((await store().resolve('latest', testIo())).digest, two.descriptor.digest);
    assert.equal((await store().resolve(one.descriptor.digest, testIo())).digest, one.descriptor.digest);
  });

  it('takes the same manifest and tag a second time', async () => {
    const image = contractImage();
    await pushContractImage(store(), image, 'v1');
    await pushContractImage(store(), image, 'v1');
    assert.equal((await store().resolve('v1', testIo())).digest, image.descriptor.digest);
  });

  it('does not tag a manifest that is not there', async () => {
    await assert.rejects(store().tag(contractImage().descriptor, 'v1', testIo()), { code: 'not-found' });
    await assert.rejects(store().resolve('v1', testIo()), { code: 'not-found' });
  });

  it('131: refuses a manifest that is an image and an index at once', async () => {
    const image = contractImage({ manifests: [] });
    await assert.rejects(store().push(image.descriptor, opens(image.manifest), testIo()), { code: 'invalid-manifest' });
  });

  it('stores a manifest under a sha512 digest', async () => {
    const image = contractImage();
    await pushContractImage(store(), image);
    const descriptor = sha512(image.manifest, mediaTypes.manifest);
    await store().push(descriptor, opens(image.manifest), testIo());
    const { digest } = await store().resolve(descriptor.digest, testIo());
    assert.equal(digest, descriptor.digest);
    assert.deepEqual(Buffer.from(await read(store(), descriptor)), image.manifest);
  });

  it('lists its tags, each once', async function () {
    if (store().tagPages === undefined) this.skip();
    assert.deepEqual(await tagsOf(store()).catch(() => []), []);
    await pushContractImage(store(), contractImage(), 'v1', 'latest', 'v1');
    assert.deepEqual([...(await tagsOf(store()))].sort(), ['latest', 'v1']);
  });
}

function removalContract(store: () => ImageStore): void {
  it('removes a tag and nothing else', async function () {
    const { descriptor } = contractImage();
    if (store().untag === undefined) this.skip();
    await pushContractImage(store(), contractImage(), 'v1', 'v2');
    await store().untag?.('v1', testIo());
    await assert.rejects(store().resolve('v1', testIo()), { code: 'not-found' });
    assert.equal((await store().resolve('v2', testIo())).digest, descriptor.digest);
    await store().untag?.('v2', testIo());
    assert.equal((await store().resolve(descriptor.digest, testIo())).digest, descriptor.digest);
  });

  it('says so when the tag to remove is not there', async function () {
    if (store().untag === undefined) this.skip();
    await pushContractImage(store(), contractImage(), 'v1');
    await assert.rejects(async () => store().untag?.('v2', testIo()), { code: 'not-found' });
  });

  it('removes a manifest with all of its tags', async function () {
    if (store().deleteManifest === undefined) this.skip();
    const [one, two] = [contractImage(), contractImage({ annotations: { version: '2' } })];
    await pushContractImage(store(), one, 'v1', 'stable');
    await pushContractImage(store(), two, 'v2');
    await store().deleteManifest?.(one.descriptor.digest, testIo());
    for (const gone of ['v1', 'stable', one.descriptor.digest]) {
      await assert.rejects(store().resolve(gone, testIo()), { code: 'not-found' });
    }
    assert.equal((await store().resolve('v2', testIo())).digest, two.descriptor.digest);
    await assert.rejects(async () => store().deleteManifest?.(one.descriptor.digest, testIo()), { code: 'not-found' });
  });
}

function referrerContract(store: () => ImageStore): void {
  const subject = contractImage();
  const signature = contractImage({
    artifactType: 'application/vnd.example.signature',
    subject: subject.descriptor,
    annotations: { 'com.example.key': '1' },
  });

  async function referrers(digest: Digest): Promise<readonly Descriptor[]> {
    return (await store().referrers?.(digest, testIo())) ?? [];
  }

  it('lists what was pushed with a subject, with its type and annotations', async function () {
    if (store().referrers === undefined) this.skip();
    await pushContractImage(store(), subject, 'v1');
    await pushContractImage(store(), signature);
    const found = await referrers(subject.descriptor.digest);
    assert.deepEqual(JSON.parse(JSON.stringify(found)), [
      {
        ...signature.descriptor,
        artifactType: 'application/vnd.example.signature',
        annotations: { 'com.example.key': '1' },
      },
    ]);
  });

  it('lists nothing for a manifest that nothing refers to', async function () {
    if (store().referrers === undefined) this.skip();
    await pushContractImage(store(), signature);
    assert.deepEqual(await referrers(signature.descriptor.digest), []);
  });

  it('no longer lists what was removed', async function () {
    if (store().referrers === undefined || store().deleteManifest === undefined) this.skip();
    await pushContractImage(store(), subject, 'v1');
    await pushContractImage(store(), signature);
    await store().deleteManifest?.(signature.descriptor.digest, testIo());
    assert.deepEqual(await referrers(subject.descriptor.digest), []);
  });
}
