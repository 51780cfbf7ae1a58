import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { packLayer, type PackedLayer } from '../../src/archive/pack.ts';
import { Spool } from '../../src/archive/spool.ts';
import { fetchBytes, resolveManifest } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ImageSource, Io } from '../../src/content/store.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { parseImageConfig } from '../../src/oci/imageConfig.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { formatPlatform, parsePlatform } from '../../src/oci/platform.ts';
import { planAppend, previewAppend, pushAppend } from '../../src/operations/append.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putArtifact, putImage, putIndex, putIndexOf, seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { validateImage } from '../support/validateImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

const keep = { tag: 'v1', overwrite: false };
let io: Io;
let folder = '';
let spool: Spool;

async function layerOf(name: string, options: Partial<Parameters<typeof packLayer>[1]> = {}): Promise<PackedLayer> {
  const from = path.join(folder, name);
  fs.writeFileSync(from, seededBytes(name.length, 50_000));
  return packLayer(
    [{ from, to: `/opt/${name}`, mode: 0o750, uid: 1000, gid: 1001 }],
    { compression: 'gzip', ...options },
    spool,
    io,
  );
}

/** The platforms that an index lists, with the created_by of each image's layers. */
async function historyOf(store: ImageSource, identifier: string): Promise<Record<string, readonly unknown[]>> {
  const { manifest } = await resolveManifest(store, identifier, io);
  if (manifest.kind === 'image') {
    const config = parseImageConfig(await fetchBytes(store, manifest.config, 1 << 20, io));
    const lines = config.history.filter((entry) => entry.empty_layer !== true).map((entry) => entry.created_by);
    return { [config.platform === undefined ? '' : formatPlatform(config.platform)]: lines };
  }
  const all = await Promise.all(manifest.manifests.map((child) => historyOf(store, child.digest)));
  return Object.assign({}, ...all) as Record<string, readonly unknown[]>;
}

const baseLines = ['COPY file-0 / # buildkit', 'COPY file-1 / # buildkit'];

describe('planAppend and pushAppend', () => {
  beforeEach(async () => {
    io = testIo();
    folder = await newTempDir();
    spool = new Spool(path.join(folder, 'spool'));
  });
  afterEach(async () => {
    await spool[Symbol.asyncDispose]();
    await removeTempDir(folder);
  });

  it('adds a layer to an image, which stays an image', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const descriptor = await putImage(base, {}, io);
    await base.tag(descriptor, 'base');
    const layer = await layerOf('tool');
    const options = { layers: [layer], config: { entrypoint: ['/opt/tool'] }, baseName: 'example.com/base:base' };
    const plan = await planAppend(base, 'base', options, io);
    const outcome = await pushAppend(plan, target, keep, io);
    const { digest, diffId, size } = layer;
    assert.deepEqual(outcome.layers, [{ digest, diffId, size, reused: false }]);
    assert.equal(outcome.descriptor.digest, plan.descriptor.digest);
    assert.deepEqual(await validateImage(target, 'v1', io), { digest: plan.descriptor.digest, manifests: 1, blobs: 4 });
    assert.deepEqual(await historyOf(target, 'v1'), { 'linux/amd64': [...baseLines, 'gantry append /opt/tool'] });
    const { manifest } = await resolveManifest(target, 'v1', io);
    assert.deepEqual(
      { ...manifest.annotations },
      {
        'org.opencontainers.image.base.digest': descriptor.digest,
        'org.opencontainers.image.base.name': 'example.com/base:base',
      },
    );
    assert.deepEqual(plan.platforms, ['linux/amd64']);
  });

  it('adds a layer to every image of an index, which stays an index of all its platforms', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map(parsePlatform);
    const index = await putIndex(base, { platforms, attestations: true, indexAnnotations: { kept: 'yes' } }, io);
    const plan = await planAppend(base, index.digest, { layers: [await layerOf('tool')] }, io);
    const outcome = await pushAppend(plan, target, keep, io);
    assert.deepEqual(await validateImage(target, 'v1', io), {
      digest: plan.descriptor.digest,
      manifests: 4,
      blobs: 10,
    });
    const lines = [...baseLines, 'gantry append /opt/tool'];
    assert.deepEqual(await historyOf(target, 'v1'), {
      'linux/amd64': lines,
      'linux/arm64': lines,
      'linux/arm/v7': lines,
    });
    const { manifest } = await resolveManifest(target, 'v1', io);
    assert.deepEqual(
      { ...manifest.annotations },
      {
        kept: 'yes',
        'org.opencontainers.image.base.digest': index.digest,
      },
    );
    assert.equal(outcome.layers.length, 1);
    assert.equal(plan.dropped.length, 3);
    assert.ok(plan.dropped.every((one) => one.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'));
  });

  it('makes a new index of the chosen platforms only, in Docker types where the base has them', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'].map(parsePlatform);
    const index = await putIndex(base, { platforms, flavor: 'docker' }, io);
    const options = {
      layers: [await layerOf('tool')],
      platforms: [parsePlatform('linux/s390x'), parsePlatform('linux/arm64')],
    };
    const plan = await planAppend(base, index.digest, options, io);
    await pushAppend(plan, target, keep, io);
    assert.deepEqual(plan.platforms, ['linux/arm64', 'linux/s390x']);
    assert.deepEqual(Object.keys(await historyOf(target, 'v1')), ['linux/arm64', 'linux/s390x']);
    assert.equal(plan.descriptor.mediaType, mediaTypes.dockerManifestList);
    await validateImage(target, 'v1', io);
    const { manifest } = await resolveManifest(target, 'v1', io);
    assert.equal('annotations' in manifest.json, false);
  });

  it('changes images in nested indexes, each once', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const inner = await putIndex(base, {}, io);
    const other = await putImage(base, { seed: 9, platform: parsePlatform('linux/386') }, io);
    const index = await putIndexOf(base, [inner, other, inner], io);
    const plan = await planAppend(base, index.digest, { layers: [await layerOf('tool')] }, io);
    await pushAppend(plan, target, keep, io);
    assert.deepEqual(plan.platforms.toSorted(), ['linux/386', 'linux/amd64', 'linux/arm64']);
    assert.equal((await validateImage(target, 'v1', io)).manifests, 5);
    const { manifest } = await resolveManifest(target, 'v1', io);
    assert.ok(manifest.kind === 'index');
    assert.equal(manifest.manifests[0]?.digest, manifest.manifests[2]?.digest);
  });

  it('gives each platform layers of its own', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const index = await putIndex(base, {}, io);
    const layers = { amd64: await layerOf('tool-amd64'), arm64: await layerOf('tool-arm64x') };
    const choose = ({ architecture }: { architecture: string }): readonly PackedLayer[] => [
      architecture === 'amd64' ? layers.amd64 : layers.arm64,
    ];
    const plan = await planAppend(base, index.digest, { layers: choose }, io);
    await pushAppend(plan, target, keep, io);
    assert.deepEqual(await historyOf(target, 'v1'), {
      'linux/amd64': [...baseLines, 'gantry append /opt/tool-amd64'],
      'linux/arm64': [...baseLines, 'gantry append /opt/tool-arm64x'],
    });
    assert.equal(plan.layers.length, 2);
    await validateImage(target, 'v1', io);
  });

  it('makes an image from scratch, and an index where several platforms are asked for', async () => {
    const target = new RepositoryLike();
    const layers = [await layerOf('tool')];
    const one = await planAppend('scratch', '', { layers, config: { entrypoint: ['/opt/tool'] } }, io);
    await pushAppend(one, target, keep, io);
    assert.equal(one.descriptor.mediaType, 'application/vnd.oci.image.manifest.v1+json');
    assert.deepEqual(await historyOf(target, 'v1'), { 'linux/amd64': ['gantry append /opt/tool'] });
    const platforms = ['linux/arm64', 'linux/arm/v6'].map(parsePlatform);
    const two = await planAppend('scratch', '', { layers, platforms }, io);
    await pushAppend(two, target, { tag: 'v2', overwrite: false }, io);
    assert.deepEqual(Object.keys(await historyOf(target, 'v2')), ['linux/arm64', 'linux/arm/v6']);
    for (const tag of ['v1', 'v2']) await validateImage(target, tag, io);
  });

  it('287: derives the same digest again, and the second push uploads nothing', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const index = await putIndex(base, {}, io);
    const first = await planAppend(base, index.digest, { layers: [await layerOf('tool')] }, io);
    await pushAppend(first, target, keep, io);
    const again = await planAppend(base, index.digest, { layers: [await layerOf('tool')] }, io);
    assert.equal(again.descriptor.digest, first.descriptor.digest);
    const counting = countingStore(target);
    const outcome = await pushAppend(again, counting.store, keep, io);
    assert.deepEqual(
      outcome.layers.map(({ reused }) => reused),
      [true],
    );
    assert.equal(outcome.bytesTransferred, 0);
    assert.deepEqual(counting.calls, [{ call: 'resolve', of: 'v1' }]);
  });

  it('uploads no layer that the target has, under whatever tag', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const image = await putImage(base, {}, io);
    const layers = [await layerOf('tool')];
    await pushAppend(await planAppend(base, image.digest, { layers }, io), target, keep, io);
    const other = await planAppend(base, image.digest, { layers, config: { user: '1000' } }, io);
    const counting = countingStore(target);
    const outcome = await pushAppend(other, counting.store, { tag: 'v2', overwrite: false }, io);
    assert.deepEqual(
      outcome.layers.map(({ reused }) => reused),
      [true],
    );
    assert.equal(counting.count('push'), 1, 'the new config alone');
    await validateImage(target, 'v2', io);
  });

  it('mounts what the base has, never asks to mount what is new, and says what was uploaded', async () => {
    const base = new MemoryStore();
    const target = countingStore(new RepositoryLike(base));
    const image = await putImage(base, {}, io);
    const layer = await layerOf('tool');
    const plan = await planAppend(base, image.digest, { layers: [layer] }, io);
    const { manifest } = await resolveManifest(base, image.digest, io);
    assert.ok(manifest.kind === 'image');
    const mounts = manifest.layers.map(({ digest }) => digest);
    const preview = await previewAppend(plan, target.store, keep.tag, io);
    assert.deepEqual(
      target.calls.filter(({ call }) => !['resolve', 'has'].includes(call)),
      [],
    );
    const outcome = await pushAppend(plan, target.store, keep, io);
    assert.deepEqual(
      target.calls
        .filter(({ call }) => call === 'mount')
        .map(({ of }) => of)
        .toSorted(),
      mounts.toSorted(),
    );
    assert.deepEqual(outcome, preview);
    const { manifest: made } = await resolveManifest(target.store, 'v1', io);
    assert.ok(made.kind === 'image');
    assert.equal(outcome.bytesTransferred, layer.size + made.config.size);
    await validateImage(target.store, 'v1', io);
  });

  it('reports progress up to the bytes it uploads', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const image = await putImage(base, { layerBytes: 400_000 }, io);
    const plan = await planAppend(base, image.digest, { layers: [await layerOf('tool')] }, io);
    const seen: number[] = [];
    const onProgress = (bytes: number, total: number): void => {
      assert.ok(bytes <= total);
      seen.push(bytes);
    };
    const { bytesTransferred } = await pushAppend(plan, target, { ...keep, onProgress }, io);
    assert.equal(seen.at(-1), bytesTransferred);
    assert.ok(seen.length > 1);
  });

  it('moves no tag that names another image, and writes nothing', async () => {
    const [base, memory] = [new MemoryStore(), new RepositoryLike()];
    const image = await putImage(base, {}, io);
    const old = await putImage(memory, { seed: 5 }, io);
    await memory.tag(old, 'v1');
    const target = countingStore(memory);
    const plan = await planAppend(base, image.digest, { layers: [await layerOf('tool')] }, io);
    const refused = { code: 'already-exists', message: /^The tag v1 names sha256:.{12} and would move to sha256:/ };
    await assert.rejects(pushAppend(plan, target.store, keep, io), refused);
    assert.equal(target.count('push') + target.count('tag') + target.count('pushTagged'), 0);
    await pushAppend(plan, target.store, { tag: 'v1', overwrite: true }, io);
    assert.equal((await memory.resolve('v1', io)).digest, plan.descriptor.digest);
  });

  it('stores the image under its digest only where no tag is given', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const image = await putImage(base, {}, io);
    const plan = await planAppend(base, image.digest, { layers: [await layerOf('tool')] }, io);
    await pushAppend(plan, target, { overwrite: false }, io);
    await validateImage(target, plan.descriptor.digest, io);
    for await (const page of target.tagPages()) assert.deepEqual(page, []);
  });

  it('leaves foreign layers where they are', async () => {
    const [base, target] = [new MemoryStore(), new RepositoryLike()];
    const foreign = {
      ...describeBytes(Buffer.from('elsewhere'), mediaTypes.dockerForeignLayer),
      urls: ['https://example.com/layer'],
    };
    const image = await putImage(base, { flavor: 'docker', foreign: [foreign] }, io);
    await pushAppend(await planAppend(base, image.digest, { layers: [await layerOf('tool')] }, io), target, keep, io);
    const { manifest } = await resolveManifest(target, 'v1', io);
    assert.ok(manifest.kind === 'image');
    assert.deepEqual(manifest.layers[0], foreign);
    assert.equal(await target.has(foreign), false);
  });

  it('says which platforms the base has where a wanted one is not among them', async () => {
    const base = new MemoryStore();
    const index = await putIndex(base, {}, io);
    const image = await putImage(base, {}, io);
    const options = { layers: [], platforms: [parsePlatform('linux/s390x')] };
    for (const { digest } of [index, image]) {
      await assert.rejects(planAppend(base, digest, options, io), {
        code: 'not-found',
        message: /no image for linux\/s390x; it has /,
      });
    }
  });

  it('143: refuses artifacts and indexes without an image', async () => {
    const base = new MemoryStore();
    const artifact = await putArtifact(base, { artifactType: 'text/x', content: Buffer.from('x') }, io);
    const index = await putIndexOf(base, [artifact], io);
    await assert.rejects(planAppend(base, artifact.digest, { layers: [] }, io), { code: 'unsupported-media-type' });
    await assert.rejects(planAppend(base, index.digest, { layers: [] }, io), { code: 'not-found' });
  });

  it('says that a base is not there', async () => {
    await assert.rejects(planAppend(new MemoryStore(), 'none', { layers: [] }, io), {
      code: 'not-found',
      side: 'source',
    });
  });
});
