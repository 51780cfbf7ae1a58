import assert from 'node:assert/strict';
import { inOrder } from '../../src/archive/inOrder.ts';

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

describe('inOrder', () => {
  it('gives results in the order of the source, however long each takes', async () => {
    const waiting: (() => void)[] = [];
    const run = async (item: number): Promise<number> => {
      if (item % 2 === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      else waiting.shift()?.();
      return item * 10;
    };
    assert.deepEqual(await collect(inOrder([0, 1, 2, 3, 4, 5], 2, run)), [0, 10, 20, 30, 40, 50]);
  });

  it('never runs more at once than it may', async () => {
    let running = 0;
    let most = 0;
    const run = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await collect(inOrder(Array.from({ length: 20 }), 3, run));
    assert.equal(most, 3);
  });

  it('throws the failure in its turn and waits for what is under way', async () => {
    const done: number[] = [];
    const given: number[] = [];
    const run = async (item: number): Promise<number> => {
      if (item === 1) throw new Error('one');
      await new Promise((resolve) => setImmediate(resolve));
      done.push(item);
      return item;
    };
    const read = async (): Promise<void> => {
      for await (const item of inOrder([0, 1, 2, 3, 4], 3, run)) given.push(item);
    };
    await assert.rejects(read(), /^Error: one$/);
    assert.deepEqual(given, [0]);
    assert.deepEqual(done, [0, 2, 3]);
  });

  it('closes the source when nobody reads on', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<number> {
      try {
        for (let at = 0; ; at++) yield at;
      } finally {
        closed = true;
      }
    }
    for await (const item of inOrder(source(), 2, (value) => Promise.resolve(value))) if (item === 5) break;
    assert.equal(closed, true);
  });
});
