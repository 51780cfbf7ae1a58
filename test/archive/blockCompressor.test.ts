import assert from 'node:assert/strict';
import { constants, createDeflateRaw, createGzip, gunzipSync, inflateRawSync } from 'node:zlib';
import { BlockCompressor } from '../../src/archive/blockCompressor.ts';
import { seededBytes } from '../support/seededImage.ts';

/** Text that deflate makes about half as large, another for each seed. */
function text(seed: number): Buffer {
  return Buffer.from(seededBytes(seed, 300_000).toString('hex'));
}

const flushing = { level: 1, flush: constants.Z_SYNC_FLUSH, chunkSize: 4096 };

describe('BlockCompressor', () => {
  it('gives all that a block came to, up to the flush', async () => {
    const compressor = new BlockCompressor(createDeflateRaw(flushing));
    const all: Uint8Array[] = [];
    for (const seed of [1, 2, 3]) {
      const pieces = await compressor.write(text(seed));
      assert.equal(Buffer.concat(pieces).subarray(-4).toString('hex'), '0000ffff');
      all.push(...pieces);
    }
    compressor.close();
    const read = inflateRawSync(Buffer.concat(all), { finishFlush: constants.Z_SYNC_FLUSH });
    assert.ok(read.equals(Buffer.concat([text(1), text(2), text(3)])));
  });

  it('gives blocks and the end as one stream, also where the next block does not wait for the one before', async () => {
    const compressor = new BlockCompressor(createGzip());
    const pieces = await Promise.all([1, 2, 3].map((seed) => compressor.write(text(seed))));
    const packed = Buffer.concat([...pieces.flat(), ...(await compressor.end())]);
    assert.ok(gunzipSync(packed).equals(Buffer.concat([text(1), text(2), text(3)])));
  });

  it('fails where the compressor has failed, before, meanwhile and at the end', async () => {
    const stream = createGzip();
    const compressor = new BlockCompressor(stream);
    const writing = compressor.write(text(1));
    stream.destroy(new Error('out of memory'));
    await assert.rejects(writing, /^Error: out of memory$/);
    await assert.rejects(compressor.write(text(1)), Error);
    await assert.rejects(compressor.end(), Error);
  });
});
