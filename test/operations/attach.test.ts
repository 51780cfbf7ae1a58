import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { fetchBytes, fetchManifest, resolveManifest } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ImageStore } from '../../src/content/store.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type Digest, encodedOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { attachArtifact } from '../../src/operations/attachArtifact.ts';
import { referrersTag } from '../../src/operations/attachByTag.ts';
import { attachSbom, sbomTag } from '../../src/operations/attachSbom.ts';
import { connect } from '../../src/registry/connect.ts';
import type { Connection } from '../../src/registry/http.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { Registry } from '../../src/registry/registry.ts';
import { Transport } from '../../src/registry/transport.ts';
import { openRegistry } from '../registry/open.ts';
import { countingStore } from '../support/countingStore.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { testIo } from '../support/io.ts';
import { putImage, putJson } from '../support/seededImage.ts';
import { ServedRegistry } from '../support/servedRegistry.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';

const run = promisify(execFile);
const bytes = Buffer.from('{"spdxVersion":"SPDX-2.3"}');
const artifact = { artifactType: 'application/spdx+json', mediaType: 'application/spdx+json', bytes };
const statement = {
  artifactType: 'application/vnd.in-toto+json',
  mediaType: 'application/vnd.in-toto+json',
  bytes: Buffer.from('{}\n'),
  annotations: { 'org.example.kind': 'provenance' },
};

/** A store without the referrers API: what it lists is what stands under the referrers tag. */
function withoutApi(store: ImageStore): ImageStore {
  const listing = async (digest: Digest): Promise<readonly Descriptor[]> => {
    const found = await resolveManifest(store, referrersTag(digest), testIo()).catch(() => undefined);
    return found?.manifest.kind === 'index' ? found.manifest.manifests : [];
  };
  return { ...countingStore(store).store, referrers: listing };
}

/** A connection that tries again, as it does outside of tests: a registry may fail while two write one tag. */
function patient(host: string): Connection {
  const network = defaultNetwork;
  const transport = new Transport(network);
  const credentials = { find: async () => undefined };
  return connect({ registry: { registry: host, plainHttp: true }, network, credentials, transport });
}

const writes = (counted: ReturnType<typeof countingStore>): number =>
  counted.count('push') + counted.count('pushTagged') + counted.count('tag');

describe('attachArtifact', () => {
  it('stores the document as an artifact whose subject is the image', async () => {
    const store = new MemoryStore();
    const subject = await putImage(store, {}, testIo());
    const descriptor = await attachArtifact(store, subject, statement, testIo());
    const manifest = await fetchManifest(store, descriptor, testIo());
    assert.equal(manifest.kind, 'image');
    assert.deepEqual(manifest.json, {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.in-toto+json',
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        size: 2,
      },
      layers: [
        {
          mediaType: 'application/vnd.in-toto+json',
          digest: 'sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356',
          size: 3,
        },
      ],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      annotations: { 'org.example.kind': 'provenance' },
    });
    const [layer] = manifest.layers;
    assert.ok(layer !== undefined);
    assert.deepEqual(Buffer.from(await fetchBytes(store, layer, 100, testIo())), statement.bytes);
    assert.deepEqual(
      (await store.referrers(subject.digest)).map(({ digest }) => digest),
      [descriptor.digest],
    );
  });

  it('writes nothing, no tag either, where it is attached already', async () => {
    const counted = countingStore(new MemoryStore());
    const subject = await putImage(counted.store, {}, testIo());
    const first = await attachArtifact(counted.store, subject, artifact, testIo());
    counted.clear();
    assert.deepEqual(await attachArtifact(counted.store, subject, artifact, testIo()), first);
    assert.equal(writes(counted), 0);
    await assert.rejects(counted.store.resolve(referrersTag(subject.digest), testIo()), /no image is tagged/);
  });

  it('enters each referrer once under the referrers tag', async () => {
    const store = withoutApi(new MemoryStore());
    const subject = await putImage(store, {}, testIo());
    const one = await attachArtifact(store, subject, artifact, testIo());
    const two = await attachArtifact(store, subject, statement, testIo());
    const { manifest } = await resolveManifest(store, `sha256-${encodedOf(subject.digest)}`, testIo());
    assert.deepEqual(manifest.json, {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        { ...one, artifactType: 'application/spdx+json' },
        { ...two, artifactType: 'application/vnd.in-toto+json', annotations: { 'org.example.kind': 'provenance' } },
      ],
    });
    const counted = countingStore(store);
    await attachArtifact(counted.store, subject, artifact, testIo());
    assert.equal(writes(counted), 0);
  });

  it('keeps what others entered under the referrers tag, with members it does not know', async () => {
    const memory = new MemoryStore();
    const store = withoutApi(memory);
    const subject = await putImage(store, {}, testIo());
    const other = await putImage(store, { seed: 2 }, testIo());
    const theirs = { ...other, 'org.example.member': 'theirs' };
    const annotations = { 'org.example.kind': 'theirs' };
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [theirs], annotations };
    await memory.tag(await putJson(memory, index, testIo()), referrersTag(subject.digest));
    const ours = await attachArtifact(store, subject, artifact, testIo());
    const { manifest } = await resolveManifest(store, referrersTag(subject.digest), testIo());
    const entry = { ...ours, artifactType: 'application/spdx+json' };
    assert.deepEqual(manifest.json, { ...index, manifests: [theirs, entry] });
  });

  it('brings back an artifact that is listed but gone', async () => {
    const memory = new MemoryStore();
    const store = withoutApi(memory);
    const subject = await putImage(store, {}, testIo());
    const descriptor = await attachArtifact(store, subject, artifact, testIo());
    await memory.deleteManifest(descriptor.digest);
    await attachArtifact(store, subject, artifact, testIo());
    assert.equal(await store.has(descriptor, testIo()), true);
  });

  it('leaves a referrers tag alone that names no index', async () => {
    const store = withoutApi(new MemoryStore());
    const subject = await putImage(store, {}, testIo());
    const other = await putImage(store, { seed: 2 }, testIo());
    await store.tag(other, referrersTag(subject.digest), testIo());
    const attempt = attachArtifact(store, subject, artifact, testIo());
    await assert.rejects(attempt, { code: 'already-exists', message: /is no index. It was left as it is/ });
    assert.equal((await store.resolve(referrersTag(subject.digest), testIo())).digest, other.digest);
  });

  it('157: enters again what another writer has overwritten', async () => {
    const memory = new MemoryStore();
    const inner = withoutApi(memory);
    const subject = await putImage(inner, {}, testIo());
    const theirs = await attachArtifact(inner, subject, statement, testIo());
    const tag = referrersTag(subject.digest);
    const their = await memory.resolve(tag, testIo());
    let overwritten = 0;
    const racing: ImageStore = {
      ...inner,
      tag: async (descriptor, name, io) => {
        await inner.tag(descriptor, name, io);
        if (name === tag && overwritten++ < 2) await memory.tag(their, tag);
      },
    };
    const ours = await attachArtifact(racing, subject, artifact, testIo());
    const listed = await inner.referrers?.(subject.digest, testIo());
    assert.deepEqual(
      listed?.map(({ digest }) => digest),
      [theirs.digest, ours.digest],
    );
    assert.equal(overwritten, 3);
  });

  it('is found in a layout', async () => {
    const folder = await newTempDir();
    try {
      const store = await LayoutStore.open(path.join(folder, 'layout'), testIo(), { create: true });
      const subject = await putImage(store, {}, testIo());
      await store.tag(subject, 'v1', testIo());
      const { descriptor } = await attachSbom(store, subject, bytes, { cosignTag: false }, testIo());
      const found = await store.referrers(subject.digest, testIo());
      assert.deepEqual(
        found.map(({ digest }) => digest),
        [descriptor.digest],
      );
    } finally {
      await removeTempDir(folder);
    }
  });
});

describe('attachSbom', () => {
  it('stores the image that cosign and ko store, under their tag', async () => {
    const store = new MemoryStore();
    const subject = await putImage(store, {}, testIo());
    const attached = await attachSbom(store, subject, bytes, { cosignTag: true }, testIo());
    assert.equal(attached.replaced, undefined);
    const { manifest } = await resolveManifest(store, `sha256-${encodedOf(subject.digest)}.sbom`, testIo());
    assert.ok(manifest.kind === 'image');
    assert.deepEqual(
      manifest.layers.map(({ mediaType, size }) => [mediaType, size]),
      [['text/spdx+json', bytes.length]],
    );
    assert.equal(manifest.config.mediaType, 'application/vnd.oci.image.config.v1+json');
    assert.equal((await store.referrers(subject.digest)).length, 1);
  });

  it('needs one request to see that it is attached, and to say what is', async () => {
    const counted = countingStore(new MemoryStore());
    const subject = await putImage(counted.store, {}, testIo());
    const first = await attachSbom(counted.store, subject, bytes, { cosignTag: true }, testIo());
    counted.clear();
    const again = await attachSbom(counted.store, subject, bytes, { cosignTag: true }, testIo());
    assert.deepEqual(again, first);
    assert.deepEqual(counted.calls, [{ call: 'resolve', of: sbomTag(subject.digest) }]);
  });

  it('moves the tag to the new document of the same image, and says what it named', async () => {
    const store = new MemoryStore();
    const subject = await putImage(store, {}, testIo());
    await attachSbom(store, subject, bytes, { cosignTag: true }, testIo());
    const old = await store.resolve(sbomTag(subject.digest), testIo());
    const { replaced } = await attachSbom(store, subject, Buffer.from('{}'), { cosignTag: true }, testIo());
    assert.equal(replaced, old.digest);
    assert.equal((await store.referrers(subject.digest)).length, 2);
  });
});

describe('attaching to registries', () => {
  let folder: string;
  beforeEach(async () => (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  /** What skopeo reads of it: the document itself, of the artifact and under cosign's tag. */
  async function judge(host: string, subject: Descriptor, descriptor: Descriptor): Promise<void> {
    const raw = async (reference: string): Promise<string> =>
      (await run('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${host}/team/app${reference}`])).stdout;
    const manifest = JSON.parse(await raw(`@${descriptor.digest}`)) as { subject: unknown; artifactType: unknown };
    assert.deepEqual(manifest.subject, { ...subject });
    assert.equal(manifest.artifactType, 'application/spdx+json');
    const tagged = JSON.parse(await raw(`:${sbomTag(subject.digest)}`)) as { layers: { mediaType: string }[] };
    assert.equal(tagged.layers[0]?.mediaType, 'text/spdx+json');
    const copied = path.join(folder, 'copied');
    const from = `docker://${host}/team/app:${sbomTag(subject.digest)}`;
    await run('skopeo', ['copy', '--src-tls-verify=false', from, `dir:${copied}`]);
    assert.deepEqual(
      await readFile(path.join(copied, 'd4f269605ffe72fbe7a3021d68284798ec364111376ee2eace17688bb52a9e1d')),
      bytes,
    );
  }

  it('works with a registry that has no referrers API', async function () {
    this.timeout(60_000);
    needs(this, 'docker-registry', 'skopeo');
    const registry = await startDockerRegistry();
    try {
      const store = openRegistry(registry.host).repository('team/app');
      const subject = await putImage(store, {}, testIo());
      const { descriptor } = await attachSbom(store, subject, bytes, { cosignTag: true }, testIo());
      await attachArtifact(store, subject, statement, testIo());
      assert.equal((await store.referrers(subject.digest, testIo())).length, 2);
      await judge(registry.host, subject, descriptor);
    } finally {
      await registry.stop();
    }
  });

  it('157: writers at once spoil nothing that attaching again does not repair', async function () {
    this.timeout(60_000);
    needs(this, 'docker-registry');
    const registry: RunningRegistry = await startDockerRegistry();
    try {
      const open = (): ImageStore => new Registry(patient(registry.host), {}).repository('team/app');
      const subject = await putImage(open(), {}, testIo());
      const attach = (at: number): Promise<Descriptor> =>
        attachArtifact(open(), subject, { ...statement, bytes: Buffer.from(`${at}`) }, testIo(50_000));
      const attached = await Promise.all(Array.from({ length: 6 }, (_, at) => attach(at)));
      // No registry promises that none was lost (distribution-spec, referrers tag schema).
      for (const at of attached.keys()) assert.equal((await attach(at)).digest, attached[at]?.digest);
      const listed = await open().referrers?.(subject.digest, testIo());
      assert.deepEqual(listed?.map(({ digest }) => digest).sort(), attached.map(({ digest }) => digest).sort());
    } finally {
      await registry.stop();
    }
  });

  it('leaves the listing to a registry that has the API', async function () {
    this.timeout(60_000);
    needs(this, 'skopeo');
    const served = new ServedRegistry();
    await served.open();
    try {
      const store = openRegistry(served.host).repository('team/app');
      const subject = await putImage(store, {}, testIo());
      const { descriptor } = await attachSbom(store, subject, bytes, { cosignTag: true }, testIo());
      const [only, ...more] = await store.referrers(subject.digest, testIo());
      assert.deepEqual([only?.digest, only?.artifactType, more], [descriptor.digest, 'application/spdx+json', []]);
      await assert.rejects(store.resolve(referrersTag(subject.digest), testIo()), { code: 'not-found' });
      await judge(served.host, subject, descriptor);
    } finally {
      await served.close();
    }
  });
});
