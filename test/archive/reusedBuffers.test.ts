import assert from 'node:assert/strict';
import { ReusedBuffers } from '../../src/archive/reusedBuffers.ts';

describe('ReusedBuffers', () => {
  it('gives a buffer again when a part of it was given back, and not before', () => {
    const buffers = new ReusedBuffers(100);
    const first = buffers.take();
    const second = buffers.take();
    assert.equal(first.length, 100);
    assert.notEqual(first.buffer, second.buffer);
    buffers.giveBack(first.subarray(3, 7));
    const third = buffers.take();
    assert.equal(third.buffer, first.buffer);
    assert.equal(third.length, 100);
    assert.notEqual(buffers.take().buffer, first.buffer);
  });

  it('takes nothing back twice, and nothing that it has not given', () => {
    const buffers = new ReusedBuffers(10);
    const one = buffers.take();
    for (const piece of [one, one, Buffer.alloc(10), new Uint8Array(0)]) buffers.giveBack(piece);
    const taken = [buffers.take(), buffers.take()];
    assert.equal(taken[0]?.buffer, one.buffer);
    assert.notEqual(taken[1]?.buffer, one.buffer);
    assert.equal(taken[1]?.length, 10);
  });
});
