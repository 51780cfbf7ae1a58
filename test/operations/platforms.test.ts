import assert from 'node:assert/strict';
import { fetchManifest, resolveManifest, streamOf } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import { copyImage } from '../../src/operations/copy.ts';
import { selectPlatforms } from '../../src/operations/platforms.ts';
import { countingStore } from '../support/countingStore.ts';
import { testIo } from '../support/io.ts';
import { putArtifact, putImage, putIndex, putIndexOf, putJson } from '../support/seededImage.ts';
import { validateImage } from '../support/validateImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };
const indexType = 'application/vnd.oci.image.index.v1+json';

/** Copies some platforms of an image. Returns the JSON of the manifest that the tag names then. */
async function copyOf(source: MemoryStore, root: Descriptor, ...platforms: string[]) {
  const target = new RepositoryLike();
  const options = { tag: 'some', overwrite: false, platforms: platforms.map(parsePlatform) };
  const { descriptor } = await copyImage(source, root.digest, target, options, testIo());
  assert.equal((await validateImage(target, 'some', testIo())).digest, descriptor.digest);
  return { descriptor, target, json: (await resolveManifest(target, 'some', testIo())).manifest.json };
}

describe('selectPlatforms', () => {
  it('makes a new index that differs from the old one in what was dropped only', async () => {
    const source = new MemoryStore();
    const [one, two] = [
      await putImage(source, {}, testIo()),
      await putImage(source, { platform: arm64, seed: 2 }, testIo()),
    ];
    const kept = {
      ...two,
      platform: arm64,
      annotations: { note: 'x' },
      artifactType: 'a/b',
      'x-own': [1, { a: null }],
    };
    const rest = {
      schemaVersion: 2,
      mediaType: indexType,
      annotations: { 'org.example': 'kept' },
      'x-field': { b: [2] },
    };
    const root = await putJson(source, { ...rest, manifests: [{ ...one, platform: amd64 }, kept] }, testIo());
    const { descriptor, json } = await copyOf(source, root, 'linux/arm64');
    assert.deepEqual(JSON.parse(JSON.stringify(json)), { ...rest, manifests: [kept] });
    assert.notEqual(descriptor.digest, root.digest);
    assert.equal(descriptor.mediaType, indexType);
  });

  it('keeps the digest where every platform is chosen', async () => {
    const source = new MemoryStore();
    const root = await putIndex(source, { attestations: true }, testIo());
    const { descriptor } = await copyOf(source, root, 'linux/arm64', 'linux/amd64');
    assert.equal(descriptor.digest, root.digest);
  });

  it('moves nothing where the tag names the same choice already', async () => {
    const source = new MemoryStore();
    const root = await putIndex(source, {}, testIo());
    const { descriptor, target } = await copyOf(source, root, 'linux/arm64');
    const counting = countingStore(target);
    const options = { tag: 'some', overwrite: false, platforms: [arm64] };
    assert.deepEqual((await copyImage(source, root.digest, counting.store, options, testIo())).descriptor, descriptor);
    assert.deepEqual(counting.calls, [{ call: 'resolve', of: 'some' }]);
  });

  it('does not take the whole index under the tag for the choice', async () => {
    const [source, target] = [new MemoryStore(), new RepositoryLike()];
    const root = await putIndex(source, {}, testIo());
    await copyImage(source, root.digest, target, { tag: 'all', overwrite: false }, testIo());
    const options = { tag: 'all', platforms: [arm64] };
    await assert.rejects(copyImage(source, root.digest, target, { ...options, overwrite: false }, testIo()), {
      code: 'already-exists',
    });
    const outcome = await copyImage(source, root.digest, target, { ...options, overwrite: true }, testIo());
    assert.notEqual(outcome.descriptor.digest, root.digest);
    assert.equal((await target.resolve('all', testIo())).digest, outcome.descriptor.digest);
  });

  it('keeps the attestations of what it keeps, and no others', async () => {
    const source = new MemoryStore();
    const root = await putIndex(source, { attestations: true }, testIo());
    const { json } = await copyOf(source, root, 'linux/arm64');
    assert.ok(Array.isArray(json['manifests']));
    const whole = await fetchManifest(source, root, testIo());
    assert.ok(whole.kind === 'index' && Array.isArray(whole.json['manifests']));
    assert.deepEqual(json['manifests'], [whole.json['manifests'][1], whole.json['manifests'][3]]);
  });

  it('narrows a Docker manifest list to a Docker manifest list', async () => {
    const source = new MemoryStore();
    const root = await putIndex(source, { flavor: 'docker' }, testIo());
    const { descriptor } = await copyOf(source, root, 'linux/amd64');
    assert.equal(descriptor.mediaType, 'application/vnd.docker.distribution.manifest.list.v2+json');
  });

  it('narrows an index that does not name its own media type', async () => {
    const source = new MemoryStore();
    const image = await putImage(source, {}, testIo());
    const manifests = [
      { ...image, platform: amd64 },
      { ...image, platform: arm64 },
    ];
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests }));
    const root = await fetchManifest(
      { fetch: async () => streamOf(bytes) },
      { ...image, mediaType: indexType },
      testIo(),
    );
    const { root: narrowed } = await selectPlatforms(source, root, [amd64], testIo());
    assert.equal(narrowed.bytes.toString(), JSON.stringify({ schemaVersion: 2, manifests: manifests.slice(0, 1) }));
  });

  it('narrows indexes in an index', async () => {
    const source = new MemoryStore();
    const inner = await putIndex(source, {}, testIo());
    const other = await putIndex(source, { seed: 2, platforms: [amd64] }, testIo());
    const root = await putIndexOf(source, [inner, other], testIo());
    const { target, json } = await copyOf(source, root, 'linux/arm64');
    assert.ok(Array.isArray(json['manifests']) && json['manifests'].length === 1);
    const nested = await target.resolve((json['manifests'] as Descriptor[])[0]!.digest, testIo());
    const { manifest } = await resolveManifest(target, nested.digest, testIo());
    assert.deepEqual(manifest.kind === 'index' && manifest.manifests.map(({ platform }) => platform), [arm64]);
  });

  it('reads the platform from the config where the index does not say it', async () => {
    const source = new MemoryStore();
    const images = [
      await putImage(source, {}, testIo()),
      await putImage(source, { platform: arm64, seed: 2 }, testIo()),
    ];
    const { json } = await copyOf(source, await putIndexOf(source, images, testIo()), 'linux/arm64');
    assert.deepEqual(json['manifests'], [images[1]]);
  });

  it('keeps every variant where none was named, and one where it was', async () => {
    const source = new MemoryStore();
    const arm = (variant: string) => ({ os: 'linux', architecture: 'arm', variant });
    const root = await putIndex(source, { platforms: [amd64, arm('v6'), arm('v7')] }, testIo());
    const all = await copyOf(source, root, 'linux/arm');
    assert.ok(Array.isArray(all.json['manifests']) && all.json['manifests'].length === 2);
    const one = await copyOf(source, root, 'linux/arm/v7');
    assert.ok(Array.isArray(one.json['manifests']) && one.json['manifests'].length === 1);
  });

  it('leaves an image that is no index as it is where it is for that platform', async () => {
    const source = new MemoryStore();
    const root = await putImage(source, { platform: arm64 }, testIo());
    const { descriptor } = await copyOf(source, root, 'linux/arm64');
    assert.equal(descriptor.digest, root.digest);
  });

  const refusals: readonly (readonly [string, (store: MemoryStore) => Promise<Descriptor>, RegExp])[] = [
    [
      'an index',
      (store) => putIndex(store, {}, testIo()),
      /no image for linux\/s390x; it has "linux\/amd64, linux\/arm64"\.$/,
    ],
    ['an image', (store) => putImage(store, {}, testIo()), /no image for linux\/s390x; it has "linux\/amd64"\.$/],
    [
      'an artifact',
      (store) => putArtifact(store, { artifactType: 'a/b', content: Buffer.from('x') }, testIo()),
      /no image for linux\/s390x; it has no platform\.$/,
    ],
  ];
  for (const [name, put, message] of refusals) {
    it(`refuses a platform that ${name} does not have, naming those it has`, async () => {
      const source = new MemoryStore();
      const root = await put(source);
      await assert.rejects(copyOf(source, root, 'linux/s390x'), { code: 'not-found', side: 'source', message });
    });
  }

  it('refuses all where one of two platforms is lacking', async () => {
    const source = new MemoryStore();
    const root = await putIndex(source, {}, testIo());
    await assert.rejects(copyOf(source, root, 'linux/amd64', 'linux/s390x'), { code: 'not-found' });
  });

  it('154: visits each nested index once, however many ways lead to it', async () => {
    const store = new MemoryStore();
    let root = await putIndexOf(store, [], testIo());
    for (let at = 0; at < 8; at++)
      root = await putIndexOf(
        store,
        Array.from({ length: 500 }, () => root),
        testIo(),
      );
    await assert.rejects(copyOf(store, root, 'linux/amd64'), { code: 'not-found' });
  });
});
