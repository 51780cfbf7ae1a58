import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression } from '../../src/archive/compress.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { seededBytes } from '../support/seededImage.ts';
import { headerBlock, inPieces, longName, oldSparse, paxHeader, tarEnd, tarEntry } from '../support/tarWriter.ts';
import { entriesOf, pathsOf, scan } from './scanTools.ts';

const content = seededBytes(1, 100_000);
const tar = Buffer.concat([
  tarEntry({ name: 'd/', type: '5', mode: 0o755 }),
  tarEntry({ name: 'd/f' }, content),
  tarEntry({ name: 'g' }, 'x'),
  tarEnd,
]);
const paths = ['d', 'd/f', 'g'];
const ways = { gzip: gzipSync(tar), zstd: zstdCompressSync(tar), none: tar } as const;

describe('scanLayer', () => {
  for (const [compression, bytes] of Object.entries(ways)) {
    it(`195: lists a layer that is ${compression}, by its first bytes`, async () => {
      const { entries, ...index } = await scan(bytes);
      assert.deepEqual(index, { compression, tarSize: tar.length, problems: [] });
      assert.deepEqual(entries[1], {
        path: 'd/f',
        type: 'file',
        size: 100_000,
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: 0,
        offset: 1024,
        digest: digestOf(content),
      });
      assert.deepEqual(pathsOf({ entries }), paths);
    });
  }

  it('195: says where a layer is declared to be something else', async () => {
    const wrong: readonly (readonly [Compression, Uint8Array, string])[] = [
      ['gzip', ways.zstd, 'Declared gzip, is zstd.'],
      ['zstd', ways.gzip, 'Declared zstd, is gzip.'],
      ['gzip', ways.none, 'Declared gzip, is uncompressed.'],
      ['none', ways.gzip, 'Declared uncompressed, is gzip.'],
      ['gzip', Buffer.alloc(0), 'Declared gzip, is uncompressed.'],
    ];
    for (const [declared, bytes, problem] of wrong)
      assert.deepEqual((await scan(bytes, { declared })).problems, [problem]);
    assert.deepEqual((await scan(ways.gzip, { declared: 'gzip' })).problems, []);
  });

  it('196: reads every gzip member and zstd frame', async () => {
    for (const compressed of [gzipSync, zstdCompressSync]) {
      const bytes = Buffer.concat([...inPieces(tar, 3000)].map((piece) => compressed(piece)));
      assert.deepEqual(pathsOf(await scan(bytes)), paths);
    }
  });

  it('195: lists a zstd layer that begins with a skippable frame', async () => {
    const skippable = Buffer.from('502a4d180400000001020304', 'hex');
    const { entries, compression, damage } = await scan(Buffer.concat([skippable, ways.zstd]));
    assert.deepEqual([pathsOf({ entries }), compression, damage], [paths, 'zstd', undefined]);
  });

  it('165: puts entries inside the root, and keeps the names that left it', async () => {
    const names = ['../../x', '/abs', 'a/../../b', 'C:\\w', 'a\\..\\b'];
    const { entries, problems } = await scan(Buffer.concat([...names.map((name) => headerBlock({ name })), tarEnd]));
    assert.deepEqual(
      entries.map(({ path, unsafe }) => [path, unsafe]),
      [
        ['x', '../../x'],
        ['abs', undefined],
        ['b', 'a/../../b'],
        ['C:\\w', undefined],
        ['a\\..\\b', undefined],
      ],
    );
    assert.deepEqual(problems, ['2 entries with a name that leads out of the root; shown inside it.']);
  });

  it('167: keeps link targets as they are written', async () => {
    const links = await entriesOf(
      headerBlock({ name: 'h', type: '1', linkname: '../../etc/x' }),
      headerBlock({ name: 's', type: '2', linkname: '/a//b' }),
    );
    assert.deepEqual(
      links.map(({ type, linkname, size }) => [type, linkname, size]),
      [
        ['hardlink', '../../etc/x', 0],
        ['symlink', '/a//b', 0],
      ],
    );
  });

  it('169: lists devices, FIFOs and types that are not known, without content', async () => {
    const listed = await entriesOf(
      headerBlock({ name: 'c', type: '3', devmajor: 5, devminor: 1 }),
      headerBlock({ name: 'b', type: '4' }),
      headerBlock({ name: 'p', type: '6' }),
      tarEntry({ name: 'z', type: 'Z' }, 'content'),
    );
    assert.deepEqual(
      listed.map(({ type, device, typeflag, size, digest }) => [type, device, typeflag, size, digest]),
      [
        ['char', { major: 5, minor: 1 }, undefined, 0, undefined],
        ['block', { major: 0, minor: 0 }, undefined, 0, undefined],
        ['fifo', undefined, undefined, 0, undefined],
        ['other', undefined, 'Z', 0, undefined],
      ],
    );
  });

  it('180: lists sparse files with their real size, and no digest of what is only stored', async () => {
    const [entry] = await entriesOf(oldSparse({ name: 's', size: 3 }, 100, [[50, 3]]), Buffer.alloc(512, 'x'));
    assert.deepEqual(entry, {
      path: 's',
      type: 'file',
      size: 100,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      offset: 512,
      fragments: [{ offset: 50, size: 3 }],
    });
  });

  it('182: says how much data follows the end', async () => {
    const { entries, problems } = await scan(
      gzipSync(Buffer.concat([tar, tarEntry({ name: 'hidden' }, 'x'), Buffer.alloc(5000)])),
    );
    assert.deepEqual(pathsOf({ entries }), paths);
    assert.deepEqual(problems, ['Data after the end of the archive: 513 bytes.']);
  });

  it('183: gives the entries before a cut, and says what is missing', async () => {
    const { entries, damage } = await scan(tar.subarray(0, 50_000));
    assert.deepEqual(pathsOf({ entries }), ['d']);
    assert.equal(damage, 'the tar is damaged: it is cut short at byte 50000 in "d/f": 51024 bytes of it are missing.');
  });

  it('184: gives the entries before a wrong header, and says where it is', async () => {
    const { entries, damage } = await scan(
      Buffer.concat([tar.subarray(0, -1024), headerBlock({ checksum: 'wrong' }), tar]),
    );
    assert.deepEqual(pathsOf({ entries }), paths);
    assert.match(damage ?? '', /^the tar is damaged: the header at byte 102400 is wrong: its checksum is wrong\./);
  });

  it('186: keeps every entry of a path, and counts those that come again', async () => {
    const names = ['a', 'a/', './a', 'a//b', 'a/b'];
    const { entries, problems } = await scan(Buffer.concat([...names.map((name) => headerBlock({ name })), tarEnd]));
    assert.deepEqual(pathsOf({ entries }), ['a', 'a', 'a', 'a/b', 'a/b']);
    assert.deepEqual(problems, ['3 entries of a path that was there before; the last one counts.']);
  });

  it('188: keeps names of every kind apart', async () => {
    const names = [
      '\xff',
      '\xfe',
      '\xc3\xbf',
      'a\nb',
      '\x1b[31m',
      'CON',
      'a ',
      '...',
      'e\xcc\x81',
      '\xc3\xa9',
      'E',
      'e',
    ];
    const entries = await entriesOf(...names.map((name) => headerBlock({ name })));
    assert.equal(new Set(entries.map(({ path }) => path)).size, names.length);
  });

  it('188: leaves out names and targets that are too long or too deep, and says how many', async () => {
    const link = headerBlock({ name: 'l', type: '2' });
    const parts = [
      longName('a'.repeat(32 << 10)),
      headerBlock(),
      longName('a/'.repeat(256)),
      headerBlock(),
      longName('b'.repeat(5000), 'K'),
      link,
    ];
    const { entries, problems } = await scan(Buffer.concat([...parts, headerBlock(), tarEnd]));
    assert.deepEqual(pathsOf({ entries }), ['f']);
    assert.deepEqual(problems, ['3 entries with a path too long or too deep; left out.']);
  });

  it('191: clamps times, owners and modes', async () => {
    const [low, high, pax] = await entriesOf(
      headerBlock({ mtime: -(2n ** 60n), uid: -1, mode: 0o7777777 }),
      headerBlock({ mtime: 2n ** 60n, uid: 2n ** 32n }),
      paxHeader([
        ['mtime', '1700000000.5'],
        ['uid', '9223372036854775807'],
      ]),
      headerBlock(),
    );
    assert.deepEqual([low?.mtime, low?.uid, low?.mode], [-8.64e12, 0, 0o7777]);
    assert.deepEqual([high?.mtime, high?.uid], [8.64e12, 2 ** 32]);
    assert.deepEqual([pax?.mtime, pax?.uid], [1_700_000_000, Number.MAX_SAFE_INTEGER]);
  });

  it('192: lists extended attributes', async () => {
    const [entry] = await entriesOf(paxHeader([['SCHILY.xattr.user.a', '\x01\xff']]), headerBlock());
    assert.deepEqual(entry?.xattrs, { 'user.a': '01ff' });
  });

  it('194: says what is no tar', async () => {
    const others = [Buffer.from('{"a": "chart"}'), Buffer.alloc(3000, '\0asm\x01'), gzipSync('{}')];
    for (const bytes of others) {
      const { entries, damage } = await scan(bytes);
      assert.deepEqual(entries, []);
      assert.match(damage ?? '', /^it is no tar: /);
    }
    assert.equal((await scan(Buffer.alloc(0))).damage, undefined);
  });
});
