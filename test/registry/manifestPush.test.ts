import assert from 'node:assert/strict';
import { opens } from '../../src/content/bytes.ts';
import { OciError } from '../../src/errors.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { RegistryError } from '../../src/registry/registryError.ts';
import type { Repository } from '../../src/registry/repository.ts';
import { contractImage, layer, layerDescriptor } from '../support/contractImage.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { type FakeRegistry, type Override, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { needs } from '../support/tools.ts';
import { faults } from './faults.ts';
import { openRegistry } from './open.ts';

const { manifest, descriptor, config } = contractImage();
const zeros = `sha256:${'0'.repeat(64)}`;

describe('pushManifest', () => {
  let fake: FakeRegistry;
  let repository: Repository;
  beforeEach(async () => {
    fake = await startFakeRegistry();
    fake.putBlob('app', layer);
    fake.putBlob('app', config);
    repository = openRegistry(fake.host).repository('app');
  });
  afterEach(() => fake.stop());

  const methods = (): string => fake.requests.map(({ method }) => method).join(' ');
  const pushTagged = (): Promise<void> => repository.pushTagged(descriptor, manifest, 'v1', testIo());
  const tagged = (): string | undefined => fake.repositories.get('app')?.tags.get('v1');

  it('141: stores the exact bytes and the tag with one request', async () => {
    await pushTagged();
    assert.equal(methods(), 'PUT');
    assert.equal(tagged(), descriptor.digest);
    assert.equal(fake.requests[0]?.body.equals(manifest), true);
    assert.equal(fake.requests[0].headers['content-type'], mediaTypes.manifest);
  });

  it('tags what is there by its bytes', async () => {
    await repository.push(descriptor, opens(manifest), testIo());
    await repository.tag(descriptor, 'v1', testIo());
    assert.equal(methods(), 'PUT GET PUT');
    assert.equal(tagged(), descriptor.digest);
  });

  it('95: is done where only the answer was lost', async () => {
    fake.override = (request, next) => {
      const answer = next();
      return request.method === 'PUT' ? 'reset' : answer;
    };
    await pushTagged();
    await repository.push(descriptor, opens(manifest), testIo());
    assert.equal(methods(), 'PUT HEAD PUT GET');
  });

  it('96: does not believe a 201 without a digest', async () => {
    fake.override = (request, next) => (request.method === 'PUT' ? { status: 201 } : next());
    await assert.rejects(pushTagged(), {
      code: 'protocol-violation',
      message: /said that it stored it, but does not have it/,
    });
    assert.equal(tagged(), undefined);
  });

  it('reads back what a 201 without a digest means', async () => {
    fake.override = (request, next) => {
      const answer = next();
      return request.method === 'PUT' ? { status: 201 } : answer;
    };
    await pushTagged();
    assert.equal(methods(), 'PUT HEAD');
  });

  it('151: takes another digest in the answer where the bytes are right', async () => {
    fake.override = (request, next) => {
      const answer = next();
      return request.method === 'PUT' ? { ...answer, headers: { 'docker-content-digest': zeros } } : answer;
    };
    await pushTagged();
    assert.equal(methods(), 'PUT GET');
  });

  it('151: finds out that a registry changed the manifest', async () => {
    fake.override = (request, next) => {
      if (request.method !== 'PUT') return next();
      fake.putManifest('app', mediaTypes.manifest, manifest.toString().trim(), 'v1');
      return { status: 201, headers: { 'docker-content-digest': zeros } };
    };
    await assert.rejects(pushTagged(), {
      code: 'protocol-violation',
      message: /the registry changed the manifest: it keeps sha256:/,
    });
  });

  it('says what the tag names after a failure that leaves it open', async () => {
    fake.override = (request, next) => (request.method === 'PUT' ? 'reset' : next());
    await assert.rejects(pushTagged(), { code: 'unavailable', message: /There is no tag v1\.$/ });
    const old = fake.putManifest('app', mediaTypes.manifest, manifest.toString().trim(), 'v1');
    await assert.rejects(pushTagged(), { code: 'unavailable', message: new RegExp(`The tag v1 names ${old}\\.$`) });
    fake.override = () => 'reset';
    await assert.rejects(pushTagged(), { code: 'unavailable', message: /What the tag v1 names now is not known/ });
  });

  it('152: names the content that the manifest misses', async () => {
    fake.repository('app').blobs.delete(layerDescriptor.digest);
    const failure = await pushTagged().catch((error: unknown) => error);
    assert.ok(failure instanceof RegistryError);
    assert.equal(failure.code, 'not-found');
    assert.deepEqual(failure.missing, [layerDescriptor.digest]);
    assert.equal(failure.says('MANIFEST_BLOB_UNKNOWN'), true);
    assert.match(
      failure.message,
      new RegExp(`It needs content that .* does not hold: ${layerDescriptor.digest}\\. Push that first`),
    );
  });

  it('139: sends no manifest of more than 4 MiB', async () => {
    const members = { annotations: { long: 'x'.repeat(4 << 20) } };
    const large = contractImage(members);
    await assert.rejects(repository.pushTagged(large.descriptor, large.manifest, 'v1', testIo()), {
      code: 'too-large',
    });
    assert.equal(methods(), '');
  });

  it("sends no bytes that are not the descriptor's", async () => {
    const other = describeBytes(Buffer.from('{}'), mediaTypes.manifest);
    await assert.rejects(repository.pushTagged(other, manifest, 'v1', testIo()), { code: 'content-mismatch' });
    await assert.rejects(repository.push(other, opens(manifest), testIo()), { code: 'content-mismatch' });
    assert.equal(methods(), '');
  });

  for (const tag of ['', 'a/b', '-x', descriptor.digest]) {
    it(`11: does not write the tag ${JSON.stringify(tag.slice(0, 12))}`, async () => {
      await assert.rejects(repository.pushTagged(descriptor, manifest, tag, testIo()), { code: 'invalid-reference' });
      assert.equal(methods(), '');
    });
  }
});

describe('pushManifest with one fault at any request', () => {
  for (const [name, fault] of faults) {
    it(`95: tells the truth about the tag after ${name}`, async () => {
      for (let at = 1; at < 4; at++) await pushWithFault(fault, at);
    });
  }

  /** Moves a tag with a fault at the given request; what the client says about it must be true. */
  async function pushWithFault(fault: Override, at: number): Promise<void> {
    const fake = await startFakeRegistry();
    try {
      fake.putBlob('app', layer);
      fake.putBlob('app', config);
      const old = fake.putManifest('app', mediaTypes.manifest, manifest.toString().trim(), 'v1');
      fake.override = (request, next) => (fake.requests.length === at ? fault(request, next) : next());
      const pushing = openRegistry(fake.host).repository('app').pushTagged(descriptor, manifest, 'v1', testIo());
      const failure = await pushing.catch((error: unknown) => error);
      const named = fake.repositories.get('app')?.tags.get('v1');
      if (failure === undefined) assert.equal(named, descriptor.digest);
      else {
        assert.ok(failure instanceof OciError, 'an error of another kind');
        assert.equal(named, old);
        const told = /The tag v1 names (sha256:[0-9a-f]+)\.$/.exec(failure.message)?.[1];
        assert.equal(told ?? old, old);
      }
    } finally {
      await fake.stop();
    }
  }
});

describe('pushManifest to docker-registry', () => {
  let registry: RunningRegistry | undefined;
  before(async function () {
    needs(this, 'docker-registry');
    registry = await startDockerRegistry();
  });
  after(() => registry?.stop());

  it('152: names the content that the manifest misses', async () => {
    const repository = openRegistry(registry?.host ?? '').repository('empty');
    const failure = await repository.pushTagged(descriptor, manifest, 'v1', testIo()).catch((error: unknown) => error);
    assert.ok(failure instanceof RegistryError);
    assert.equal(failure.code, 'not-found');
    assert.equal(failure.missing.includes(layerDescriptor.digest), true);
  });

  it('88: gives an index to a client that accepts it', async () => {
    const repository = openRegistry(registry?.host ?? '').repository('index');
    const bytes = Buffer.from(`{"schemaVersion":2,"mediaType":"${mediaTypes.index}","manifests":[]}`);
    const index = describeBytes(bytes, mediaTypes.index);
    await repository.pushTagged(index, bytes, 'all', testIo());
    assert.deepEqual(await repository.resolve('all', testIo()), index);
  });
});
