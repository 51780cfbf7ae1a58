import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { defaultLayerLimits, type LayerIndex } from '../../src/archive/layerIndex.ts';
import { scanLayer } from '../../src/archive/scanLayer.ts';
import { testIo } from '../support/io.ts';
import { meantEntries, writeMeant } from '../support/meantTars.ts';
import { oddTars } from '../support/oddTars.ts';
import { mutations } from '../support/tarMutations.ts';
import { headerBlock, inPieces, longName, paxHeader, tarEnd, tarEntry } from '../support/tarWriter.ts';
import { pathsOf, scan } from './scanTools.ts';

const limits = defaultLayerLimits;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Headers of empty files with names of their own, in pieces. */
async function* emptyFiles(count: number): AsyncGenerator<Uint8Array, void, undefined> {
  const template = headerBlock({ name: 'usr/share/folder/0000000' });
  const zerosSum = parseInt(template.toString('latin1', 148, 154), 8);
  for (let at = 0; at < count; at += 512) {
    const piece = Buffer.alloc(512 * 512, template);
    for (let each = 0; each < 512; each++) {
      const digits = String(at + each).padStart(7, '0');
      piece.write(digits, each * 512 + 17, 'latin1');
      let sum = zerosSum;
      for (let digit = 0; digit < 7; digit++) sum += Number(digits[digit]);
      piece.write(sum.toString(8).padStart(6, '0'), each * 512 + 148, 'latin1');
    }
    yield piece;
  }
  yield tarEnd;
}

/** The most memory outside the heap that a scan held, in bytes. */
async function mostBuffers(action: () => Promise<LayerIndex>): Promise<{ most: number; index: LayerIndex }> {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 1);
  try {
    const index = await action();
    return { most, index };
  } finally {
    clearInterval(watch);
  }
}

describe('scanLayer and its bounds', () => {
  it('189: lists a million empty files with 300 bytes of memory for each', async () => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const { entries } = await scanLayer(emptyFiles(1_000_000), { limits }, testIo());
    collectGarbage();
    const each = (process.memoryUsage().heapUsed - before) / entries.length;
    assert.equal(entries.length, 1_000_448);
    assert.equal(entries.at(-1)?.path, 'usr/share/folder/1000447');
    assert.ok(each < 300, `${each} bytes`);
  });

  it('189: stops at the limit of entries, and names it and its setting', async () => {
    const scanning = scanLayer(emptyFiles(1_000_000), { limits: { ...limits, entries: 1000 } }, testIo());
    const message =
      'cannot list a layer with more than 1000 entries, very long names and attributes counted as several. Raise the setting gantry.inspect.maxLayerEntries to list it.';
    await assert.rejects(scanning, { code: 'too-large', message });
  });

  it('189: counts names, links and attributes that are very long as several entries', async () => {
    const long = 'n'.repeat(4000);
    const parts = [
      [longName(long), headerBlock()],
      [longName(long, 'K'), headerBlock({ type: '2' })],
      [longName('../'.repeat(10_000)), headerBlock()],
      [paxHeader([['SCHILY.xattr.user.a', long]]), headerBlock()],
    ];
    for (const part of parts) {
      const tar = Buffer.concat([...Array.from({ length: 20 }, () => Buffer.concat(part)), tarEnd]);
      assert.equal((await scan(tar)).entries.length, 20);
      await assert.rejects(scan(tar, { limits: { ...limits, entries: 200 } }), { code: 'too-large' });
    }
  });

  it('200: stops at the limit of bytes, and names it and its setting', async () => {
    const tar = Buffer.concat([tarEntry({ name: 'zeros' }, Buffer.alloc(64 << 20)), tarEnd]);
    const message =
      'cannot list a layer that unpacks to more than 8388608 bytes. Raise the setting gantry.inspect.maxLayerGiB to list it.';
    for (const bytes of [
      gzipSync(tar, { level: 1 }),
      zstdCompressSync(tar),
      tar,
      gzipSync(Buffer.alloc(64 << 20), { level: 1 }),
    ]) {
      const stream = inPieces(bytes, 64 << 10);
      const scanning = scanLayer(pieces(stream), { limits: { ...limits, tarBytes: 8 << 20 } }, testIo());
      await assert.rejects(scanning, { code: 'too-large', message });
    }
  });

  for (const [name, compress] of Object.entries({ gzip: gzipSync, zstd: zstdCompressSync })) {
    it(`200: reads what ${name} made a thousandth of, with memory that does not grow and turns for others`, async () => {
      const tar = Buffer.concat([tarEntry({ name: 'zeros' }, Buffer.alloc(192 << 20)), tarEnd]);
      const bytes = compress(tar);
      let turns = 0;
      const others = setInterval(() => turns++, 1);
      const { most, index } = await mostBuffers(() => scanLayer(pieces([bytes]), { limits }, testIo()));
      clearInterval(others);
      assert.deepEqual([pathsOf(index), index.damage, index.entries[0]?.size], [['zeros'], undefined, 192 << 20]);
      assert.ok(most < 128 << 20, `${most} bytes`);
      assert.ok(turns > 5, `${turns} turns`);
    });
  }

  it('207: gives others their turns while it reads one large piece', async () => {
    const block = headerBlock();
    const piece = Buffer.alloc(64 << 20, block);
    let [turns, done] = [0, false];
    const others = (async () => {
      for (; !done; turns++) await turn();
    })();
    const { entries } = await scanLayer(pieces([piece]), { limits }, testIo());
    done = true;
    await others;
    assert.equal(entries.length, 1 << 17);
    assert.ok(turns > 3, `${turns} turns`);
  });

  it('197: reads 50,000 empty members and 10,000 frames', async () => {
    const tar = Buffer.concat([tarEntry({}, 'x'), tarEnd]);
    for (const [compress, count] of [
      [gzipSync, 50_000],
      [zstdCompressSync, 10_000],
    ] as const) {
      const empty = compress(Buffer.alloc(0));
      const index = await scan(Buffer.concat([...Array.from({ length: count }, () => empty), compress(tar)]));
      assert.deepEqual([pathsOf(index), index.damage], [['f'], undefined]);
    }
  });

  it('201: reads no further into a gzip header than to its end or the end of the stream', async () => {
    const tar = gzipSync(Buffer.concat([tarEntry({}, 'x'), tarEnd]));
    const withName = (name: Buffer): Buffer =>
      Buffer.concat([tar.subarray(0, 3), Buffer.of(8), tar.subarray(4, 10), name, tar.subarray(10)]);
    assert.deepEqual(pathsOf(await scan(withName(Buffer.concat([Buffer.alloc(1 << 20, 'n'), Buffer.of(0)])))), ['f']);
    assert.match(
      (await scan(Buffer.concat([withName(Buffer.alloc(0)).subarray(0, 10), Buffer.alloc(1 << 20, 'n')]))).damage ?? '',
      /^the gzip data is damaged/,
    );
  });

  it('P8 gives an index, whatever is changed in a layer and wherever it is cut', async () => {
    const kinds = { gzip: gzipSync, zstd: zstdCompressSync, none: (bytes: Buffer) => bytes };
    const kind = fc.constantFrom(...Object.values(kinds));
    const property = fc.asyncProperty(oddTars, kind, mutations, mutations, async (tar, compress, inside, outside) => {
      const { entries, tarSize = -1, damage } = await scan(outside(compress(inside(tar))));
      assert.ok(tarSize >= 0 && damage !== '');
      for (const { path, offset, size } of entries) {
        assert.ok(!path.startsWith('/') && !path.split('/').includes('..'), path);
        assert.ok(offset >= 0 && offset <= tarSize && Number.isSafeInteger(size) && size >= 0);
      }
    });
    await fc.assert(property, { numRuns: 600, seed: 20_261_309 });
  });

  it('P8 gives the first of the entries, where a layer is cut', async () => {
    const property = fc.asyncProperty(
      meantEntries,
      fc.constantFrom(gzipSync, zstdCompressSync),
      fc.nat(),
      async (entries, compress, cut) => {
        const bytes = compress(writeMeant(entries, 'pax'));
        const [whole, part] = [await scan(bytes), await scan(bytes.subarray(0, 6 + (cut % (bytes.length - 6))))];
        assert.deepEqual(part.entries, whole.entries.slice(0, part.entries.length));
        assert.ok(whole.damage === undefined && part.damage !== undefined);
      },
    );
    await fc.assert(property, { numRuns: 200, seed: 20_261_309 });
  });
});

async function* pieces(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}
