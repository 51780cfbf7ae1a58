import assert from 'node:assert/strict';
import type { Seen } from '../../src/browse/seen.ts';
import { SlowReads } from '../../src/browse/slowReads.ts';
import type { Io } from '../../src/content/store.ts';
import { testIo } from '../support/io.ts';

describe('SlowReads', () => {
  let io: Io;

  beforeEach(() => (io = testIo()));

  /** A reading that ends when it is told to. */
  function held(): {
    read: (seen: Seen, io: { signal: AbortSignal }) => Promise<void>;
    end: (error?: Error) => void;
    begun: number;
    stopped: number;
  } {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const state = {
      begun: 0,
      stopped: 0,
      end: (error?: Error): void => (error === undefined ? resolve(undefined) : reject(error)),
      read: async (_seen: Seen, { signal }: { signal: AbortSignal }): Promise<void> => {
        state.begun++;
        signal.addEventListener('abort', () => {
          state.stopped++;
          reject(signal.reason as Error);
        });
        await promise;
      },
    };
    return state;
  }

  function drawn(): { reads: SlowReads; next: () => Promise<string> } {
    let told: (id: string) => void = () => undefined;
    const reads = new SlowReads((id) => told(id), { first: 5, every: 10 });
    return { reads, next: () => new Promise((resolve) => (told = resolve)) };
  }

  it('waits for what ends soon', async () => {
    const { reads } = drawn();
    assert.equal(await reads.unfinished('n', async () => undefined, io), undefined);
  });

  it('shows what was seen while it goes on, draws it again by and by, and once more at its end', async () => {
    const { reads, next } = drawn();
    const reading = held();
    const seen = await reads.unfinished('n', reading.read, io);
    assert.ok(seen !== undefined);
    assert.equal(await next(), 'n');
    assert.equal(await reads.unfinished('n', reading.read, io), seen);
    const last = next();
    reading.end();
    assert.equal(await last, 'n');
    assert.equal(await reads.unfinished('n', reading.read, io), undefined);
    assert.equal(reading.begun, 1);
  });

  it('throws what the reading throws, and begins anew at the next try', async () => {
    const { reads, next } = drawn();
    const reading = held();
    await reads.unfinished('n', reading.read, io);
    const last = next();
    reading.end(new Error('no route'));
    await last;
    await assert.rejects(reads.unfinished('n', reading.read, io), /no route/);
    assert.equal(await reads.unfinished('n', async () => undefined, io), undefined);
  });

  it('stops where nobody wants it any more, and draws nothing then', async () => {
    const { reads } = drawn();
    const reading = held();
    await reads.unfinished('n', reading.read, io);
    reads.stop((id) => id === 'other');
    assert.equal(reading.stopped, 0);
    reads.stop((id) => id === 'n');
    assert.equal(reading.stopped, 1);
    const controller = new AbortController();
    const second = held();
    const waiting = reads.unfinished('n', second.read, { signal: controller.signal });
    controller.abort(new Error('collapsed'));
    await assert.rejects(waiting, /collapsed/);
    assert.equal(second.stopped, 1);
  });
});
