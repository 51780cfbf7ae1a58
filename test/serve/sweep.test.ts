import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { opens } from '../../src/content/bytes.ts';
import { type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { RegistryStorage } from '../../src/serve/registryStorage.ts';
import { sweep } from '../../src/serve/sweep.ts';
import { contractImage } from '../support/contractImage.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const image = contractImage();
const { digest } = image.descriptor;
const layer = describeBytes(image.layer, mediaTypes.layer);
const config = describeBytes(image.config, mediaTypes.config);
const indexBytes = (...manifests: readonly Descriptor[]): Uint8Array =>
  Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));

describe('sweep', () => {
  let directory = '';
  let storage: RegistryStorage;
  beforeEach(async () => {
    directory = await newTempDir();
    storage = await RegistryStorage.open(directory);
    await storage.uploads.prepare();
  });
  afterEach(() => removeTempDir(directory));

  const swept = async (): Promise<number> => (await sweep(storage, testIo())).blobs;
  const onDisk = async (): Promise<number> => (await storage.files.blobs.digests()).length;

  /** Makes everything two hours old. */
  async function age(): Promise<void> {
    const then = new Date(Date.now() - 2 * 3_600_000);
    for (const name of await readdir(directory, { recursive: true })) {
      const file = path.join(directory, name);
      if ((await stat(file)).isFile()) await utimes(file, then, then);
    }
  }

  async function pushBlob(repository: string, bytes: Uint8Array): Promise<void> {
    const { digest: named } = describeBytes(bytes, '');
    await storage.files.blobs.write(
      { mediaType: '', digest: named, size: bytes.length },
      await opens(bytes)(),
      testIo(),
    );
    await storage.repositories.addBlob(repository, named);
  }

  async function pushManifest(
    repository: string,
    bytes: Uint8Array,
    mediaType: string,
    tag?: string,
  ): Promise<Descriptor> {
    const pushed = describeBytes(bytes, mediaType);
    await storage.files.blobs.write(pushed, await opens(bytes)(), testIo());
    await storage.repositories.addManifest(repository, pushed.digest, mediaType);
    if (tag !== undefined) await storage.tag(repository, pushed, tag, testIo());
    return pushed;
  }

  async function pushImage(repository: string, tag?: string): Promise<void> {
    await pushBlob(repository, image.layer);
    await pushBlob(repository, image.config);
    await pushManifest(repository, image.manifest, mediaTypes.manifest, tag);
  }

  it('frees the disk of an image that was deleted, once no tag of it is left', async () => {
    await pushImage('app', 'v1');
    await age();
    await storage.untag('app', 'v1', testIo());
    assert.equal(await swept(), 0);
    await storage.removeManifest('app', image.descriptor, testIo());
    await age();
    const bytes = image.layer.length + image.config.length + image.manifest.length;
    assert.deepEqual(await sweep(storage, testIo()), { blobs: 3, bytes });
    assert.equal(await onDisk(), 0);
    assert.equal(await storage.blobSize('app', layer.digest), undefined);
    assert.deepEqual(await storage.repositories.digests('app', 'blobs'), []);
  });

  it('keeps what another image or another repository needs', async () => {
    await pushImage('app', 'v1');
    await pushImage('other', 'v1');
    const manifest = JSON.parse(Buffer.from(image.manifest).toString('utf8')) as object;
    const second = Buffer.from(JSON.stringify({ ...manifest, annotations: { a: 'b' } }));
    const pushed = await pushManifest('app', second, mediaTypes.manifest, 'v2');
    await storage.removeManifest('app', image.descriptor, testIo());
    await age();
    assert.equal(await swept(), 0);
    assert.equal(await storage.blobSize('app', layer.digest), layer.size);
    await storage.removeManifest('app', pushed, testIo());
    await age();
    assert.equal(await swept(), 1);
    assert.equal(await storage.blobSize('app', layer.digest), undefined);
    assert.equal(await storage.blobSize('other', layer.digest), layer.size);
    assert.equal(await storage.blobSize('other', config.digest), config.size);
  });

  const uses: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['was pushed', () => pushBlob('app', image.layer)],
    ['was asked for', () => storage.blobSize('app', layer.digest)],
    ['was mounted once more', () => storage.repositories.addBlob('app', layer.digest)],
  ];
  for (const [what, use] of uses) {
    it(`keeps a blob that ${what} in the last hour: its manifest may come`, async () => {
      await pushBlob('app', image.layer);
      await age();
      await use();
      assert.equal(await swept(), 0);
      assert.equal(await storage.blobSize('app', layer.digest), layer.size);
      await age();
      assert.equal(await swept(), 1);
    });
  }

  it('keeps bytes that were written in the last hour and that no repository holds yet', async () => {
    await pushBlob('app', image.layer);
    await storage.repositories.remove('app', 'blobs', layer.digest);
    assert.equal(await swept(), 0);
    await age();
    assert.equal(await swept(), 1);
  });

  it('leaves a repository alone while somebody uploads to it', async () => {
    const session = await storage.uploads.start('app');
    await pushBlob('app', image.layer);
    await pushBlob('other', image.config);
    await age();
    assert.equal(await swept(), 1);
    assert.equal(await storage.blobSize('app', layer.digest), layer.size);
    await storage.uploads.end(session);
    await age();
    assert.equal(await swept(), 1);
  });

  it('frees the images of an index that was deleted, but not those that are tagged themselves', async () => {
    await pushImage('app', 'single');
    const index = await pushManifest('app', indexBytes(image.descriptor), mediaTypes.index, 'multi');
    await storage.removeManifest('app', index, testIo());
    await age();
    assert.equal(await swept(), 1);
    assert.equal((await storage.manifest('app', 'single', testIo()))?.digest, digest);
    await storage.untag('app', 'single', testIo());
    await age();
    assert.equal(await swept(), 3);
    assert.equal(await storage.manifest('app', digest, testIo()), undefined);
    assert.deepEqual(await storage.repositories.digests('app', 'orphans'), []);
  });

  it('frees the images of a nested index', async () => {
    await pushImage('app');
    const inner = await pushManifest('app', indexBytes(image.descriptor), mediaTypes.index);
    const outer = await pushManifest('app', indexBytes(inner), mediaTypes.index, 'nested');
    await storage.removeManifest('app', outer, testIo());
    await age();
    assert.equal(await swept(), 5);
    assert.equal(await onDisk(), 0);
  });

  it('keeps the images of a deleted index that another index names', async () => {
    await pushImage('app');
    const index = await pushManifest('app', indexBytes(image.descriptor), mediaTypes.index, 'multi');
    await pushManifest('app', indexBytes(image.descriptor, index), mediaTypes.index, 'other');
    await storage.removeManifest('app', index, testIo());
    await age();
    await swept();
    assert.equal((await storage.manifest('app', digest, testIo()))?.digest, digest);
    assert.equal(await storage.blobSize('app', layer.digest), layer.size);
  });

  it('keeps an image of a deleted index that was pushed anew or asked for', async () => {
    await pushImage('app');
    const index = await pushManifest('app', indexBytes(image.descriptor), mediaTypes.index, 'multi');
    await storage.removeManifest('app', index, testIo());
    await age();
    assert.equal((await storage.manifest('app', digest, testIo()))?.digest, digest);
    assert.equal(await swept(), 1);
    await pushManifest('app', image.manifest, mediaTypes.manifest);
    await age();
    assert.equal(await swept(), 0);
    assert.equal((await storage.manifest('app', digest, testIo()))?.digest, digest);
  });

  it('removes nothing of a repository that holds a damaged manifest', async () => {
    await pushImage('app', 'v1');
    const file = storage.files.blobs.pathOf(digest);
    await writeFile(file, (await readFile(file, 'utf8')).replace('"layers":', '"others":'));
    await age();
    await pushBlob('other', Buffer.from('of no image'));
    await age();
    assert.equal(await swept(), 1);
    assert.equal(await storage.blobSize('app', layer.digest), layer.size);
  });

  it('keeps what another tool wrote into the layout, and everything where it cannot tell what that needs', async () => {
    await pushImage('app', 'v1');
    const file = path.join(directory, 'index.json');
    const index = (await readFile(file, 'utf8')).replace('app:v1', 'A name of another tool');
    await rm(path.join(directory, '.registry', 'repositories'), { recursive: true });
    await writeFile(file, index);
    await age();
    assert.equal(await swept(), 0);
    await writeFile(file, index.replace(mediaTypes.manifest, 'application/vnd.example.unknown'));
    await assert.rejects(swept(), { code: 'unsupported-media-type' });
    assert.equal(await onDisk(), 3);
  });

  it('never takes from a repository what was mounted there while it was being removed', async () => {
    const named = Array.from({ length: 200 }, (_, at) => Buffer.from(`blob ${at}`)).map((bytes) => ({
      bytes,
      digest: describeBytes(bytes, '').digest,
    }));
    for (const { bytes } of named) await pushBlob('app', bytes);
    await rm(path.join(directory, '.registry', 'repositories'), { recursive: true });
    await age();
    const sweeping = swept();
    const held: Digest[] = [];
    // As a mount does it: an answer that the blob is there must stay true.
    for (const blob of named.toReversed()) {
      await storage.repositories.addBlob('new', blob.digest);
      if ((await storage.blobSize('new', blob.digest)) !== undefined) held.push(blob.digest);
      else await storage.repositories.remove('new', 'blobs', blob.digest);
    }
    const removed = await sweeping;
    for (const each of held) assert.notEqual(await storage.files.blobs.size(each), undefined);
    assert.ok(held.length > 0 && removed > 0, `${held.length} mounted, ${removed} removed`);
  });

  it('leaves nothing behind where it is ended in the middle', async () => {
    await pushBlob('app', image.layer);
    await age();
    await assert.rejects(sweep(storage, { signal: AbortSignal.abort(new Error('closing')) }), /closing/);
    assert.equal(await onDisk(), 1);
    assert.equal(await swept(), 1);
    assert.deepEqual(await readdir(path.join(directory, '.gantry-tmp')), []);
  });
});
