import assert from 'node:assert/strict';
import { readWarnings } from '../../src/registry/warnings.ts';
import { ask, open, startSite } from './harness.ts';

describe('readWarnings', () => {
  it('reads the texts of code 299', () => {
    assert.deepEqual(readWarnings('299 - "a \\"b\\", c", 199 - "no", 299 host "d"'), ['a "b", c', 'd']);
    assert.deepEqual(readWarnings('nonsense'), []);
  });

  it('reads at most 4096 bytes', () => {
    assert.deepEqual(readWarnings(`299 - "${'x'.repeat(4096)}"`), []);
    assert.equal(readWarnings('299 - "x", '.repeat(10_000)).length, 372);
  });
});

describe('warning', () => {
  it('tells each text once', async () => {
    const site = await startSite(() => ({ headers: { warning: '299 - "retired soon", 299 - "second"' } }));
    const { connection, transport, warnings } = open({ registry: { registry: site.host, plainHttp: true } });
    await ask(connection, 'v2/a');
    await ask(connection, 'v2/b');
    await transport.close();
    await site.stop();
    assert.deepEqual(warnings, ['retired soon', 'second']);
  });
});
