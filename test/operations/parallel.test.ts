import assert from 'node:assert/strict';
import { forEachParallel, mapParallel } from '../../src/operations/parallel.ts';
import { testIo } from '../support/io.ts';

/** A promise and what settles it. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { passed: promise, open: () => resolve(undefined) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('forEachParallel', () => {
  it('runs no more than the limit at a time, in the order of the items', async () => {
    const started: number[] = [];
    const gates = Array.from({ length: 5 }, gate);
    const all = forEachParallel(
      gates.entries(),
      2,
      async ([at, { passed }]) => {
        started.push(at);
        await passed;
      },
      testIo(),
    );
    await turn();
    assert.deepEqual(started, [0, 1]);
    gates[1]?.open();
    await turn();
    assert.deepEqual(started, [0, 1, 2]);
    for (const { open } of gates) open();
    await all;
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
  });

  it('takes items only when there is room for them', async () => {
    let taken = 0;
    function* items(): Generator<number> {
      for (;;) yield ++taken;
    }
    const first = new Error('first');
    const run = forEachParallel(items(), 3, (item) => (item === 9 ? Promise.reject(first) : turn()), testIo());
    await assert.rejects(run, first);
    assert.ok(taken <= 12);
  });

  it('throws the first failure after the others have stopped', async () => {
    const first = new Error('first');
    const stopped: unknown[] = [];
    const run = forEachParallel(
      [0, 1, 2],
      3,
      async (item, { signal }) => {
        if (item === 1) throw first;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await turn();
        stopped.push(signal.reason);
        throw new Error('a later one');
      },
      testIo(),
    );
    await assert.rejects(run, first);
    assert.deepEqual(stopped, [first, first]);
  });

  it('starts nothing more after a failure', async () => {
    const seen: number[] = [];
    const run = forEachParallel(
      [0, 1, 2],
      1,
      (item) => {
        seen.push(item);
        return Promise.reject(new Error('no'));
      },
      testIo(),
    );
    await assert.rejects(run, /no/);
    assert.deepEqual(seen, [0]);
  });

  it('throws the reason of the signal, and waits for what is under way', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let ended = false;
    const run = forEachParallel(
      [0],
      2,
      async () => {
        controller.abort(reason);
        await turn();
        ended = true;
      },
      { signal: controller.signal },
    );
    await assert.rejects(run, (error) => error === reason);
    assert.equal(ended, true);
  });

  it('starts nothing under a signal that has aborted', async () => {
    const reason = new Error('enough');
    const run = forEachParallel([0], 1, () => assert.fail('started'), { signal: AbortSignal.abort(reason) });
    await assert.rejects(run, (error) => error === reason);
  });

  it('265: does not lock up where actions run actions of their own, limit 1', async () => {
    const io = testIo();
    let inner = 0;
    await forEachParallel(
      [1, 2],
      1,
      (_, outer) =>
        forEachParallel(
          [1, 2],
          1,
          async () => {
            inner++;
          },
          outer,
        ),
      io,
    );
    assert.equal(inner, 4);
  });
});

describe('mapParallel', () => {
  it('returns results in the order of the items, whichever comes first', async () => {
    const gates = [gate(), gate()];
    const action = async (at: number): Promise<string> => {
      if (at === 0) await gates[1]?.passed;
      else gates[1]?.open();
      return `r${at}`;
    };
    assert.deepEqual(await mapParallel([0, 1], 2, action, testIo()), ['r0', 'r1']);
  });
});
