import assert from 'node:assert/strict';
import { inPathOrder } from '../../src/archive/pathOrder.ts';
import { testIo } from '../support/io.ts';

/** Numbers from 0 in an order that looks like chance and is the same each time. */
function shuffled(count: number): readonly number[] {
  const numbers = Array.from({ length: count }, (_, at) => at);
  let seed = 3;
  for (let at = count - 1; at > 0; at--) {
    seed = (seed * 48_271) % 0x7fffffff;
    const other = seed % (at + 1);
    [numbers[at], numbers[other]] = [numbers[other] ?? 0, numbers[at] ?? 0];
  }
  return numbers;
}

describe('inPathOrder', () => {
  for (const count of [0, 1, 2, 2048, 2049, 30_011]) {
    it(`sorts ${count} paths, of equal ones the earlier first`, async () => {
      const items = shuffled(count).map((number, at) => ({ path: String(number % 20_000), at }));
      const expected = items.toSorted((a, b) => (a.path === b.path ? a.at - b.at : a.path < b.path ? -1 : 1));
      assert.deepEqual(await inPathOrder(items, testIo()), expected);
    });
  }

  it('lets others run meanwhile, and stops when it is cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const items = shuffled(20_000).map((number) => ({ path: String(number) }));
    setImmediate(() => controller.abort(reason));
    await assert.rejects(inPathOrder(items, { signal: controller.signal }), reason);
  });
});
