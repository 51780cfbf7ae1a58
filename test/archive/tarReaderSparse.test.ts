import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { expand } from '../../src/archive/sparse.ts';
import { streamOf } from '../../src/content/bytes.ts';
import { bytesOf } from '../support/layerTools.ts';
import { seededBytes } from '../support/seededImage.ts';
import { headerBlock, oldSparse, paxHeader, sparseMap, tarEnd, tarEntry } from '../support/tarWriter.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { entriesIn } from './readEntries.ts';
import { failure, file, sole } from './tarTools.ts';

const body = Buffer.alloc(512, 'x');

describe('TarReader of sparse files', () => {
  const stored = Buffer.alloc(5, 's');
  const fragments = [
    { offset: 2, size: 2 },
    { offset: 100, size: 3 },
  ];
  const pieces = [
    [2, 2],
    [100, 3],
  ] as const;

  it('180: reads maps in PAX records', () => {
    const offsets = pieces.flatMap(
      ([offset, size]) =>
        [
          ['GNU.sparse.offset', `${offset}`],
          ['GNU.sparse.numbytes', `${size}`],
        ] as const,
    );
    const ways = [
      [['GNU.sparse.size', '200'], ['GNU.sparse.numblocks', '2'], ...offsets],
      [
        ['GNU.sparse.major', '0'],
        ['GNU.sparse.minor', '1'],
        ['GNU.sparse.realsize', '200'],
        ['GNU.sparse.numblocks', '2'],
        ['GNU.sparse.map', '2,2,100,3'],
      ],
    ] as const;
    for (const records of ways) {
      const {
        name,
        size,
        stored: held,
        offset,
        fragments: found,
      } = sole(
        paxHeader([...records, ['GNU.sparse.name', 'real\xff']]),
        tarEntry({ name: 'GNUSparseFile.0/x' }, stored),
      );
      assert.deepEqual(
        { name, size, held, offset, found },
        { name: 'real\udcff', size: 200, held: 5, offset: 1536, found: fragments },
      );
    }
  });

  it('180: reads maps that stand before the content', () => {
    const version = [
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', 'real'],
      ['GNU.sparse.realsize', '200'],
    ] as const;
    const parts = [
      paxHeader(version),
      tarEntry({ name: 'GNUSparseFile.0/real' }, Buffer.concat([sparseMap(pieces), stored])),
      file,
      tarEnd,
    ];
    const [first, second] = entriesIn(...parts);
    assert.equal(first?.content.toString(), 'sssss');
    const { name, size, offset, fragments: found } = first.entry;
    assert.deepEqual({ name, size, offset, found }, { name: 'real', size: 200, offset: 2048, found: fragments });
    assert.equal(second?.entry.name, 'n');
  });

  it('180: reads old GNU maps, in the header and in blocks behind it', () => {
    const many = Array.from({ length: 50 }, (_, at) => [at * 10, 1] as const);
    const [first, second] = entriesIn(
      oldSparse({ name: 'real', size: 50 }, 1000, many),
      Buffer.alloc(512),
      oldSparse({ size: 5 }, 200, pieces),
      Buffer.alloc(512),
      tarEnd,
    );
    assert.equal(first?.entry.offset, 512 + 3 * 512);
    assert.equal(first.entry.size, 1000);
    assert.deepEqual(first.entry.fragments?.at(-1), { offset: 490, size: 1 });
    assert.deepEqual(second?.entry.fragments, fragments);
  });

  it('180: knows no other version of them', () => {
    const records = [
      ['GNU.sparse.major', '2'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.size', '200'],
    ] as const;
    const { size, fragments: found } = sole(paxHeader(records), file);
    assert.deepEqual([size, found], [7, undefined]);
  });

  const wrong: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
    'pieces that overlap': [
      [0, 5],
      [4, 1],
    ],
    'pieces out of order': [
      [10, 1],
      [0, 1],
    ],
    'a piece behind the end': [[200, 1]],
    'a negative place': [[-5, 5]],
    'a negative length': [[5, -5]],
    'a place that is too large': [[2 ** 60, 1]],
  };
  for (const [what, list] of Object.entries(wrong)) {
    it(`179: refuses ${what}`, () => {
      const map = [
        ['GNU.sparse.size', '200'],
        ['GNU.sparse.numblocks', String(list.length)],
        ['GNU.sparse.map', list.join(',')],
      ] as const;
      assert.match(failure(paxHeader(map), file), /sparse map/);
      assert.match(failure(oldSparse({ size: 5 }, 200, list), body), /sparse map/);
    });
  }

  it('179: refuses maps of more than 65,536 pieces, and reads of them no more than that', () => {
    const version = paxHeader([
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.size', '0'],
    ]);
    const message = /its sparse map has more than 65536 pieces/;
    assert.match(failure(version, tarEntry({ size: 2 ** 40 }, sparseMap([]).fill('9999999\n', 0, 8))), message);
    const listed = [
      ['GNU.sparse.numblocks', '70000'],
      ['GNU.sparse.map', Array(140_000).fill('0').join(',')],
    ] as const;
    assert.match(failure(paxHeader(listed), file), message);
    const many = Array.from({ length: 70_000 }, () => [1, 0] as const);
    assert.match(failure(oldSparse({ size: 0 }, 10, many)), message);
    const most = Array.from({ length: 65_536 }, (_, at) => [at, 1] as const);
    assert.equal(sole(oldSparse({ size: 65_536 }, 70_000, most), Buffer.alloc(65_536)).fragments?.length, 65_536);
  });

  it('179: refuses maps of more or fewer bytes than are stored, as Go does when it reads them', () => {
    const message = /its sparse map says 5 bytes, \d+ are stored/;
    for (const size of [0, 4, 6, 600]) assert.match(failure(oldSparse({ size }, 200, pieces)), message);
    const listed = paxHeader([
      ['GNU.sparse.size', '200'],
      ['GNU.sparse.numblocks', '2'],
      ['GNU.sparse.map', pieces.join(',')],
    ]);
    assert.match(failure(listed, file), message);
    const before = paxHeader([
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.realsize', '200'],
    ]);
    assert.match(failure(before, tarEntry({}, Buffer.concat([sparseMap(pieces), Buffer.alloc(4)]))), message);
  });

  it('179: refuses maps that are cut short or are none', () => {
    const version = paxHeader([
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.size', '200'],
    ]);
    assert.match(failure(version, tarEntry({}, '2\n0\n')), /its sparse map is cut short/);
    assert.match(failure(version, tarEntry({}, Buffer.alloc(512, '2\n0\n '))), /a number of its sparse map is none/);
    assert.match(failure(version, tarEntry({}, Buffer.alloc(1024, '1'))), /a number of its sparse map is none/);
    assert.match(
      failure(
        paxHeader([
          ['GNU.sparse.map', '1,2'],
          ['GNU.sparse.numblocks', '2'],
        ]),
        file,
      ),
      /its sparse map is not as long as it says/,
    );
    assert.match(failure(version, headerBlock({ type: '5' })), /it is sparse, but no file/);
    assert.match(failure(oldSparse({ format: 'star', size: 0 }, 0, [])), /it is sparse, but not in the GNU format/);
    assert.match(failure(oldSparse({ size: 0 }, -1, [])), /its sparse size is none/);
  });
});

describe('TarReader of sparse files that GNU tar wrote', () => {
  const formats = [
    ['--format=gnu'],
    ...['0.0', '0.1', '1.0'].map((version) => ['--format=posix', `--sparse-version=${version}`]),
  ];
  for (const format of formats) {
    it(`180: finds their content, ${format.join(' ')}`, async function () {
      needs(this, 'tar');
      if (!execFileSync('tar', ['--version'], { encoding: 'utf8' }).includes('GNU tar')) this.skip();
      const folder = await newTempDir();
      try {
        const content = Buffer.alloc(3 << 20);
        const handle = openSync(path.join(folder, 'sparse'), 'w');
        for (const [at, place] of [0, 300_000, 1 << 20, 1_500_000, 1_900_000, 2_200_000, 2_500_000].entries()) {
          const bytes = seededBytes(at + 1, 5000);
          writeSync(handle, bytes, 0, bytes.length, place);
          bytes.copy(content, place);
        }
        ftruncateSync(handle, content.length);
        closeSync(handle);
        const tar = execFileSync('tar', ['-C', folder, '--sparse', ...format, '-cf', '-', 'sparse'], {
          maxBuffer: 8 << 20,
        });
        const [first] = entriesIn(tar);
        assert.ok(first?.entry.fragments !== undefined && tar.length < 1 << 20);
        assert.deepEqual([first.entry.name, first.entry.size], ['sparse', content.length]);
        assert.ok(tar.subarray(first.entry.offset).indexOf(first.content) === 0);
        const expanded = await bytesOf(expand(first.entry.fragments, content.length, streamOf(first.content)));
        assert.ok(expanded.equals(content));
      } finally {
        await removeTempDir(folder);
      }
    });
  }
});
