import assert from 'node:assert/strict';
import { Turns } from '../../src/content/turns.ts';
import { testIo } from '../support/io.ts';
import { Gate } from '../support/layerBlobs.ts';

describe('Turns', () => {
  it('lets no more than its limit run at a time, in order', async () => {
    const turns = new Turns(2);
    const began: number[] = [];
    let [running, most] = [0, 0];
    const work = async (number: number): Promise<void> => {
      began.push(number);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all([1, 2, 3, 4, 5].map((number) => turns.take(() => work(number), testIo())));
    assert.deepEqual([most, began], [2, [1, 2, 3, 4, 5]]);
  });

  it('passes the turn on when work fails, or one who waits is cancelled', async () => {
    const turns = new Turns(1);
    const gate = new Gate();
    const failing = turns.take(async () => {
      await gate.pass();
      throw new Error('it failed');
    }, testIo());
    const controller = new AbortController();
    const cancelled = turns.take(() => Promise.resolve('never'), controller);
    const next = turns.take(() => Promise.resolve('next'), testIo());
    controller.abort(new Error('enough'));
    await assert.rejects(cancelled, { message: 'enough' });
    gate.open();
    await assert.rejects(failing, { message: 'it failed' });
    assert.equal(await next, 'next');
    assert.equal(await turns.take(() => Promise.resolve('again'), testIo()), 'again');
  });

  it('keeps its turn where one is cancelled in the same moment in which it comes', async () => {
    const turns = new Turns(1);
    const gate = new Gate();
    const controller = new AbortController();
    const first = turns.take(() => gate.pass(), testIo());
    const cancelled = turns.take(() => Promise.resolve('maybe'), controller);
    const last = turns.take(() => Promise.resolve('last'), testIo());
    gate.open();
    const both = first.then(() => controller.abort(new Error('enough')));
    await Promise.allSettled([both, cancelled]);
    assert.equal(await last, 'last');
  });
});
