import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { decompress, detectCompression } from '../../src/archive/decompress.ts';
import { streamOf } from '../../src/content/bytes.ts';
import { bytesOf } from '../support/layerTools.ts';
import { seededBytes } from '../support/seededImage.ts';

const text = Buffer.from('some text, '.repeat(1000));

async function unpack(bytes: Uint8Array, compression: 'gzip' | 'zstd'): Promise<Buffer> {
  return bytesOf(decompress(streamOf(bytes), compression));
}

describe('detectCompression', () => {
  it('195: tells by the first bytes', () => {
    assert.equal(detectCompression(gzipSync(text)), 'gzip');
    assert.equal(detectCompression(zstdCompressSync(text)), 'zstd');
    assert.equal(detectCompression(text), 'none');
    assert.equal(detectCompression(new Uint8Array(0)), 'none');
  });

  it('195: takes a skippable frame at the start for zstd, as pzstd writes one, and a name for a name', () => {
    for (const hex of ['502a4d1804000000', '5f2a4d1800000000']) {
      assert.equal(detectCompression(Buffer.from(hex, 'hex')), 'zstd');
    }
    for (const name of ['BZhelp', 'BZh', 'P*M']) assert.equal(detectCompression(Buffer.from(name)), 'none');
  });

  const others = { xz: 'fd377a585a00', bzip2: '425a68393141', lz4: '04224d18' };
  for (const [name, hex] of Object.entries(others)) {
    it(`206: says that ${name} is not supported`, () => {
      assert.throws(() => detectCompression(Buffer.from(hex, 'hex')), {
        code: 'unsupported-media-type',
        message: `${name} is not supported. Compress with gzip or zstd.`,
      });
    });
  }
});

describe('decompress', () => {
  it('196: reads every member and every frame', async () => {
    const [a, b] = [text.subarray(0, 5000), text.subarray(5000)];
    assert.deepEqual(await unpack(Buffer.concat([gzipSync(a), gzipSync(b)]), 'gzip'), text);
    assert.deepEqual(await unpack(Buffer.concat([zstdCompressSync(a), zstdCompressSync(b)]), 'zstd'), text);
  });

  it('196: reads frames between skippable ones, however the stream is cut', async () => {
    const skippable = Buffer.from(
      '50 2a 4d 18 05 00 00 00 01 02 03 04 05 5f 2a 4d 18 00 00 00 00'.replaceAll(' ', ''),
      'hex',
    );
    const frames = [text.subarray(0, 5000), text.subarray(5000, 5000), seededBytes(1, 5000)];
    const bytes = Buffer.concat([skippable, ...frames.flatMap((one) => [zstdCompressSync(one), skippable])]);
    for (const length of [1, 3, 1000, bytes.length]) {
      const cut = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
      };
      assert.ok((await bytesOf(decompress(cut(), 'zstd'))).equals(Buffer.concat(frames)), `pieces of ${length}`);
    }
  });

  it('199: says that something behind the last frame is damage', async () => {
    for (const rest of ['00', '00000000', '28b52f', '502a4d1805000000']) {
      const bytes = Buffer.concat([zstdCompressSync(text), Buffer.from(rest, 'hex')]);
      await assert.rejects(unpack(bytes, 'zstd'), { code: 'corrupt-archive' }, rest);
    }
  });

  it('197: reads 50,000 empty members', async () => {
    const members = Buffer.concat(Array<Buffer>(50_000).fill(gzipSync('')));
    assert.equal((await unpack(members, 'gzip')).length, 0);
  });

  const whole = { gzip: gzipSync(seededBytes(1, 100_000)), zstd: zstdCompressSync(seededBytes(1, 100_000)) };
  for (const compression of ['gzip', 'zstd'] as const) {
    it(`199: says that ${compression} data that is cut or changed is damaged`, async () => {
      const bytes = whole[compression];
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(0) ^ 0xff, 0);
      for (const damaged of [bytes.subarray(0, 50_000), flipped, bytes.subarray(0, bytes.length - 2)]) {
        await assert.rejects(unpack(damaged, compression), { code: 'corrupt-archive' });
      }
    });
  }

  it('199: says that a wrong checksum or length is damage', async () => {
    for (const from of [8, 4]) {
      const damaged = Buffer.from(whole.gzip);
      damaged.writeUInt32LE(1, damaged.length - from);
      await assert.rejects(unpack(damaged, 'gzip'), { code: 'corrupt-archive' });
    }
  });

  it('200: does not hold in memory what comes out', async () => {
    const bomb = gzipSync(Buffer.alloc(200 << 20), { level: 1 });
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let size = 0;
    for await (const chunk of decompress(streamOf(bomb), 'gzip')) {
      size += chunk.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    assert.equal(size, 200 << 20);
    assert.ok(most < 128 << 20, `${most} bytes`);
  });

  it('202: refuses a zstd frame that wants a window above 128 MiB', async () => {
    const frame = Buffer.from('28b52ffd00a0010000', 'hex');
    await assert.rejects(unpack(frame, 'zstd'), {
      code: 'too-large',
      message: 'the zstd data needs a window of more than 134217728 bytes to be unpacked.',
    });
  });

  it('passes on the failure of its source as it is', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield whole.gzip.subarray(0, 1000);
      throw new Error('the source broke');
    }
    await assert.rejects(bytesOf(decompress(broken(), 'gzip')), /^Error: the source broke$/);
  });

  it('closes the source when nobody reads on', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield gzipSync(Buffer.alloc(1 << 20));
      } finally {
        closed = true;
      }
    }
    for await (const chunk of decompress(source(), 'gzip')) if (chunk.length > 0) break;
    assert.equal(closed, true);
  });
});
