import assert from 'node:assert/strict';
import type { Credential } from '../../src/credentials/credential.ts';
import { SecretCredentials, type SecretStore } from '../../src/ui/secrets.ts';

/** VS Code's secret storage as far as it is used, in memory. */
function storageOf(secrets: Map<string, string>): SecretStore {
  const listeners: ((event: { key: string }) => void)[] = [];
  return {
    get: async (key) => secrets.get(key),
    store: async (key, value) => {
      secrets.set(key, value);
      listeners.forEach((listener) => listener({ key }));
    },
    delete: async (key) => void secrets.delete(key),
    onDidChange: (listener) => {
      listeners.push(listener);
      return { dispose: () => undefined };
    },
  };
}

describe('SecretCredentials', () => {
  const table: readonly Credential[] = [
    { kind: 'basic', username: 'anna', password: 'p:w"\u00e9' },
    { kind: 'identity-token', token: 't' },
    { kind: 'registry-token', token: 't' },
  ];
  for (const credential of table) {
    it(`finds the ${credential.kind} credential again, under its registry only`, async () => {
      const secrets = new Map<string, string>();
      const credentials = new SecretCredentials(storageOf(secrets));
      await credentials.store('registry.example:5000', credential);
      assert.deepEqual([...secrets.keys()], ['gantry.cred:registry.example:5000']);
      const found = await credentials.find('registry.example:5000');
      assert.deepEqual(found?.credential, credential);
      assert.equal(found.origin, "Gantry's secret storage");
      assert.equal(await credentials.find('registry.example'), undefined);
      await credentials.remove('registry.example:5000');
      assert.equal(secrets.size, 0);
    });
  }

  for (const broken of ['', '{', '[]', '{"kind":"basic","username":"a"}', '{"kind":"other","token":"t"}', 'null']) {
    it(`finds nothing in the secret ${JSON.stringify(broken)}`, async () => {
      const credentials = new SecretCredentials(storageOf(new Map([['gantry.cred:a.example', broken]])));
      assert.equal(await credentials.find('a.example'), undefined);
    });
  }

  it('says whose secret changed', async () => {
    const storage = storageOf(new Map());
    const credentials = new SecretCredentials(storage);
    const changed: string[] = [];
    credentials.onDidChange((registry) => changed.push(registry));
    await storage.store('other', 'x');
    await credentials.store('a.example', { kind: 'identity-token', token: 't' });
    assert.deepEqual(changed, ['a.example']);
  });
});
