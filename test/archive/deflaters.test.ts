import assert from 'node:assert/strict';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { Deflaters, storedBlock } from '../../src/archive/deflaters.ts';
import { seededBytes, seededNumbers } from '../support/seededImage.ts';

const finishFlush = constants.Z_SYNC_FLUSH;

/** Text of up to 1,000 bytes, another for each seed. */
function text(seed: number): Buffer {
  return Buffer.from(seededBytes(seed, 1 + (seed % 499)).toString('hex'));
}

describe('Deflaters', () => {
  it('287: gives the same for a block wherever in the memory for output the ones before ended', async () => {
    // So little memory that the end of every tenth block or so falls upon its end.
    const deflaters = new Deflaters(64);
    const next = seededNumbers(3);
    for (let round = 0; round < 600; round++) {
      const block = text(next() % 100_000);
      const whole = deflateRawSync(block, { level: 1, memLevel: 9, finishFlush, chunkSize: 1 << 16 });
      const packed = Buffer.concat(await deflaters.deflate(block));
      assert.equal(packed.toString('hex'), whole.toString('hex'), `block ${round}`);
    }
    deflaters.close();
  });

  it('gives blocks that stand behind each other, made at once', async () => {
    const deflaters = new Deflaters(1 << 16);
    const blocks = [1, 700, 30, 4].map(text);
    const packed = await Promise.all(blocks.map((block) => deflaters.deflate(block)));
    const read = inflateRawSync(Buffer.concat(packed.flat()), { finishFlush });
    assert.deepEqual(read, Buffer.concat(blocks));
    deflaters.close();
  });
});

describe('storedBlock', () => {
  it('gives a block that stands among those that are compressed, hardly larger', async () => {
    const deflaters = new Deflaters(1 << 16);
    const block = seededBytes(1, 300_000);
    const stored = await storedBlock(block);
    assert.ok(stored.length < block.length + 100);
    const packed = Buffer.concat([
      ...(await deflaters.deflate(text(1))),
      stored,
      ...(await deflaters.deflate(text(2))),
    ]);
    assert.deepEqual(inflateRawSync(packed, { finishFlush }), Buffer.concat([text(1), block, text(2)]));
    deflaters.close();
  });
});
