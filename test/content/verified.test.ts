import assert from 'node:assert/strict';
import { fetchBytes, opens, readAll, streamOf } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import { verified } from '../../src/content/verified.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { testIo } from '../support/io.ts';

const bytes = Buffer.from('the content of a layer');
const descriptor = describeBytes(bytes, mediaTypes.layer);

async function* pieces(...parts: readonly (string | Buffer)[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield Buffer.from(part);
}

describe('verified', () => {
  it('passes the right content through', async () => {
    const read = await readAll(verified(pieces('the content', '', ' of a layer'), descriptor), 100, 'it');
    assert.equal(Buffer.from(read).toString(), 'the content of a layer');
  });

  it('passes empty content through', async () => {
    const empty = describeBytes(Buffer.alloc(0), mediaTypes.layer);
    assert.equal((await readAll(verified(pieces(), empty), 100, 'it')).length, 0);
  });

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['120: one changed bit', 'the content of a lbyer', /digest mismatch/],
    ['122: one byte more', 'the content of a layerX', /more than 22/],
    ['123: one byte less', 'the content of a laye', /21 of 22/],
    ['123: nothing', '', /0 of 22/],
  ];
  for (const [what, text, message] of wrong) {
    it(`${what} is refused before the last bytes are passed on`, async () => {
      const seen: Uint8Array[] = [];
      await assert.rejects(
        async () => {
          for await (const chunk of verified(pieces(text), descriptor)) seen.push(chunk);
        },
        { code: 'content-mismatch', message },
      );
      assert.equal(Buffer.concat(seen).length, 0);
    });
  }

  it('closes its source when the consumer stops', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) yield Buffer.from('ab');
      } finally {
        closed = true;
      }
    }
    for await (const chunk of verified(source(), descriptor)) if (chunk.length > 0) break;
    assert.equal(closed, true);
  });
});

describe('readAll', () => {
  it('139: stops above the limit and names it', async () => {
    await assert.rejects(readAll(streamOf(bytes), 10, 'the token answer'), {
      code: 'too-large',
      message: 'the token answer is larger than the limit of 10 bytes',
    });
  });
});

describe('fetchBytes', () => {
  it('139: refuses a descriptor above the limit before it fetches', async () => {
    const store = new MemoryStore();
    await store.push(descriptor, opens(bytes), testIo());
    await assert.rejects(fetchBytes(store, descriptor, 21, testIo()), { code: 'too-large' });
    assert.deepEqual(await fetchBytes(store, descriptor, 22, testIo()), bytes);
  });
});
