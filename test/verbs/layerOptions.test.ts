import assert from 'node:assert/strict';
import { configChanges } from '../../src/verbs/layerOptions.ts';

describe('configChanges', () => {
  it('reads every member, and null for a health check that is taken away', () => {
    const all = {
      entrypoint: ['/a'],
      cmd: [],
      env: ['A=1'],
      workdir: '/w',
      user: '1',
      labels: { a: 'b' },
      ports: ['80'],
      volumes: ['/v'],
      stopSignal: 'SIGTERM',
      healthcheck: { test: ['CMD', 'x'], interval: 1, timeout: 2, startPeriod: 3, startInterval: 4, retries: 5 },
      shell: ['/bin/sh'],
      author: 'me',
    };
    assert.deepEqual(JSON.parse(JSON.stringify(configChanges(all))), all);
    assert.deepEqual(configChanges({ healthcheck: null }), { healthcheck: null });
    assert.deepEqual(configChanges(undefined), {});
    assert.deepEqual(configChanges({ unknown: 1, cmd: undefined }), {});
  });

  const wrong: readonly unknown[] = [
    null,
    [],
    { volumes: '/v' },
    { volumes: [1] },
    { stopSignal: 9 },
    { author: {} },
    { labels: 'a=b' },
    { labels: { a: 1 } },
    { shell: 'sh' },
    { healthcheck: 'NONE' },
    { healthcheck: { test: 'NONE' } },
    { healthcheck: { test: ['NONE'], interval: '5s' } },
    { healthcheck: { test: ['NONE'], retries: -1 } },
    { healthcheck: { test: ['NONE'], timeout: 1.5 } },
  ];
  for (const value of wrong) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.throws(() => configChanges(value), { code: 'invalid-reference' });
    });
  }
});
