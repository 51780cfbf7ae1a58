import assert from 'node:assert/strict';
import { Flight } from '../../src/content/flight.ts';
import { testIo } from '../support/io.ts';
import { Gate } from '../support/layerBlobs.ts';

describe('Flight', () => {
  it('does its work once for all who wait, and says when it is over', async () => {
    const gate = new Gate();
    const seen: string[] = [];
    const flight = new Flight(
      async () => {
        seen.push('work');
        await gate.pass();
        return 'done';
      },
      () => {
        seen.push('end');
      },
    );
    const waiting = [flight.join(testIo()), flight.join(testIo())];
    assert.deepEqual(seen, ['work']);
    gate.open();
    assert.deepEqual(await Promise.all(waiting), ['done', 'done']);
    assert.deepEqual([...new Set(seen)], ['work', 'end']);
    assert.equal(seen[1], 'end');
  });

  it('is cancelled only when all are gone; then nobody new may join', async () => {
    let work: AbortSignal | undefined;
    const seen: string[] = [];
    const flight = new Flight<never>(
      ({ signal }) => {
        work = signal;
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
      },
      () => {
        seen.push('end');
      },
    );
    const controllers = [new AbortController(), new AbortController()] as const;
    const [first, second] = [flight.join(controllers[0]), flight.join(controllers[1])];
    controllers[0].abort(new Error('enough'));
    await assert.rejects(first, { message: 'enough' });
    assert.deepEqual([work?.aborted, seen], [false, []]);
    controllers[1].abort(new Error('too long'));
    await assert.rejects(second, { message: 'too long' });
    assert.equal(work?.aborted, true);
    assert.equal(seen[0], 'end');
  });
});
