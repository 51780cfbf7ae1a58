import fc from 'fast-check';
import {
  type HeaderSpec,
  headerBlock,
  longName,
  oldSparse,
  paxHeader,
  rawPax,
  sparseMap,
  tarEnd,
  tarEntry,
} from './tarWriter.ts';

/** Bytes but NUL, as latin-1. */
export const byteText = (min: number, max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 1, max: 255 }), { minLength: min, maxLength: max })
    .map((codes) => String.fromCharCode(...codes));
const text = (max: number): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom('', 'a', 'a/', './a//b', '../x', '/', 'd/e'), byteText(0, max));

const strange = fc.constantFrom(
  '-0000001024',
  '0x10',
  ' 12 ',
  '12\x003',
  '9',
  '\0 7\0',
  '\xff'.repeat(12),
  '\x80',
  '\xc0',
);
const number = fc.oneof(
  { weight: 8, arbitrary: fc.nat(600) },
  fc.constantFrom(-1n, -5n, 2n ** 31n, 2n ** 55n, 2n ** 62n, 8n ** 11n),
  strange,
);
const type = fc.constantFrom('0', '0', '0', '0', '\0', '1', '2', '3', '4', '5', '6', '7', 'Z', 'S', 'x', 'g', 'L', 'K');
const headers: fc.Arbitrary<HeaderSpec> = fc.record(
  {
    name: text(100),
    prefix: text(155),
    linkname: text(100),
    type,
    size: number,
    mode: number,
    uid: number,
    gid: number,
    mtime: number,
    devmajor: number,
    devminor: number,
    format: fc.constantFrom('ustar', 'gnu', 'v7', 'star'),
    checksum: fc.constantFrom('unsigned', 'unsigned', 'unsigned', 'unsigned', 'signed', 'wrong'),
  },
  { requiredKeys: [] },
);

const usual = ['path', 'linkpath', 'size', 'uid', 'gid', 'mtime', 'atime', 'uname', 'comment', 'SCHILY.xattr.user.a'];
const ofSparse = ['major', 'minor', 'name', 'size', 'realsize', 'numblocks', 'map', 'offset', 'numbytes'];
const value = fc.oneof(
  { weight: 3, arbitrary: fc.nat(2000).map(String) },
  fc.constantFrom(
    '',
    '-1',
    '+7',
    '1.5',
    '-1.25',
    '-0',
    '-0.5',
    '1.0000000009',
    '0007',
    '1e3',
    'NaN',
    ' 1',
    '.5',
    '1.x',
  ),
  fc.constantFrom('9223372036854775807', '9223372036854775808', '-9223372036854775808', `${'0'.repeat(30)}5`),
  fc.constantFrom('1', '0', '1,2', '0,10', '0,10,20,5', '1024', 'a\0b'),
  text(300),
);
const record = fc.tuple(fc.constantFrom(...usual, ...ofSparse.map((name) => `GNU.sparse.${name}`)), value);
const badRecords = [
  '5 a=\n',
  '4 a=',
  '07 ab=c\n',
  '9 path=a\n',
  '99 a=b\n',
  '0 a=b\n',
  '6 =ab\n',
  '6 abc\n',
  '+6 a=b\n',
];

const pieces = fc
  .array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 30 })
  .map((gaps) => gaps.map(([gap, size], at) => [at * 20 + gap, size] as const));
const realSize = fc.constantFrom(600, 600, 600, 600, 5, -1);
const listed = fc.tuple(pieces, realSize, fc.constantFrom('0.0', '0.1', '')).map(([list, size, version]) => {
  const [major, minor] = version.split('.');
  const map = list.flatMap(
    ([offset, bytes]) =>
      [
        ['GNU.sparse.offset', `${offset}`],
        ['GNU.sparse.numbytes', `${bytes}`],
      ] as const,
  );
  const records = [
    ...(minor === undefined
      ? []
      : ([
          ['GNU.sparse.major', major ?? ''],
          ['GNU.sparse.minor', minor],
        ] as const)),
    ['GNU.sparse.size', String(size)],
    ['GNU.sparse.numblocks', String(list.length)],
    ...(version === '0.0' ? map : [['GNU.sparse.map', list.join(',')] as const]),
  ] as const;
  return Buffer.concat([paxHeader(records), tarEntry({ name: 'listed' }, Buffer.alloc(70, 'p'))]);
});
const mapBefore = fc.tuple(pieces, realSize).map(([list, size]) => {
  const records = { major: '1', minor: '0', name: 'real\xff', realsize: String(size) };
  const pax = paxHeader(Object.entries(records).map(([name, each]) => [`GNU.sparse.${name}`, each]));
  return Buffer.concat([
    pax,
    tarEntry({ name: 'GNUSparseFile.0/real' }, Buffer.concat([sparseMap(list), Buffer.alloc(70, 'p')])),
  ]);
});
const old = fc
  .tuple(pieces, realSize, headers)
  .map(([list, size, header]) =>
    Buffer.concat([oldSparse({ format: 'gnu', ...header, size: 512 }, size, list), Buffer.alloc(512, 'p')]),
  );

const content = fc.nat(1500).map((length) => Buffer.alloc(length, 'content '));
const part = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(headers, content).map(([header, bytes]) => tarEntry({ ...header, size: bytes.length }, bytes)),
  },
  { weight: 2, arbitrary: headers.map(headerBlock) },
  { weight: 3, arbitrary: fc.array(record, { maxLength: 6 }).map((records) => paxHeader(records)) },
  fc.array(record, { maxLength: 3 }).map((records) => paxHeader(records, 'g')),
  fc.oneof(text(50), fc.constantFrom(...badRecords)).map(rawPax),
  fc.tuple(text(300), fc.constantFrom('L' as const, 'K' as const)).map(([name, kind]) => longName(name, kind)),
  listed,
  mapBefore,
  old,
  fc.constantFrom(tarEnd, Buffer.alloc(512)),
);
const end = fc.constantFrom(tarEnd, tarEnd, tarEnd, Buffer.alloc(512), Buffer.alloc(0), Buffer.alloc(10_240));

/** A tar that means well or not: what every writer writes, and what none should. */
export const oddTars: fc.Arbitrary<Buffer> = fc
  .tuple(fc.array(part, { maxLength: 8 }), end)
  .map(([parts, last]) => Buffer.concat([...parts, last]));
