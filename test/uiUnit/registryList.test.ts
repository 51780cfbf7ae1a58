import assert from 'node:assert/strict';
import { ConfiguredRegistries } from '../../src/ui/registryList.ts';
import type { RegistrySetting } from '../../src/ui/settingValues.ts';
import { LocalRegistryControl } from '../../src/verbs/localRegistryControl.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { defaultNetwork } from '../../src/registry/options.ts';

describe('ConfiguredRegistries', () => {
  let read: number;

  beforeEach(() => (read = 0));

  function listOf(settings: readonly RegistrySetting[], enabled = true): ConfiguredRegistries {
    const credentials = { find: () => Promise.resolve(undefined) };
    const counted = (): readonly RegistrySetting[] => (read++, settings);
    return new ConfiguredRegistries({
      stores: new Stores({ registries: () => [], network: () => defaultNetwork, credentials }),
      settings: () => ({ registries: counted(), problems: ['gantry.registries[7]: no'] }),
      local: new LocalRegistryControl(
        () => ({ enabled, port: 5050, directory: '/none' }),
        () => undefined,
      ),
      credentials,
    });
  }

  const shown = (list: ConfiguredRegistries): unknown =>
    list.all().map(({ name, alias, local, insecure, readOnly }) => ({ name, alias, local, insecure, readOnly }));
  const plain = { alias: undefined, local: undefined, insecure: undefined, readOnly: undefined };

  it('has the local registry first, then those of the settings', () => {
    const list = listOf([
      { registry: 'one.example', alias: 'One', readOnly: true },
      { registry: 'two.example:5000', plainHttp: true },
    ]);
    assert.deepEqual(shown(list), [
      { ...plain, name: 'localhost:5050', alias: 'Local registry', local: true },
      { ...plain, name: 'one.example', alias: 'One', readOnly: true },
      { ...plain, name: 'two.example:5000', insecure: true },
    ]);
  });

  it('has the local registry once, where the settings have it, and not where it is off', () => {
    const own = [{ registry: 'localhost:5050', alias: 'Mine' }];
    assert.deepEqual(shown(listOf(own)), [{ ...plain, name: 'localhost:5050', alias: 'Mine', local: true }]);
    assert.deepEqual(shown(listOf(own, false)), [{ ...plain, name: 'localhost:5050', alias: 'Mine' }]);
    assert.deepEqual(shown(listOf([], false)), []);
  });

  it('says what of the settings could not be read', () => {
    assert.deepEqual(listOf([]).problems(), ['gantry.registries[7]: no']);
  });

  it('knows every registry by its one spelling, with what the settings say of it', () => {
    const list = listOf([{ registry: 'docker.io', readOnly: true }]);
    assert.equal(list.get('https://index.docker.io/').readOnly, true);
    assert.deepEqual(
      [list.get('other.example').name, list.get('other.example').readOnly],
      ['other.example', undefined],
    );
    assert.throws(() => list.get('no host'), { code: 'invalid-reference' });
  });

  it('reads the settings once for all of them, for every row of the tree asks', () => {
    listOf(Array.from({ length: 50 }, (_, at) => ({ registry: `r${at}.example` }))).all();
    assert.equal(read, 1);
  });
});
