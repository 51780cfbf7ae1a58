import assert from 'node:assert/strict';
import { headerBlock, longName, paxHeader, rawPax, tarEnd, tarEntry } from '../support/tarWriter.ts';
import { failure, file, seen, sole } from './tarTools.ts';

const body = Buffer.alloc(512, 'x');

describe('TarReader of PAX records', () => {
  for (const size of ['-1024', 'NaN', '1e999', '9223372036854775808', '0x200', ' 5', '5 ', '1.0', '--1']) {
    it(`172: refuses a PAX size of ${JSON.stringify(size)}`, () => {
      assert.match(
        failure(paxHeader([['size', size]]), file, tarEnd),
        /the header at byte 1024 is wrong: its (?:PAX )?size is/,
      );
    });
  }

  it('173: refuses a PAX path, link or owner with a NUL, and a name with one', () => {
    for (const name of ['path', 'linkpath', 'uname', 'gname', 'a\0b']) {
      assert.match(
        failure(paxHeader([[name, 'ok\0evil']]), file),
        /header at byte 0 is wrong: a PAX record is malformed/,
      );
    }
    assert.deepEqual(seen(paxHeader([['comment', 'a\0b']]), file), ['n:0']);
  });

  it('175: does not apply a global PAX header', () => {
    const global = paxHeader(
      [
        ['path', 'global'],
        ['size', '600'],
      ],
      'g',
    );
    assert.deepEqual(seen(global, file, file, tarEnd), ['n:0', 'n:0']);
    assert.deepEqual(seen(paxHeader([['path', 'lost']]), longName('lost'), global, file), ['n:0']);
    assert.match(failure(tarEntry({ type: 'g' }, 'no record'), file), /a PAX record is malformed/);
  });

  const records = [
    '11 path=a\n',
    '0 path=a\n',
    '9 path=ab',
    '5 a\n',
    '6 =ab\n',
    '-9 path=a\n',
    'path=a\n',
    ' 9 path=a\n',
    '99999999999999999999 a=b\n',
    '4 a=\n3\n',
    '\0\0\0\0',
  ];
  for (const record of records) {
    it(`177: refuses the PAX record ${JSON.stringify(record)}`, () => {
      assert.match(failure(rawPax(record), file), /the header at byte 0 is wrong: a PAX record is malformed\.$/);
    });
  }

  it('177: takes the last of two records, and keeps the name of the header where a record is empty', () => {
    assert.equal(
      sole(
        paxHeader([
          ['path', 'a'],
          ['path', 'b'],
        ]),
        file,
      ).name,
      'b',
    );
    assert.equal(
      sole(
        paxHeader([
          ['path', 'a'],
          ['path', ''],
        ]),
        file,
      ).name,
      'n',
    );
    assert.equal(sole(paxHeader([['size', '']]), file).size, 7);
    assert.equal(
      sole(
        paxHeader([
          ['__proto__', 'a'],
          ['constructor', 'b'],
        ]),
        file,
      ).name,
      'n',
    );
  });

  it('177: applies a PAX header to the next entry only', () => {
    const pax = paxHeader([
      ['path', 'a'],
      ['size', '600'],
    ]);
    assert.deepEqual(seen(pax, headerBlock(), body, body, file, tarEnd), ['a:0', 'n:0']);
  });

  it('178: refuses records and long names of 300 MiB by their headers', () => {
    for (const type of ['x', 'g', 'L', 'K']) {
      assert.match(
        failure(headerBlock({ type, size: 300 << 20 })),
        /(?:PAX record|long name) at byte 0 is said to have 314572800 bytes/,
      );
    }
    assert.equal(sole(longName('a'.repeat((1 << 20) - 1)), file).name.length, (1 << 20) - 1);
    assert.match(failure(longName('a'.repeat(1 << 20))), /more than 1048576/);
  });

  it('192: gives extended attributes in hex', () => {
    const { xattrs } = sole(
      paxHeader([
        ['SCHILY.xattr.security.capability', '\x01\0\0\x02\xff='],
        ['SCHILY.xattr.user.n\xc3\xa4me', ''],
        ['SCHILY.acl.access', 'u::rwx'],
      ]),
      file,
    );
    assert.deepEqual(xattrs, { 'security.capability': '01000002ff3d', 'user.näme': '' });
  });
});
