import assert from 'node:assert/strict';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import type { Repository } from '../../src/registry/repository.ts';
import { contractImage, pushContractImage } from '../support/contractImage.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { needs } from '../support/tools.ts';
import { openRegistry } from './open.ts';

const { manifest, descriptor } = contractImage();

describe('deleteTag and deleteManifest', () => {
  let fake: FakeRegistry;
  let repository: Repository;
  beforeEach(async () => {
    fake = await startFakeRegistry();
    fake.putManifest('app', mediaTypes.manifest, manifest, 'v1');
    repository = openRegistry(fake.host).repository('app');
  });
  afterEach(() => fake.stop());

  const methods = (): string => fake.requests.map(({ method }) => method).join(' ');
  const refuse = (status: number, code: string) => () => ({
    status,
    body: JSON.stringify({ errors: [{ code, message: '' }] }),
  });

  it('take one request each', async () => {
    await repository.untag('v1', testIo());
    assert.equal(fake.repositories.get('app')?.manifests.size, 1);
    await repository.deleteManifest(descriptor.digest, testIo());
    assert.equal(fake.repositories.get('app')?.manifests.size, 0);
    assert.equal(methods(), 'DELETE DELETE');
  });

  for (const [status, code] of [
    [400, 'DIGEST_INVALID'],
    [400, 'UNSUPPORTED'],
    [405, 'UNSUPPORTED'],
  ] as const) {
    it(`162: says that a tag cannot be removed alone (${status} ${code})`, async () => {
      fake.override = refuse(status, code);
      await assert.rejects(repository.untag('v1', testIo()), {
        code: 'unsupported-media-type',
        message: /deletes by digest only, and that removes every tag of the digest/,
      });
    });
  }

  for (const [status, code] of [
    [405, 'UNSUPPORTED'],
    [400, 'UNSUPPORTED'],
  ] as const) {
    it(`163: says that deletion is switched off (${status} ${code})`, async () => {
      fake.override = refuse(status, code);
      await assert.rejects(repository.deleteManifest(descriptor.digest, testIo()), {
        code: 'forbidden',
        message: /deletion is switched off on this registry/,
      });
    });
  }

  it('164: say that there is nothing to delete', async () => {
    await assert.rejects(repository.untag('v2', testIo()), { code: 'not-found' });
    await assert.rejects(repository.deleteManifest(`sha256:${'0'.repeat(64)}`, testIo()), { code: 'not-found' });
  });

  it('95: are done where only the answer was lost', async () => {
    fake.override = (request, next) => {
      const answer = next();
      return request.method === 'DELETE' ? 'reset' : answer;
    };
    await repository.untag('v1', testIo());
    await repository.deleteManifest(descriptor.digest, testIo());
    assert.equal(methods(), 'DELETE HEAD DELETE HEAD');
  });

  it('are sent again where they did not arrive, at most three times', async () => {
    fake.override = (request, next) => (request.method === 'DELETE' && fake.requests.length < 4 ? 'reset' : next());
    await repository.untag('v1', testIo());
    assert.equal(methods(), 'DELETE HEAD DELETE HEAD DELETE');
    fake.override = (request, next) => (request.method === 'DELETE' ? { status: 503 } : next());
    await assert.rejects(repository.deleteManifest(descriptor.digest, testIo()), { code: 'unavailable' });
  });

  it('do not take a 403 for an absence', async () => {
    fake.override = (request) => (request.method === 'DELETE' ? 'reset' : { status: 403 });
    await assert.rejects(repository.deleteManifest(descriptor.digest, testIo()), { code: 'unavailable' });
  });
});

describe('deleteTag and deleteManifest of docker-registry', () => {
  const registries: RunningRegistry[] = [];
  before(async function () {
    needs(this, 'docker-registry');
    registries.push(await startDockerRegistry(), await startDockerRegistry({ delete: false }));
  });
  after(() => Promise.all(registries.map((registry) => registry.stop())));

  it('162: says that a tag cannot be removed alone', async () => {
    const repository = openRegistry(registries[0]?.host ?? '').repository('app');
    await pushContractImage(repository, contractImage(), 'v1');
    await assert.rejects(repository.untag('v1', testIo()), { code: 'unsupported-media-type' });
    await repository.deleteManifest(descriptor.digest, testIo());
    await assert.rejects(repository.resolve('v1', testIo()), { code: 'not-found' });
  });

  it('163: says that deletion is switched off', async () => {
    const repository = openRegistry(registries[1]?.host ?? '').repository('app');
    await pushContractImage(repository, contractImage(), 'v1');
    await assert.rejects(repository.deleteManifest(descriptor.digest, testIo()), {
      code: 'forbidden',
      message: /deletion is switched off on this registry/,
    });
  });
});
