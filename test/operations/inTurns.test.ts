import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inTurns, sortInTurns } from '../../src/operations/inTurns.ts';
import { testIo } from '../support/io.ts';

describe('inTurns', () => {
  it('does all items in order', async () => {
    const seen: number[] = [];
    await inTurns([3, 1, 2], (item) => void seen.push(item), testIo());
    assert.deepEqual(seen, [3, 1, 2]);
  });

  it('lets others run while it works, and stops when it is cancelled', async () => {
    const stop = new AbortController();
    setImmediate(() => stop.abort(new Error('stop')));
    let done = 0;
    const endless = (function* (): Generator<undefined> {
      for (;;) yield;
    })();
    const work = (): void => {
      done++;
    };
    await assert.rejects(inTurns(endless, work, { signal: stop.signal }), { message: 'stop' });
    assert.ok(done > 0);
  });
});

describe('sortInTurns', () => {
  it('sorts as toSorted does, equal items in their order, however many there are', async () => {
    const item = fc.record({ key: fc.nat(40), at: fc.nat() });
    const byKey = (a: { readonly key: number }, b: { readonly key: number }): number => a.key - b.key;
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 50 }), fc.integer({ min: 0, max: 120 }), async (items, times) => {
        const many = Array.from({ length: times }, (_, at) => items.map((each) => ({ ...each, at }))).flat();
        assert.deepEqual(await sortInTurns(many, byKey, testIo()), many.toSorted(byKey));
      }),
      { numRuns: 60 },
    );
  });

  it('stops when it is cancelled', async () => {
    const stop = new AbortController();
    const sorting = sortInTurns(
      Array.from({ length: 100_000 }, (_, at) => -at),
      (a, b) => a - b,
      { signal: stop.signal },
    );
    stop.abort(new Error('stop'));
    await assert.rejects(sorting, { message: 'stop' });
  });
});
