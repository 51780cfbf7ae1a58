import assert from 'node:assert/strict';
import { opens } from '../../src/content/bytes.ts';
import { Registry, type RegistryUse } from '../../src/registry/registry.ts';
import { contractImage, layer, layerDescriptor } from '../support/contractImage.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { needs } from '../support/tools.ts';
import { connection, openRegistry, quickClock } from './open.ts';

describe('Registry', () => {
  let fake: FakeRegistry;
  beforeEach(async () => (fake = await startFakeRegistry()));
  afterEach(() => fake.stop());

  async function repositories(use: RegistryUse = {}): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const page of openRegistry(fake.host, use).repositoryPages(testIo())) names.push(...page);
    return names;
  }

  it('reaches a registry with one request', async () => {
    await openRegistry(fake.host).ping(testIo());
    assert.deepEqual(
      fake.requests.map(({ method, path }) => `${method} ${path}`),
      ['GET /v2/'],
    );
  });

  it('83: tells a web page from a registry', async () => {
    fake.override = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<title>Hotel</title>' });
    await assert.rejects(openRegistry(fake.host).ping(testIo()), {
      code: 'protocol-violation',
      message: /web page titled "Hotel"/,
    });
  });

  it('lists the repositories below the namespaces that were chosen', async () => {
    for (const name of ['app', 'team/a', 'team/b/c', 'teammate/d']) fake.putBlob(name, layer);
    assert.deepEqual(await repositories(), ['app', 'team/a', 'team/b/c', 'teammate/d']);
    assert.deepEqual(await repositories({ namespaces: ['team', 'app'] }), ['app', 'team/a', 'team/b/c']);
  });

  const refusals: readonly (readonly [number, string])[] = [
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [405, 'forbidden'],
    [501, 'not-found'],
  ];
  for (const [status, code] of refusals) {
    it(`100: says what to do where the catalogue answers ${status}`, async () => {
      fake.override = () => ({ status });
      await assert.rejects(repositories(), { code, message: /does not list its repositories.*add one by name/ });
    });
  }

  it('100: lets other failures of the catalogue be what they are', async () => {
    fake.override = () => ({ status: 503 });
    await assert.rejects(repositories(), { code: 'unavailable', message: /Cannot list the repositories/ });
  });

  it('100: does not ask where there is no catalogue or it is switched off', async () => {
    await assert.rejects(repositories({ catalog: 'off' }), { code: 'not-found', message: /add one by name/ });
    const hub = new Registry({ ...connection(fake.host), registry: 'docker.io' }, { clock: quickClock() });
    await assert.rejects(hub.repositoryPages(testIo())[Symbol.asyncIterator]().next(), { code: 'not-found' });
    assert.deepEqual(fake.requests, []);
  });

  for (const name of ['../../admin', 'App', 'a//b', 'a%2fb', '', 'a?x=1', 'a/'.repeat(200)]) {
    it(`3: refuses the repository name ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.throws(() => openRegistry(fake.host).repository(name), { code: 'invalid-reference' });
    });
  }

  it('sends nothing to a registry that is set to read-only', async () => {
    const repository = openRegistry(fake.host, { readOnly: true }).repository('app');
    const { descriptor, manifest } = contractImage();
    const io = testIo();
    for (const write of [
      () => repository.push(layerDescriptor, opens(layer), io),
      () => repository.pushTagged(descriptor, manifest, 'v1', io),
      () => repository.tag(descriptor, 'v1', io),
      () => repository.mount(layerDescriptor, 'other', io),
      () => repository.untag('v1', io),
      () => repository.deleteManifest(descriptor.digest, io),
    ]) {
      await assert.rejects(write(), { code: 'forbidden', message: /is set to read-only/ });
    }
    assert.deepEqual(fake.requests, []);
  });

  describe('of docker-registry', () => {
    let registry: RunningRegistry | undefined;
    before(async function () {
      needs(this, 'docker-registry');
      registry = await startDockerRegistry();
    });
    after(() => registry?.stop());

    it('pages through 101 repositories', async () => {
      const opened = openRegistry(registry?.host ?? '');
      await opened.ping(testIo());
      const names = Array.from({ length: 101 }, (_, at) => `page/r${String(at).padStart(3, '0')}`);
      await Promise.all(names.map((name) => opened.repository(name).push(layerDescriptor, opens(layer), testIo())));
      const pages: number[] = [];
      for await (const page of opened.repositoryPages(testIo())) pages.push(page.length);
      assert.deepEqual(pages, [100, 1]);
    });
  });
});
