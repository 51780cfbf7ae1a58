import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { defaultLayerLimits } from '../../src/archive/layerIndex.ts';
import { scanLayer } from '../../src/archive/scanLayer.ts';
import { testIo } from '../support/io.ts';
import { seededBytes } from '../support/seededImage.ts';
import { headerBlock, tarEnd, tarEntry } from '../support/tarWriter.ts';
import { pathsOf, scan, Source } from './scanTools.ts';

const limits = defaultLayerLimits;
const tar = Buffer.concat([
  tarEntry({ name: 'a' }, seededBytes(1, 400_000)),
  tarEntry({ name: 'b' }, seededBytes(2, 400_000)),
  tarEnd,
]);
const zstd = zstdCompressSync(tar, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
const ways = { gzip: gzipSync(tar), zstd, none: tar } as const;

describe('scanLayer and its stream', () => {
  for (const [name, head] of Object.entries({ xz: 'fd377a585a00', bzip2: '425a68393141', lz4: '04224d18' })) {
    it(`206: says that ${name} is not supported`, async () => {
      const source = new Source(Buffer.from(head, 'hex'));
      const message = `${name} is not supported. Compress with gzip or zstd.`;
      await assert.rejects(scanLayer(source, { limits }, testIo()), { code: 'unsupported-media-type', message });
      assert.ok(source.closed);
    });
  }

  it('199: gives the entries before the end of compression that is cut, and says where that is', async () => {
    for (const compression of ['gzip', 'zstd'] as const) {
      const index = await scan(ways[compression].subarray(0, -1000));
      assert.deepEqual(pathsOf(index), ['a']);
      const place = new RegExp(`^the ${compression} data is damaged: .* That is behind byte \\d{6} of the tar\\.$`);
      assert.match(index.damage ?? '', place);
    }
  });

  it('199: says that a byte, a checksum or a length is wrong, or that something follows', async () => {
    const changed = [100_000, ways.gzip.length - 8, ways.gzip.length - 4].map((at) => {
      const wrong = Buffer.from(ways.gzip);
      wrong.writeUInt8(wrong.readUInt8(at) ^ 1, at);
      return wrong;
    });
    for (const wrong of [...changed, Buffer.concat([ways.gzip, Buffer.from('garbage')])]) {
      const index = await scan(wrong);
      assert.equal(pathsOf(index)[0], 'a');
      assert.match(index.damage ?? '', /^the gzip data is damaged: incorrect (?:data|length|header) check/);
    }
  });

  it('202: says that a zstd window is too large', async () => {
    const { damage } = await scan(Buffer.from('28b52ffd00a0010000', 'hex'));
    assert.equal(damage, 'the zstd data needs a window of more than 134217728 bytes to be unpacked.');
  });

  it('203: says that a zstd checksum is wrong', async () => {
    const wrong = Buffer.from(zstd);
    wrong.writeUInt8(zstd.readUInt8(zstd.length - 1) ^ 1, zstd.length - 1);
    assert.match((await scan(wrong)).damage ?? '', /^the zstd data is damaged: .*checksum/);
  });

  for (const [compression, bytes] of Object.entries(ways)) {
    it(`throws the failure of its stream as it is, also behind the end and behind damage: ${compression}`, async () => {
      const damaged = Buffer.from(bytes);
      damaged.fill(0xff, 300_000, 500_000);
      for (const each of [bytes.subarray(0, 700), bytes, damaged, Buffer.concat([bytes, damaged])]) {
        const failure = new Error('the network broke');
        const source = new Source(each, { failure });
        await assert.rejects(scanLayer(source, { limits }, testIo()), (error) => error === failure);
        assert.ok(source.closed);
      }
    });
  }

  const endless = { gzip: gzipSync, zstd: zstdCompressSync, none: (bytes: Buffer) => bytes } as const;
  for (const [compression, compress] of Object.entries(endless)) {
    it(`207: throws the reason of an abort as it is, and closes the stream: ${compression}`, async () => {
      let closed = false;
      const member = compress(tarEntry({}, seededBytes(1, 10_000)));
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield member;
        } finally {
          closed = true;
        }
      }
      const control = new AbortController();
      const onEntries = (): void => control.abort('enough');
      const scanning = scanLayer(source(), { limits, onEntries }, { signal: control.signal });
      await assert.rejects(scanning, (reason) => reason === 'enough');
      await turn();
      assert.ok(closed);
    });

    it(`207: is cancelled while the stream gives nothing: ${compression}`, async () => {
      for (const head of [compress(tar).subarray(0, 600), Buffer.alloc(0)]) {
        const control = new AbortController();
        async function* stalled(): AsyncGenerator<Uint8Array> {
          yield head;
          setImmediate(() => control.abort(new Error('enough')));
          await new Promise(() => undefined);
        }
        await assert.rejects(scanLayer(stalled(), { limits }, { signal: control.signal }), /^Error: enough$/);
      }
    });
  }

  it('does not begin where it is cancelled already', async () => {
    const source = new Source(tar);
    await assert.rejects(
      scanLayer(source, { limits }, { signal: AbortSignal.abort(new Error('enough')) }),
      /^Error: enough$/,
    );
    assert.ok(!source.ended);
  });

  it('throws what its caller throws at entries', async () => {
    const onEntries = (): void => {
      throw new Error('of the caller');
    };
    for (const bytes of Object.values(ways)) {
      const source = new Source(bytes);
      await assert.rejects(scanLayer(source, { limits, onEntries }, testIo()), /^Error: of the caller$/);
      assert.ok(source.closed);
    }
  });

  it('gives entries as they are read, each once and in order', async () => {
    const parts = Array.from({ length: 3000 }, (_, at) => headerBlock({ name: `f${at}` }));
    const given: string[][] = [];
    const index = await scan(Buffer.concat([...parts, tarEnd]), {
      onEntries: (batch) => given.push(batch.map(({ path }) => path)),
    });
    assert.equal(index.entries.length, 3000);
    assert.deepEqual(given.flat(), pathsOf(index));
    assert.ok(given.length > 10 && given.every((batch) => batch.length > 0 && batch.length <= 512));
  });
});
