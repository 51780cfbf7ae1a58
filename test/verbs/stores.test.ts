import assert from 'node:assert/strict';
import { untilAborted } from '../../src/content/abort.ts';
import type { Io } from '../../src/content/store.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';

describe('Stores.close', () => {
  it('lets changed settings count from then on, also where a connection was being made', async () => {
    const registry = await startFakeRegistry();
    let userAgent = 'before';
    const reading = Promise.withResolvers<undefined>();
    const stores = new Stores({
      registries: () => [],
      network: () => ({ ...defaultNetwork, userAgent }),
      credentials: { find: () => Promise.resolve(undefined) },
      tls: async () => {
        await reading.promise;
        return {};
      },
    });
    const ask = (): Promise<unknown> =>
      stores
        .registry(registry.host)
        .repository('app')
        .resolve('v1', testIo())
        .catch(() => undefined);
    try {
      const first = ask();
      await stores.close();
      userAgent = 'after';
      const second = ask();
      reading.resolve(undefined);
      await Promise.all([first, second]);
      const before = registry.requests.length;
      await ask();
      const agents = registry.requests.slice(before).map(({ headers }) => headers['user-agent']);
      assert.deepEqual([...new Set(agents)], ['after']);
    } finally {
      await stores.close();
      await registry.stop();
    }
  });
});

describe('Stores.registry', () => {
  it('connects for those who wait where the first who asked gives up', async () => {
    const registry = await startFakeRegistry();
    const reading = Promise.withResolvers<object>();
    const stores = new Stores({
      registries: () => [],
      network: () => defaultNetwork,
      credentials: { find: () => Promise.resolve(undefined) },
      tls: (_name, io) => untilAborted(reading.promise, io),
    });
    const gone = new AbortController();
    const resolve = (io: Io): Promise<unknown> => stores.registry(registry.host).repository('app').resolve('v1', io);
    try {
      const first = assert.rejects(resolve({ signal: gone.signal }), /given up/);
      const second = assert.rejects(resolve(testIo()), { code: 'not-found' });
      await new Promise(setImmediate);
      gone.abort(new Error('given up'));
      await first;
      reading.resolve({});
      await second;
    } finally {
      await stores.close();
      await registry.stop();
    }
  });
});
