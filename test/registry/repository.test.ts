import assert from 'node:assert/strict';
import { opens } from '../../src/content/bytes.ts';
import { OciError } from '../../src/errors.ts';
import type { HttpClient } from '../../src/registry/http.ts';
import { Registry } from '../../src/registry/registry.ts';
import { contractImage, layer, layerDescriptor } from '../support/contractImage.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { storeContract } from '../support/storeContract.ts';
import { needs } from '../support/tools.ts';
import { openRegistry } from './open.ts';

describe('Repository', () => {
  it('47: asks for the scopes that each request needs, that to push first', async () => {
    const asked: string[] = [];
    const http: HttpClient = async ({ method, scopes = [] }) => {
      asked.push([method, ...scopes].join(' '));
      throw new OciError('forbidden', 'no');
    };
    const base = async (): Promise<URL> => new URL('https://r.example/');
    const registry = new Registry({ registry: 'r.example', base, http });
    const app = registry.repository('team/app');
    const io = testIo();
    const { descriptor, manifest } = contractImage();
    for (const use of [
      () => app.resolve('v1', io),
      () => app.push(layerDescriptor, opens(layer), io),
      () => app.pushTagged(descriptor, manifest, 'v1', io),
      () => app.untag('v1', io),
    ]) {
      await assert.rejects(use(), { code: 'forbidden' });
    }
    assert.equal(await app.mount(layerDescriptor, 'base', io), false);
    await assert.rejects(registry.repositoryPages(io)[Symbol.asyncIterator]().next(), { code: 'forbidden' });
    assert.deepEqual(asked, [
      'HEAD repository:team/app:pull',
      'POST repository:team/app:pull,push',
      'PUT repository:team/app:pull,push',
      'DELETE repository:team/app:pull,delete',
      'POST repository:team/app:pull,push repository:base:pull',
      'GET registry:catalog:*',
    ]);
  });

  describe('of a registry with everything', () => {
    let fake: FakeRegistry;
    let count = 0;
    before(async () => (fake = await startFakeRegistry()));
    after(() => fake.stop());
    leaveOut(['stores a blob under a sha512 digest', 'stores a manifest under a sha512 digest']);
    storeContract('Repository', async () => openRegistry(fake.host).repository(`contract/${++count}`));
  });

  describe('of docker-registry', () => {
    let registry: RunningRegistry | undefined;
    let count = 0;
    before(async function () {
      needs(this, 'docker-registry');
      registry = await startDockerRegistry();
    });
    after(() => registry?.stop());
    // What docker-registry 2.8.2 cannot do.
    leaveOut([
      'stores a manifest under a sha512 digest',
      'removes a tag and nothing else',
      'says so when the tag to remove is not there',
      'lists what was pushed with a subject, with its type and annotations',
    ]);
    storeContract('Repository', async () => openRegistry(registry?.host ?? '').repository(`contract/${++count}`));
  });
});

/** Skips the contract's tests of what the registry behind the repository cannot do. */
function leaveOut(titles: readonly string[]): void {
  beforeEach(function () {
    if (titles.includes(this.currentTest?.title ?? '')) this.skip();
  });
}
