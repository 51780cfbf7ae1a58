import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { type FakeRegistry, startFakeRegistry } from '../support/fakeRegistry.ts';
import { storeContract } from '../support/storeContract.ts';
import { needs } from '../support/tools.ts';
import { openRegistry } from './open.ts';

describe('Repository', () => {
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
