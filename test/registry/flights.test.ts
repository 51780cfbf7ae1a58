import assert from 'node:assert/strict';
import { Flights } from '../../src/registry/flights.ts';
import { testIo } from '../support/io.ts';
import { failure } from './harness.ts';

describe('Flights', () => {
  it('51: does once what many ask for at the same time, and shares the failure', async () => {
    const flights = new Flights<number>();
    let starts = 0;
    const reason = new Error('refused');
    const gate = Promise.withResolvers<number>();
    const all = Array.from({ length: 50 }, () =>
      failure(flights.join('key', () => (starts++, gate.promise), testIo())),
    );
    gate.reject(reason);
    assert.deepEqual(new Set(await Promise.all(all)), new Set([reason]));
    assert.equal(starts, 1);
    assert.equal(await flights.join('key', async () => 2, testIo()), 2);
  });

  it('goes on for the others where one is cancelled, and stops where all are', async () => {
    const flights = new Flights<string>();
    const [first, second] = [new AbortController(), new AbortController()];
    const gate = Promise.withResolvers<string>();
    let signal: AbortSignal | undefined;
    const action = (io: { signal: AbortSignal }): Promise<string> => ((signal = io.signal), gate.promise);
    const one = flights.join('key', action, { signal: first.signal });
    const two = flights.join('key', action, { signal: second.signal });
    const reason = new Error('cancelled');
    first.abort(reason);
    assert.equal(await failure(one), reason);
    assert.equal(signal?.aborted, false);
    second.abort(reason);
    assert.equal(await failure(two), reason);
    assert.equal(signal.aborted, true);
    gate.resolve('late');
  });
});
