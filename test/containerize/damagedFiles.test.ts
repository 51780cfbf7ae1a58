import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BinaryDescription } from '../../src/api.ts';
import { bytesSource } from '../../src/containerize/byteSource.ts';
import { describeBinary } from '../../src/containerize/describeBinary.ts';
import { testIo } from '../support/io.ts';
import { type BaseSpec, glibcBase, glibcPath, preflightOn } from './bases.ts';
import { elfOf, type ElfSpec, gnuNote as note } from './elfWriter.ts';
import { classOf, jarOf, machOOf, peOf, wasmOf } from './programs.ts';

async function describeBytes(bytes: Uint8Array): Promise<BinaryDescription> {
  return describeBinary(bytesSource(bytes), '/home/me/app', testIo());
}

describe('describeBinary of damaged files', () => {
  it('says what is wrong with damaged files, quickly, and never fails', async function () {
    this.timeout(60_000);
    const manifest = { 'META-INF/MANIFEST.MF': 'Main-Class: Main\n', 'Main.class': classOf(61) };
    const rich: ElfSpec = {
      interpreter: '/lib/ld-musl-x86_64.so.1',
      needed: ['libc.so.6', 'libx.so'],
      runpath: '/lib',
      needs: { 'libc.so.6': ['GLIBC_2.34', 'GLIBC_2.2'], 'libx.so': ['X_1'] },
      definitions: ['A_1', 'A_2'],
      wants: ['a', 'b'],
      notes: [note(5, 0xc0008002, 4, 7, 0), note(1, 0, 3, 2, 0)],
    };
    const samples = [
      elfOf(rich),
      elfOf({ ...rich, bits: 32, endian: 'big', machine: 8 }),
      peOf({ machine: 0x8664, libraries: ['a.dll'], go: 'path\tx\n' }),
      peOf({ machine: 0x14c, framework: '.NETCoreApp,Version=v8.0' }),
      machOOf([0x01000007, 0x0100000c]),
      machOOf([0x0100000c]),
      jarOf(manifest),
      wasmOf(['wasi_snapshot_preview1'], ['_start']),
      classOf(61),
    ];
    const mutation = fc.tuple(
      fc.nat(),
      fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff, 0x7f, 0x80)),
      fc.constantFrom(1, 2, 4, 8),
    );
    const mutated = fc.tuple(
      fc.constantFrom(...samples),
      fc.array(mutation, { minLength: 1, maxLength: 8 }),
      fc.option(fc.nat(), { freq: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(mutated, async ([sample, mutations, cut]) => {
        const bytes = Buffer.from(sample);
        for (const [at, value, width] of mutations) {
          const from = at % bytes.length;
          bytes.fill(value, from, Math.min(from + width, bytes.length));
        }
        const began = performance.now();
        const described = await describeBytes(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
        assert.ok(performance.now() - began < 2000);
        assert.equal(typeof described.summary, 'string');
      }),
      { numRuns: 3000 },
    );
  });

  it('ends soon where a table names very much', async () => {
    const many = Array.from({ length: 5000 }, (_, at) => `GLIBC_2.${at}`);
    const { problems } = await describeBytes(
      elfOf({ needed: ['libc.so.6'], needs: { 'libc.so.6': many }, flags1: 0x08000000 }),
    );
    assert.equal(problems[0], 'the file names more than 1000 versions: they are not read.');
    const bomb = jarOf({ 'META-INF/MANIFEST.MF': Buffer.alloc(8 << 20, 'a') });
    assert.match((await describeBytes(bomb)).problems.join(), /unpacks to more than the limit of 1048576 bytes/);
  });

  it('ends soon where texts have no end', async () => {
    const bytes = elfOf({ type: 2, needed: Array.from({ length: 4000 }, () => 'x') });
    const size = 30 << 20;
    const long = Buffer.concat([bytes, Buffer.alloc(size, 0x78)]);
    long.writeBigUInt64LE(BigInt(long.length), 96);
    // The table of strings is what was put behind all else.
    for (const [tag, value] of [
      [5n, bytes.length],
      [10n, size],
    ] as const) {
      const name = Buffer.alloc(8);
      name.writeBigUInt64LE(tag);
      long.writeBigUInt64LE(BigInt(value), bytes.lastIndexOf(name) + 8);
    }
    const began = performance.now();
    assert.equal((await describeBytes(long)).elf?.needed.length, 4000);
    assert.ok(performance.now() - began < 2000);
  });

  it('counts no more symbols than it reads', async () => {
    const musl = '/lib/ld-musl-x86_64.so.1';
    const bytes = elfOf({ interpreter: musl, needed: ['libc.so'], wants: ['a'] });
    const table = bytes.indexOf(Buffer.from([1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]));
    bytes.writeUInt32LE(500_000, table + 4);
    const { problems } = await describeBytes(bytes);
    assert.deepEqual(problems, ['the file has 500000 symbols, more than the limit of 400000.']);
  });

  it('lets no damaged file of a base end preflight, or keep it long', async function () {
    this.timeout(60_000);
    const program: ElfSpec = { interpreter: glibcPath, needed: ['libc.so.6'], runpath: '$ORIGIN', wants: ['puts'] };
    const paths = Object.keys(glibcBase);
    const mutation = fc.tuple(fc.nat(), fc.constantFrom(0, 0xff, 0x7f, 0x80, 1), fc.constantFrom(1, 4, 8));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.array(mutation, { maxLength: 6 }), async (path, mutations) => {
        const bytes = Buffer.from(glibcBase[path] as Uint8Array);
        for (const [at, value, width] of mutations) {
          const from = at % bytes.length;
          bytes.fill(value, from, Math.min(from + width, bytes.length));
        }
        const began = performance.now();
        const { verdict } = await preflightOn({ ...glibcBase, [path]: bytes }, program);
        assert.ok(performance.now() - began < 2000);
        assert.ok(mutations.length > 0 || verdict === 'runs');
      }),
      { numRuns: 300 },
    );
  });

  it('follows no $ORIGIN that makes paths longer with each library', async () => {
    const runpath = `$ORIGIN${'/..$ORIGIN'.repeat(400)}`;
    const folder = '/a-folder-with-a-name';
    const libraries = [1, 2, 3, 4].map((at): readonly [string, Buffer] => [
      `${folder}/lib${at}.so`,
      elfOf({ soname: `lib${at}.so`, needed: [`lib${at + 1}.so`], runpath }),
    ]);
    const base: BaseSpec = { ...glibcBase, '/app': { link: folder }, ...Object.fromEntries(libraries) };
    const { verdict } = await preflightOn(base, { interpreter: glibcPath, needed: ['lib1.so'], runpath });
    assert.equal(verdict, 'fails');
  });

  it('stops looking for libraries where their number has no end in sight', async () => {
    const needed = Array.from({ length: 3000 }, (_, at) => `lib${at}.so`);
    const runpath = Array.from({ length: 150 }, (_, at) => `/folder${at}`).join(':');
    const { verdict, reasons } = await preflightOn(glibcBase, { interpreter: glibcPath, needed, runpath });
    assert.equal(verdict, 'unknown');
    assert.match(reasons[0]?.text ?? '', /more than 100000 places/);
  });
});
