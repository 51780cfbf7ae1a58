import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readRpmDatabase } from '../../../src/operations/packages/rpmDatabase.ts';
import { testIo } from '../../support/io.ts';
import { pagesOf, rpmDatabaseOf, rpmPackage, words } from '../../support/rpmDatabase.ts';
import { newTempDir, removeTempDir, withTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';

const statement = "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)";

/** Enough packages that the table has pages above its leaves. */
const many = Array.from({ length: 300 }, (_, at) => rpmPackage(`package-${at}`, '1', `${at}`));

describe('readRpmDatabase', () => {
  let folder: string;
  let large: Buffer;

  before(async function () {
    needs(this, 'python3');
    folder = await newTempDir();
    large = await build(many);
  });

  after(async () => removeTempDir(folder));

  async function build(blobs: readonly Buffer[], before: readonly string[] = []): Promise<Buffer> {
    return withTempDir(async (directory) => rpmDatabaseOf(directory, blobs, before));
  }

  async function read(bytes: Uint8Array): ReturnType<typeof readRpmDatabase> {
    return readRpmDatabase(bytes, testIo());
  }

  it('reads every package, and several versions of one', async () => {
    const blobs = [
      rpmPackage('kernel', '6.1', '1'),
      rpmPackage('kernel', '6.2', '1'),
      rpmPackage('bash', '5.2', '3.fc40', { 1003: 2 }),
    ];
    assert.deepEqual(await read(await build(blobs)), {
      packages: [
        { name: 'kernel', version: '6.1-1', architecture: 'x86_64' },
        { name: 'kernel', version: '6.2-1', architecture: 'x86_64' },
        { name: 'bash', version: '2:5.2-3.fc40', architecture: 'x86_64' },
      ],
      skipped: 0,
    });
  });

  it('reads packages larger than a page, and tables of several pages', async () => {
    const files = Array.from({ length: 20_000 }, (_, at) => `file-${at}`);
    const found = await read(await build([rpmPackage('big', '1', '2', { 1117: files }), ...many]));
    assert.ok(typeof found !== 'string');
    assert.equal(found.packages.length, 301);
    assert.equal(found.packages[0]?.name, 'big');
    assert.equal(found.packages[300]?.version, '1-299');
  });

  it('passes over headers that are none and counts them', async () => {
    const found = await read(await build([Buffer.from('no header'), rpmPackage('a', '1', '2'), Buffer.alloc(0)]));
    assert.deepEqual(found, { packages: [{ name: 'a', version: '1-2', architecture: 'x86_64' }], skipped: 2 });
  });

  it('does not run a view or columns that are computed', async () => {
    const endless = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT x AS hnum, x AS blob FROM c';
    const tables = [
      `CREATE VIEW Packages AS ${endless}`,
      'CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB AS (zeroblob(1000000000)))',
      "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL, more TEXT)",
      "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL) WITHOUT ROWID",
      "CREATE TABLE 'Packages' (blob BLOB NOT NULL, hnum INTEGER PRIMARY KEY)",
      'CREATE VIRTUAL TABLE Packages USING fts4(hnum, blob)',
    ];
    for (const table of tables) assert.equal(await read(await build([], [table])), 'it has no table of packages');
    const other = await build([], ['CREATE TABLE other (x)', "CREATE TABLE 'Packages' (x)"]);
    assert.equal(await read(other), 'it has no table of packages');
  });

  for (const pageBytes of [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536]) {
    it(`reads rows of every length around the ends of pages of ${pageBytes} bytes`, async () => {
      const blank = rpmPackage('p', '1', '0000', { 1117: '' }).length;
      const around = (bytes: number): readonly number[] => Array.from({ length: 60 }, (_, at) => bytes - 55 + at);
      const lengths = [...around(pageBytes), ...around(2 * pageBytes), ...around(4 * pageBytes)];
      const releases = lengths.map((_, at) => String(1000 + at));
      const blobs = lengths.map((length, at) =>
        rpmPackage('p', '1', releases[at] ?? '', { 1117: 'x'.repeat(length - blank) }),
      );
      for (const autoVacuum of ['none', 'full'] as const) {
        const bytes = await build(blobs, pagesOf(pageBytes, autoVacuum));
        assert.equal(bytes.readUInt16BE(16), pageBytes % 65_536 === 0 ? 1 : pageBytes);
        assert.equal(bytes.readUInt32BE(52) > 0, autoVacuum !== 'none');
        const found = await read(bytes);
        const versions = typeof found === 'string' ? found : found.packages.map(({ version }) => version);
        assert.deepEqual(
          versions,
          releases.map((release) => `1-${release}`),
        );
      }
    }).timeout(60_000);
  }

  it('does not read what was deleted', async () => {
    const files = Array.from({ length: 2000 }, (_, at) => `file-${at}`);
    const hex = (name: string) => rpmPackage(name, '1', '1', { 1117: files }).toString('hex');
    const names = Array.from({ length: 12 }, (_, at) => `n${at}`);
    const inserts = names.map((name) => `INSERT INTO Packages (blob) VALUES (x'${hex(name)}')`);
    const found = await read(await build([], [statement, ...inserts, 'DELETE FROM Packages WHERE hnum % 3 > 0']));
    assert.deepEqual(typeof found === 'string' ? found : found.packages.map(({ name }) => name), [
      'n2',
      'n5',
      'n8',
      'n11',
    ]);
  });

  it('passes over values that are no blobs and counts them, also blobs of more than 16 MiB', async () => {
    const values = ["'text'", '7', '2.5', 'zeroblob(17000000)', `x'${rpmPackage('a', '1', '2').toString('hex')}'`];
    const inserts = values.map((value) => `INSERT INTO Packages (blob) VALUES (${value})`);
    const found = await read(await build([], [statement, ...inserts]));
    assert.deepEqual(found, { packages: [{ name: 'a', version: '1-2', architecture: 'x86_64' }], skipped: 4 });
  });

  const tops: readonly (readonly [string, string])[] = [
    ['0', 'it has no page 0'],
    ['1', 'its page 1 is in two places'],
    ['200', 'it has no page 200'],
    ['70000', 'it has no page 70000'],
    ['20000000', 'it has no page 20000000'],
    ['4000000000', 'it has no page 4000000000'],
    ['-3', 'it has no table of packages'],
    ['5000000000', 'it has no table of packages'],
    ['2.5', 'it has no table of packages'],
    ["'two'", 'it has no table of packages'],
    ['NULL', 'it has no table of packages'],
  ];
  for (const [top, expected] of tops) {
    it(`refuses a table of packages whose top page is ${top}`, async () => {
      const change = `UPDATE sqlite_master SET rootpage = ${top} WHERE name = 'Packages'`;
      const tables = [
        'CREATE TABLE other (x)',
        statement,
        "CREATE TABLE 'Name' (key)",
        "CREATE INDEX 'Name_key_idx' ON 'Name' (key)",
      ];
      assert.equal(await read(await build([], [...tables, 'PRAGMA writable_schema = ON', change])), expected);
    });
  }

  it('lets others run while it reads 60 MB in pages of 512 bytes', async () => {
    const rows = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 60)';
    const insert = `${rows} INSERT INTO Packages (blob) SELECT zeroblob(1000000) FROM c`;
    const bytes = await build([], [...pagesOf(512), statement, insert]);
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    assert.deepEqual(await read(bytes), { packages: [], skipped: 60 });
    clearInterval(timer);
    assert.ok(longest > 0 && longest < 500, `others waited ${longest} ms`);
  }).timeout(60_000);

  it('does not read a schema that no rpm makes', async () => {
    const huge = await build(many, [`CREATE TABLE x (y DEFAULT '${'z'.repeat(70_000)}')`]);
    assert.equal(await read(huge), 'its schema is not one of rpm');
  });

  it('reads no more than 100,000 packages', async () => {
    const rows = Array.from({ length: 100_001 }, () => Buffer.alloc(1));
    assert.equal(await read(await build(rows)), 'it has more than 100000 packages');
  }).timeout(60_000);

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    controller.abort(new Error('stop'));
    await assert.rejects(readRpmDatabase(large, { signal: controller.signal }), /stop/);
  });

  /** Changes page 2, the top of the table of packages. */
  function changed(change: (page: Buffer, children: number) => void): Buffer {
    const bytes = Buffer.from(large);
    const page = bytes.subarray(4096, 8192);
    assert.equal(page[0], 5, 'the top of the table is no leaf');
    change(page, page.readUInt16BE(3));
    return bytes;
  }

  const hostile: readonly (readonly [string, (page: Buffer, children: number) => void, RegExp])[] = [
    [
      'names one page again and again',
      (page, children) => {
        for (let at = 0; at < children; at++)
          page.copy(page, page.readUInt16BE(12 + 2 * at), page.readUInt16BE(12), page.readUInt16BE(12) + 4);
      },
      /^its page \d+ is in two places$/,
    ],
    ['leads back to itself', (page) => page.writeUInt32BE(2, 8), /^its page 2 is in two places$/],
    ['leads out of the file', (page) => page.writeUInt32BE(0x7fff_ffff, 8), /^it has no page 2147483647$/],
    ['leads to no page', (page) => page.writeUInt32BE(0, 8), /^it has no page 0$/],
    ['has more cells than fit', (page) => page.writeUInt16BE(0xffff, 3), /^its page 2 is damaged$/],
    ['has a cell outside it', (page) => page.writeUInt16BE(0xffff, 12), /^its page 2 is damaged$/],
    ['is of no known type', (page) => page.writeUInt8(7, 0), /^its page 2 is damaged$/],
    ['is of an index', (page) => page.writeUInt8(2, 0), /^its page 2 is damaged$/],
  ];
  for (const [what, change, expected] of hostile) {
    it(`refuses a table whose top page ${what}`, async () => {
      const found = await read(changed(change));
      assert.ok(typeof found === 'string');
      assert.match(found, expected);
    });
  }

  it('refuses a tree that is deeper than any of SQLite', async () => {
    const next = large.length / 4096 + 1;
    const pages = Array.from({ length: 30 }, (_, at) => {
      const page = Buffer.alloc(4096);
      page.writeUInt8(5);
      page.writeUInt32BE(next + at + 1, 8);
      return page;
    });
    const bytes = Buffer.concat([changed((page) => page.writeUInt32BE(next, 8)), ...pages]);
    assert.equal(await read(bytes), `its page ${next + 18} is too deep in a tree`);
  });

  it('refuses rows that go on in pages that cannot be theirs', async () => {
    const files = Array.from({ length: 5000 }, (_, at) => `file-${at}`);
    const big = ['a', 'b'].map((name) => rpmPackage(name, '1', '2', { 1117: files }));
    const whole = await build(big);
    const leaf = whole.subarray(4096, 8192);
    assert.deepEqual([leaf[0], leaf.readUInt16BE(3)], [13, 2], 'both rows are in page 2');
    // The number of the next page is after what of the row is in this one; the first row is the last in the page.
    const [first, second] = [4092, leaf.readUInt16BE(8) - 4];
    for (const [at, page, expected] of [
      [second, leaf.readUInt32BE(first), `its page ${leaf.readUInt32BE(first)} is in two places`],
      [first, 2, 'its page 2 is in two places'],
      [first, 0, 'it has no page 0'],
      [first, 0xffff_ffff, 'it has no page 4294967295'],
    ] as const) {
      const bytes = Buffer.from(whole);
      words(page).copy(bytes, 4096 + at);
      assert.equal(await read(bytes), expected);
    }
  });

  it('refuses cells that claim more than the file has', async () => {
    const bytes = Buffer.from(large);
    const leaf = bytes.readUInt32BE(4096 + bytes.readUInt16BE(4096 + 12));
    const start = (leaf - 1) * 4096;
    bytes.fill(0xff, start + bytes.readUInt16BE(start + 8), start + bytes.readUInt16BE(start + 8) + 4);
    assert.equal(await read(bytes), 'its cells claim more bytes than it has');
  });

  it('refuses what is no database, or only its beginning', async () => {
    assert.equal(await read(Buffer.alloc(0)), 'it does not begin as SQLite databases do');
    assert.equal(await read(Buffer.alloc(5000, 'SQLite')), 'it does not begin as SQLite databases do');
    const cut = await read(large.subarray(0, 9000));
    assert.match(typeof cut === 'string' ? cut : '', /^it has no page \d+$/);
    for (const size of [0, 2, 511, 65_535]) {
      const bytes = Buffer.from(large);
      bytes.writeUInt16BE(size, 16);
      assert.equal(typeof (await read(bytes)), 'string');
    }
  });

  it('ends soon, with packages or a sentence, whatever bytes are changed', async () => {
    const near = fc.oneof(fc.nat(8191), fc.nat(large.length - 1));
    const changes = fc.array(fc.tuple(near, fc.nat(255)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = Buffer.from(large);
        for (const [at, byte] of list) bytes[at] = byte;
        const began = performance.now();
        const found = await read(bytes);
        assert.ok(performance.now() - began < 5000);
        if (typeof found === 'string') assert.ok(found.length > 0 && found.length < 500);
        else assert.ok(found.packages.length + found.skipped <= 400);
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);
});
