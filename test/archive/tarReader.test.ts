import assert from 'node:assert/strict';
import { TarReader } from '../../src/archive/tarReader.ts';
import { tarOf } from '../support/seededImage.ts';
import {
  type HeaderSpec,
  headerBlock,
  longName,
  oldSparse,
  paxHeader,
  tarEnd,
  tarEntry,
} from '../support/tarWriter.ts';
import { readTar } from './readEntries.ts';
import { failure, file, seen, sole } from './tarTools.ts';

const body = Buffer.alloc(512, 'x');

describe('TarReader', () => {
  it('gives every entry with its content, however the tar is cut', () => {
    const tar = Buffer.concat([
      tarEntry({ name: 'a' }, 'x'.repeat(700)),
      tarEntry({ name: 'd/', type: '5' }),
      file,
      tarEnd,
    ]);
    for (const pieces of [1, 100, 512, 513, tar.length]) {
      const { entries, failure: reason } = readTar(tar, pieces);
      assert.equal(reason, undefined);
      assert.deepEqual(
        entries.map(({ entry, content }) => [entry.name, entry.offset, entry.size, content.toString()]),
        [
          ['a', 512, 700, 'x'.repeat(700)],
          ['d/', 2048, 0, ''],
          ['n', 2560, 7, 'content'],
        ],
      );
    }
  });

  it('gives what the header says', () => {
    const spec = {
      name: 'a',
      prefix: 'p/q',
      type: '3',
      mode: 0o4711,
      uid: 7,
      gid: 8,
      mtime: 1_700_000_000,
      devmajor: 4,
      devminor: 64,
    };
    assert.deepEqual(sole(headerBlock(spec)), {
      name: 'p/q/a',
      linkname: '',
      typeflag: '3',
      size: 0,
      stored: 0,
      offset: 512,
      mode: 0o4711,
      uid: 7,
      gid: 8,
      mtime: 1_700_000_000,
      devmajor: 4,
      devminor: 64,
    });
  });

  it('167: gives links as they are written', () => {
    for (const linkname of ['../../etc/x', '/abs', 'self', '']) {
      assert.equal(sole(headerBlock({ name: 'self', type: '1', linkname })).linkname, linkname);
    }
    assert.equal(sole(longName('t'.repeat(5000), 'K'), headerBlock({ type: '2' })).linkname, 't'.repeat(5000));
    assert.equal(sole(paxHeader([['linkpath', 'pax']]), headerBlock({ type: '2', linkname: 'own' })).linkname, 'pax');
  });

  it('169: gives devices, FIFOs and types that are not known', () => {
    const parts = ['3', '4', '6', 'Z'].map((type) => headerBlock({ type }));
    assert.deepEqual(seen(...parts, tarEntry({ type: 'Z' }, 'with content'), file, tarEnd), [
      'f:3',
      'f:4',
      'f:6',
      'f:Z',
      'f:Z',
      'n:0',
    ]);
  });

  for (const type of ['1', '2', '3', '4', '5', '6']) {
    it(`170: takes type ${type} for a header only, whatever its size says`, () => {
      assert.deepEqual(seen(headerBlock({ type, size: 512 }), file, tarEnd), [`f:${type}`, 'n:0']);
      assert.deepEqual(seen(paxHeader([['size', '-1024']]), headerBlock({ type, size: -5 }), file, tarEnd), [
        `f:${type}`,
        'n:0',
      ]);
      assert.match(
        failure(headerBlock({ type, size: 512 }), body, file),
        /the header at byte 512 is wrong: its checksum is wrong\.$/,
      );
    });
  }

  const sizes = ['-0000001024', '0x000000200', '00000000009', '1 2', -1, -(2n ** 62n), 2n ** 63n, 2n ** 90n, 2n ** 53n];
  for (const size of sizes) {
    it(`172: refuses a size of ${size}`, () => {
      assert.match(failure(headerBlock({ size }), body, tarEnd), /its first header is wrong: (?:its size|a number)/);
      assert.match(failure(file, headerBlock({ size })), /^the tar is damaged: the header at byte 1024 is wrong: /);
    });
  }

  it('172: reads sizes in base 256, in blanks and without digits', () => {
    const edit = (block: Buffer): void => {
      block.write(`\x80${'\0'.repeat(9)}\x02\0`, 124, 'latin1');
    };
    assert.equal(sole(headerBlock({ edit }), body).size, 512);
    assert.equal(sole(headerBlock({ size: '       1000 ' }), body).size, 512);
    assert.equal(sole(headerBlock({ size: '\0'.repeat(12) })).size, 0);
  });

  it('182: stops at two blocks of zeros and counts what follows but the zeros at its end', () => {
    const {
      entries,
      failure: reason,
      trailing,
    } = readTar(Buffer.concat([file, tarEnd, file, Buffer.alloc(9000)]), 1000);
    assert.deepEqual([entries.length, reason, trailing], [1, undefined, 519]);
    assert.equal(readTar(Buffer.concat([file, tarEnd, Buffer.alloc(8192)])).trailing, 0);
    assert.match(
      failure(file, Buffer.alloc(512), file),
      /the header at byte 1536 is wrong: it follows a block of zeros\.$/,
    );
  });

  it('183: accepts the end of the stream between two entries and in the zeros behind one', () => {
    for (const length of [0, 1024, 512 + 7, 512 + 100, 1024 + 512]) {
      const { failure: reason } = readTar(Buffer.concat([file, tarEnd]).subarray(0, length));
      assert.equal(reason, undefined, String(length));
    }
  });

  it('183: names the entry that is cut and what is missing of it', () => {
    const tar = tarOf('file\n', Buffer.alloc(1000));
    assert.equal(
      failure(tar.subarray(0, 512 + 900)),
      'the tar is damaged: it is cut short at byte 1412 in "file\\n": 100 bytes of it are missing.',
    );
    assert.equal(failure(tar.subarray(0, 300)), 'it is no tar: it has 300 bytes only.');
    assert.equal(failure(file, Buffer.alloc(700)), 'the tar is damaged: it is cut short at byte 1724.');
    assert.equal(failure(headerBlock({ type: 'x', size: 100 })), 'the tar is damaged: it is cut short at byte 512.');
    assert.equal(
      failure(oldSparse({ size: 5 }, 100, Array(5).fill([1, 1])).subarray(0, 512)),
      'the tar is damaged: it is cut short at byte 512.',
    );
  });

  it('184: names the place of a header with a wrong checksum', () => {
    const bad = headerBlock({ checksum: 'wrong' });
    assert.equal(
      failure(file, bad, tarEnd),
      'the tar is damaged: the header at byte 1024 is wrong: its checksum is wrong.',
    );
    const { entries } = readTar(Buffer.concat([file, file, bad, file]));
    assert.equal(entries.length, 2);
  });

  it('185: reads headers of every kind', () => {
    const kinds = [
      { format: 'v7' },
      { format: 'gnu' },
      { format: 'star' },
      { format: 'ustar' },
      { checksum: 'signed', name: 'f\xff' },
    ] as const;
    for (const spec of kinds) assert.equal(sole(tarEntry({ prefix: 'p', ...spec }, 'x')).size, 1);
    const prefixed = kinds.map((spec) => sole(headerBlock({ prefix: 'p', ...spec })).name);
    assert.deepEqual(prefixed, ['f', 'p/f', 'p/f', 'p/f', 'p/f\udcff']);
    const edit = (block: Buffer): void => {
      block.write('00000000000\0', 345);
    };
    assert.equal(sole(headerBlock({ format: 'gnu', edit })).name, 'f');
  });

  it('185: takes a name with a slash at its end for a directory in headers without a type', () => {
    assert.deepEqual(seen(headerBlock({ name: 'd/', type: '\0', size: 512 }), tarEntry({ type: '\0' }, 'x'), tarEnd), [
      'd/:5',
      'f:0',
    ]);
  });

  it('191: reads times and owners of every size', () => {
    const times: readonly (readonly [HeaderSpec['mtime'], string, number])[] = [
      [-1, '', -1],
      [2 ** 33, '', 2 ** 33],
      [5, '1700000000.999999999999', 1_700_000_000],
      [5, '-1.5', -2],
      [5, '-0', 0],
    ];
    for (const [mtime = 0, pax, seconds] of times) {
      assert.equal(sole(paxHeader([['mtime', pax]]), headerBlock({ mtime })).mtime, seconds);
    }
    for (const time of ['NaN', '1e3', '.5', '1.5x', '9223372036854775808']) {
      assert.match(failure(paxHeader([['atime', time]]), file), /its PAX atime is no time/);
    }
    assert.equal(sole(headerBlock({ uid: 2n ** 32n, gid: -2 })).uid, 2 ** 32);
    assert.equal(sole(paxHeader([['uid', '+4294967296']]), file).uid, 2 ** 32);
    assert.match(failure(paxHeader([['gid', '1e3']]), file), /its PAX gid is no number/);
    assert.match(failure(headerBlock({ mtime: 'garbage' })), /a number in it is none/);
  });

  it('194: refuses what is no tar', () => {
    assert.match(
      failure(Buffer.from('{"a":1}'.repeat(200))),
      /^it is no tar: its first header is wrong: its checksum is wrong\.$/,
    );
    assert.match(failure(Buffer.from('{}')), /^it is no tar: it has 2 bytes only\.$/);
  });
});

describe('TarReader and what it is given for', () => {
  it('passes on what is thrown at it for an entry', () => {
    const stop = new Error('enough');
    const reader = new TarReader({
      entry: () => {
        throw stop;
      },
    });
    assert.throws(() => reader.push(file), stop);
  });
});
