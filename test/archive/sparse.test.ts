import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expand } from '../../src/archive/sparse.ts';
import type { Fragment } from '../../src/archive/layerIndex.ts';
import { bytesOf } from '../support/layerTools.ts';
import { inPieces } from '../support/tarWriter.ts';

async function* stream(bytes: Uint8Array, length = bytes.length): AsyncGenerator<Uint8Array> {
  yield* inPieces(bytes, Math.max(1, length));
}

async function expanded(fragments: readonly Fragment[], size: number, packed: string): Promise<string> {
  return (await bytesOf(expand(fragments, size, stream(Buffer.from(packed))))).toString('latin1');
}

describe('expand', () => {
  it('180: puts the pieces where they belong, with zeros between them', async () => {
    const fragments = [
      { offset: 0, size: 2 },
      { offset: 5, size: 0 },
      { offset: 5, size: 3 },
      { offset: 8, size: 1 },
    ];
    assert.equal(await expanded(fragments, 10, 'abcdef'), 'ab\0\0\0cdef\0');
    assert.equal(await expanded([], 3, ''), '\0\0\0');
    assert.equal(await expanded([{ offset: 3, size: 0 }], 3, ''), '\0\0\0');
  });

  it('180: leaves out what is stored behind the last piece', async () => {
    assert.equal(await expanded([{ offset: 1, size: 1 }], 3, 'abc'), '\0a\0');
  });

  it('179: says that it stores less than its map says', async () => {
    const fragments = [
      { offset: 0, size: 2 },
      { offset: 5, size: 2 },
    ];
    for (const packed of ['', 'a', 'ab', 'abc']) {
      await assert.rejects(expanded(fragments, 10, packed), { code: 'corrupt-archive', message: /stores less/ });
    }
  });

  it('179: gives a hole of a terabyte in small pieces', async () => {
    let [size, most] = [0, 0];
    for await (const chunk of expand([{ offset: 2 ** 40, size: 1 }], 2 ** 40 + 1, stream(Buffer.from('x')))) {
      most = Math.max(most, chunk.length);
      size += chunk.length;
      if (size > 64 << 20) break;
    }
    assert.equal(most, 256 << 10);
  });

  it('180: does so however the stored bytes are cut', async () => {
    const gaps = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 10 });
    const property = fc.asyncProperty(gaps, fc.nat(9), fc.integer({ min: 1, max: 7 }), async (list, rest, cut) => {
      let [end, wanted, packed] = [0, '', ''];
      const fragments = list.map(([gap, size], at) => {
        const content = String.fromCharCode(97 + at).repeat(size);
        const fragment = { offset: end + gap, size };
        [end, wanted, packed] = [end + gap + size, wanted + '\0'.repeat(gap) + content, packed + content];
        return fragment;
      });
      const got = await bytesOf(expand(fragments, end + rest, stream(Buffer.from(packed), cut)));
      assert.equal(got.toString('latin1'), wanted + '\0'.repeat(rest));
    });
    await fc.assert(property, { numRuns: 300, seed: 20_261_309 });
  });
});
