import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { compress, type Compression } from '../../src/archive/compress.ts';
import { decompress, detectCompression } from '../../src/archive/decompress.ts';
import { streamOf } from '../../src/content/bytes.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { bytesOf } from '../support/layerTools.ts';
import { seededBytes, seededNumbers } from '../support/seededImage.ts';
import { needs } from '../support/tools.ts';

const mebibyte = 1 << 20;

/** Half of it compresses, half does not. */
function sample(size: number): Buffer {
  return Buffer.concat([seededBytes(7, size >> 1), Buffer.alloc(size - (size >> 1), 'text ')]);
}

async function* pieces(bytes: Uint8Array, seed: number): AsyncGenerator<Uint8Array> {
  const next = seededNumbers(seed);
  for (let at = 0; at < bytes.length;) {
    const length = 1 + (next() % 300_000);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

describe('compress', () => {
  const sizes = [0, 1, 511, mebibyte - 1, mebibyte, mebibyte + 1, 5 * mebibyte + 12_345];
  for (const compression of ['gzip', 'zstd'] as const) {
    for (const size of sizes) {
      it(`makes ${size} bytes of ${compression} that its own program and this one read back`, async function () {
        needs(this, compression);
        const bytes = sample(size);
        const packed = await bytesOf(compress(streamOf(bytes), compression));
        const { stdout, stderr, status } = spawnSync(compression, ['-dc'], { input: packed, maxBuffer: 1 << 26 });
        assert.equal(stderr.toString(), '');
        assert.equal(status, 0);
        assert.equal(digestOf(stdout), digestOf(bytes));
        assert.equal(digestOf(await bytesOf(decompress(streamOf(packed), compression))), digestOf(bytes));
      });
    }

    it(`reads every block of ${compression} before its memory is used again`, async () => {
      // Text of which no two blocks are alike, and which is deflated; the input's own memory is written over, too.
      const bytes = Buffer.from(seededBytes(11, 4 * mebibyte + 777).toString('hex'));
      const piece = Buffer.alloc(100_000);
      async function* reusing(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; at += piece.length) {
          yield piece.subarray(0, bytes.copy(piece, 0, at));
        }
      }
      const packed = await bytesOf(compress(reusing(), compression));
      assert.ok(packed.length < bytes.length * 0.7);
      assert.equal(digestOf(await bytesOf(decompress(streamOf(packed), compression))), digestOf(bytes));
    });

    it(`closes the source of ${compression} when nobody reads on`, async () => {
      let isClosed = false;
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          for (let at = 0; at < 1000; at++) yield seededBytes(at, 300_000);
        } finally {
          isClosed = true;
        }
      }
      let seen = 0;
      for await (const piece of compress(endless(), compression)) if ((seen += piece.length) > 2 * mebibyte) break;
      assert.ok(seen > 0);
      assert.equal(isClosed, true);
    });

    it(`287: makes the same ${compression} however the input is cut and however often`, async () => {
      const bytes = sample(4 * mebibyte);
      const once = digestOf(await bytesOf(compress(streamOf(bytes), compression)));
      const seeds = await Promise.all([1, 2, 3].map((seed) => bytesOf(compress(pieces(bytes, seed), compression))));
      assert.deepEqual(new Set(seeds.map(digestOf)), new Set([once]));
    });
  }

  it('287: writes no time, no name and no system into the gzip header', async () => {
    const packed = await bytesOf(compress(streamOf(Buffer.from('x')), 'gzip'));
    assert.equal(packed.subarray(0, 10).toString('hex'), '1f8b08000000000000ff');
  });

  it('is one gzip member, whose checksum and size are right', async function () {
    needs(this, 'python3');
    const bytes = sample(3 * mebibyte);
    const packed = await bytesOf(compress(streamOf(bytes), 'gzip'));
    // Python's decompressor stops at the end of the first member.
    const script =
      'import sys, zlib; d = zlib.decompressobj(31); b = d.decompress(sys.stdin.buffer.read()); print(len(b), d.eof, len(d.unused_data))';
    const { stdout } = spawnSync('python3', ['-c', script], { input: packed });
    assert.equal(stdout.toString(), `${bytes.length} True 0\n`);
    assert.equal(packed.readUInt32LE(packed.length - 4), bytes.length);
  });

  it('makes what can be compressed smaller, and what cannot hardly larger', async () => {
    const size = 4 * mebibyte;
    const length = async (bytes: Buffer): Promise<number> => (await bytesOf(compress(streamOf(bytes), 'gzip'))).length;
    assert.ok((await length(seededBytes(7, size))) < size * 1.001);
    assert.ok((await length(Buffer.alloc(size, 'text '))) < size / 50);
    assert.ok((await length(sample(size))) < size * 0.52);
  });

  it('leaves bytes alone where nothing is to be compressed', async () => {
    const stream = streamOf(Buffer.from('x'));
    assert.equal(compress(stream, 'none'), stream);
  });

  it('passes on the failure of its source', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(3 * mebibyte);
      throw new Error('the source broke');
    }
    for (const compression of ['gzip', 'zstd'] satisfies Compression[]) {
      await assert.rejects(bytesOf(compress(broken(), compression)), /^Error: the source broke$/);
    }
  });

  it('is read back whatever is in it', async () => {
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 5000 }),
      fc.constantFrom('gzip', 'zstd'),
      async (b, c) => {
        const packed = await bytesOf(compress(streamOf(b), c));
        assert.equal(detectCompression(packed), c);
        assert.deepEqual(new Uint8Array(await bytesOf(decompress(streamOf(packed), c))), b);
      },
    );
    await fc.assert(property, { numRuns: 100, seed: 20_261_316 });
  });
});
