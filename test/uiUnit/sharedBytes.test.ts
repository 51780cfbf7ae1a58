import assert from 'node:assert/strict';
import { SharedBytes } from '../../src/ui/sharedBytes.ts';

describe('SharedBytes', () => {
  let read: string[];
  const reading =
    (key: string, length = 1) =>
    async (): Promise<Uint8Array> => {
      read.push(key);
      return new Uint8Array(length);
    };

  beforeEach(() => (read = []));

  it('reads once what several ask for at the same time, and what is asked for again', async () => {
    const shared = new SharedBytes();
    const [first, second] = await Promise.all([shared.once('a', reading('a')), shared.once('a', reading('a'))]);
    assert.equal(first, second);
    assert.equal(await shared.once('a', reading('a')), first);
    shared.clear();
    await shared.once('a', reading('a'));
    assert.deepEqual(read, ['a', 'a']);
  });

  it('reads again what could not be read', async () => {
    const shared = new SharedBytes();
    const failing = (): Promise<never> => Promise.reject(new Error('not now'));
    await assert.rejects(Promise.all([shared.once('a', failing), shared.once('a', failing)]), /not now/);
    assert.equal((await shared.once('a', reading('a'))).length, 1);
  });

  it('keeps the latest 64 pieces and 64 MiB', async () => {
    const shared = new SharedBytes();
    for (let at = 0; at < 65; at++) await shared.once(String(at), reading(String(at)));
    read = [];
    await shared.once('64', reading('64'));
    await shared.once('0', reading('0'));
    assert.deepEqual(read, ['0']);
    await shared.once('large', reading('large', (64 << 20) - 1));
    read = [];
    await shared.once('0', reading('0'));
    await shared.once('64', reading('64'));
    assert.deepEqual(read, ['64']);
  });
});
