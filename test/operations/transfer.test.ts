import assert from 'node:assert/strict';
import { readAll } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ByteStream, ContentSource, ContentTarget, Io } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.ts';
import { pushBlob, transferBlob } from '../../src/operations/transfer.ts';
import { testIo } from '../support/io.ts';
import { putContent, seededBytes } from '../support/seededImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

const content = seededBytes(1, 1000);
const descriptor: Descriptor = describeBytes(content, 'application/x-blob');

/** Gives the content in ten pieces and remembers which openings were ended by their signal. */
function pieces(): { readonly source: ContentSource; readonly signals: AbortSignal[] } {
  const signals: AbortSignal[] = [];
  const source: ContentSource = {
    fetch: async (_, io) => {
      signals.push(io.signal);
      return (async function* (): ByteStream & AsyncGenerator<Uint8Array> {
        for (let at = 0; at < 1000; at += 100) yield content.subarray(at, at + 100);
      })();
    },
  };
  return { source, signals };
}

async function readSome(stream: ByteStream, pieceCount: number): Promise<void> {
  let read = 0;
  for await (const piece of stream) if (piece.length > 0 && ++read === pieceCount) return;
}

function target(push: ContentTarget['push']): ContentTarget {
  return { has: async () => false, push };
}

describe('transferBlob', () => {
  it('says how the blob came to be there', async () => {
    const io = testIo();
    const source = new MemoryStore();
    await putContent(source, content, 'application/x-blob', io);
    const plain = new RepositoryLike();
    assert.equal(await transferBlob(source, plain, descriptor, io), 'transferred');
    assert.equal(await transferBlob(source, plain, descriptor, io), 'present');
    assert.equal(await transferBlob(source, new RepositoryLike(source), descriptor, io), 'mounted');
  });
});

describe('pushBlob', () => {
  it('268: opens the source anew for a second try', async () => {
    const { source, signals } = pieces();
    let stored: Uint8Array = new Uint8Array();
    const retrying = target(async (_, open) => {
      await readSome(await open(), 4);
      stored = await readAll(await open(), 1000, 'blob');
    });
    await pushBlob(source, retrying, descriptor, testIo());
    assert.deepEqual(Buffer.from(stored), content);
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, true],
    );
  });

  it('269: counts no byte twice and never more than there are', async () => {
    const { source } = pieces();
    const counted: number[] = [];
    const retrying = target(async (_, open) => {
      await readSome(await open(), 4);
      await readSome(await open(), 6);
      await readSome(await open(), 2);
      await readAll(await open(), 1000, 'blob');
    });
    await pushBlob(source, retrying, descriptor, testIo(), (bytes) => counted.push(bytes));
    assert.equal(counted.length, 10);
    assert.equal(
      counted.reduce((sum, bytes) => sum + bytes, 0),
      1000,
    );
  });

  it('counts the whole blob where the target did not need to read it', async () => {
    const counted: number[] = [];
    const knowing = target(async () => undefined);
    await pushBlob(pieces().source, knowing, descriptor, testIo(), (bytes) => counted.push(bytes));
    assert.deepEqual(counted, [1000]);
  });

  it('ends the response of the source where the target fails', async () => {
    const { source, signals } = pieces();
    const failing = target(async (_, open) => {
      await open();
      throw new OciError('unavailable', 'gone');
    });
    await assert.rejects(pushBlob(source, failing, descriptor, testIo()), { code: 'unavailable', side: 'target' });
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true],
    );
  });

  it('blames the source for what it did, also where the target reports it in its own words', async () => {
    const failure = new OciError('not-found', 'no such blob');
    const failing = target(async (_, open) => {
      await open().catch(() => {
        throw new OciError('unavailable', 'the upload broke');
      });
    });
    const source: ContentSource = { fetch: () => Promise.reject(failure) };
    await assert.rejects(pushBlob(source, failing, descriptor, testIo()), {
      code: 'not-found',
      side: 'source',
      message: 'no such blob',
      cause: failure,
    });
  });

  it('blames the target where an earlier reading of the source had failed and the last did not', async () => {
    let opened = 0;
    const good = pieces().source;
    const source: ContentSource = {
      fetch: (one, io) => (++opened === 1 ? Promise.reject(new OciError('unavailable', 'x')) : good.fetch(one, io)),
    };
    const failing = target(async (_, open) => {
      await open().catch(() => undefined);
      await readAll(await open(), 1000, 'blob');
      throw new OciError('forbidden', 'read-only');
    });
    await assert.rejects(pushBlob(source, failing, descriptor, testIo()), { code: 'forbidden', side: 'target' });
  });

  it('does not blame the source for an end that it was made to come to', async () => {
    const source: ContentSource = {
      fetch: async (_, io) =>
        (async function* () {
          yield content.subarray(0, 100);
          if (!io.signal.aborted) await new Promise((resolve) => io.signal.addEventListener('abort', resolve));
          throw new OciError('unavailable', 'the response was given up');
        })(),
    };
    const failing = target(async (_, open) => {
      const first = readAll(await open(), 1000, 'blob').catch(() => undefined);
      await open();
      await first;
      throw new OciError('forbidden', 'read-only');
    });
    await assert.rejects(pushBlob(source, failing, descriptor, testIo()), { code: 'forbidden', side: 'target' });
  });

  it('267: reads no faster than the target takes', async () => {
    const io: Io = testIo();
    let given = 0;
    const chunk = new Uint8Array(10);
    const source: ContentSource = {
      fetch: async () =>
        (async function* () {
          for (; given < 100; given++) yield chunk;
        })(),
    };
    const slow = target(async (_, open) => {
      let taken = 0;
      for await (const taking of await open()) {
        assert.ok(given - taken <= 1, `${given} given, ${taken} taken`);
        taken += taking.length / 10;
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await pushBlob(source, slow, descriptor, io);
    assert.equal(given, 100);
  });
});
