import assert from 'node:assert/strict';
import { opens } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import { layer, layerDescriptor } from '../support/contractImage.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { type FakeRegistry, type Override, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { needs } from '../support/tools.ts';
import { openRegistry } from './open.ts';

describe('mountBlob', () => {
  let fake: FakeRegistry;
  beforeEach(async () => {
    fake = await startFakeRegistry();
    fake.putBlob('team/base', layer);
  });
  afterEach(() => fake.stop());

  const mount = (): Promise<boolean> =>
    openRegistry(fake.host).repository('app').mount(layerDescriptor, 'team/base', testIo());
  const methods = (): string => fake.requests.map(({ method }) => method).join(' ');

  it('takes a blob over with one request', async () => {
    assert.equal(await mount(), true);
    assert.equal(methods(), 'POST');
    const digest = encodeURIComponent(layerDescriptor.digest);
    assert.equal(fake.requests[0]?.path, `/v2/app/blobs/uploads/?mount=${digest}&from=team%2Fbase`);
    assert.equal(fake.repositories.get('app')?.blobs.has(layerDescriptor.digest), true);
  });

  const failures: readonly (readonly [string, Override])[] = [
    ...[400, 401, 403, 404, 405, 429, 500, 503].map((status) => [`${status}`, () => ({ status })] as const),
    ['a broken connection', () => 'reset'],
    ['202 without a Location', () => ({ status: 202 })],
    ['202 with a Location elsewhere', () => ({ status: 202, headers: { location: 'http://127.0.0.1:1/x' } })],
    ['200', () => ({ status: 200 })],
  ];
  for (const [what, override] of failures) {
    it(`111: leaves it to an upload where the registry answers ${what}`, async () => {
      fake.override = (request, next) => (request.path.includes('mount=') ? override(request, next) : next());
      assert.equal(await mount(), false);
    });
  }

  it('115: closes the session that the registry opened instead when it was cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    fake.override = (request, next) => {
      if (request.method === 'POST') controller.abort(reason);
      return next();
    };
    const mounting = openRegistry(fake.host)
      .repository('app')
      .mount(layerDescriptor, 'none', { signal: controller.signal });
    assert.equal(await mounting.catch((error: unknown) => error), reason);
    assert.equal(methods(), 'POST DELETE');
    assert.equal(fake.uploads.size, 0);
  });

  it('115: closes the session that the registry opened instead where the blob is there already', async () => {
    fake.putBlob('app', layer);
    const repository = openRegistry(fake.host).repository('app');
    assert.equal(await repository.mount(layerDescriptor, 'none', testIo()), false);
    assert.equal(fake.uploads.size, 1);
    assert.equal(await repository.has(layerDescriptor, testIo()), true);
    assert.equal(methods(), 'POST HEAD DELETE');
    assert.equal(fake.uploads.size, 0);
  });

  const lies: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['nothing', {}],
    ['another digest', { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }],
    [
      'the digest, but another place',
      { 'docker-content-digest': layerDescriptor.digest, location: '/v2/other/blobs/x' },
    ],
  ];
  for (const [what, headers] of lies) {
    it(`112: asks for the blob where a 201 names ${what}`, async () => {
      fake.override = (request, next) => (request.method === 'POST' ? { status: 201, headers } : next());
      assert.equal(await mount(), false);
      assert.equal(methods(), 'POST HEAD');
      fake.putBlob('app', layer);
      assert.equal(await mount(), true);
    });
  }

  it('stops with the reason of the signal', async () => {
    const reason = new Error('cancelled by the user');
    const io = { signal: AbortSignal.abort(reason) };
    const mounting = openRegistry(fake.host).repository('app').mount(layerDescriptor, 'team/base', io);
    assert.equal(await mounting.catch((error: unknown) => error), reason);
  });

  it('mounts from other repositories of the same registry only', () => {
    const registry = openRegistry(fake.host);
    const app = registry.repository('app');
    assert.equal(app.mountableFrom(registry.repository('team/base')), 'team/base');
    assert.equal(app.mountableFrom(openRegistry(fake.host).repository('team/base')), 'team/base');
    assert.equal(app.mountableFrom(registry.repository('app')), undefined);
    assert.equal(app.mountableFrom(openRegistry('127.0.0.1:1').repository('team/base')), undefined);
    assert.equal(app.mountableFrom(new MemoryStore()), undefined);
  });
});

describe('mountBlob of docker-registry', () => {
  let registry: RunningRegistry | undefined;
  before(async function () {
    needs(this, 'docker-registry');
    registry = await startDockerRegistry();
  });
  after(() => registry?.stop());

  it('111: mounts from a repository that has the blob, and uploads where it has not', async () => {
    const opened = openRegistry(registry?.host ?? '');
    const [base, app] = [opened.repository('base'), opened.repository('app')];
    assert.equal(await app.mount(layerDescriptor, 'base', testIo()), false);
    await app.push(layerDescriptor, opens(layer), testIo());
    assert.equal(await base.mount(layerDescriptor, 'app', testIo()), true);
    assert.equal(await base.has(layerDescriptor, testIo()), true);
  });
});
