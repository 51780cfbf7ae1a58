import assert from 'node:assert/strict';
import path from 'node:path';
import { streamOf } from '../../../src/content/bytes.ts';
import { type InstalledPackages, readPackages } from '../../../src/operations/packages/readPackages.ts';
import { stackOf } from '../../support/stacks.ts';
import { testIo } from '../../support/io.ts';
import { layerOf, testLayers } from '../../support/layers.ts';
import { rpmDatabaseOf, rpmDatabaseWithLog, rpmPackage } from '../../support/rpmDatabase.ts';
import { type LayerFiles, storedImage, tarOfFiles } from '../../support/storedImage.ts';
import { newTempDir, removeTempDir, withTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';

const dpkg = (name: string, version = '1', architecture = 'amd64'): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: ${architecture}\nVersion: ${version}\n\n`;

describe('readPackages', () => {
  let folder: string;

  before(async () => {
    folder = await newTempDir();
  });

  after(async () => removeTempDir(folder));

  async function read(...layers: readonly LayerFiles[]): Promise<InstalledPackages> {
    const image = await storedImage(testLayers(path.join(folder, 'cache')), layers.map(tarOfFiles));
    const stack = await image.filesystem({}, testIo());
    return readPackages(image, stack, {}, testIo());
  }

  async function lines(...layers: readonly LayerFiles[]): Promise<readonly string[]> {
    const { packages } = await read(...layers);
    return packages.map(({ manager, name, version }) => `${manager} ${name} ${version}`);
  }

  it('reads the database of the last layer that has it', async () => {
    const [lower, upper] = [dpkg('a') + dpkg('b'), dpkg('a', '1:2') + dpkg('libc6', '2') + dpkg('libc6', '2', 'i386')];
    const found = await read({ 'var/lib/dpkg/status': lower }, { 'var/lib/dpkg/status': upper });
    assert.deepEqual(found, {
      packages: [
        { name: 'a', version: '1:2', architecture: 'amd64', manager: 'dpkg' },
        { name: 'libc6', version: '2', architecture: 'amd64', manager: 'dpkg' },
        { name: 'libc6:i386', version: '2', architecture: 'i386', manager: 'dpkg' },
      ],
      problems: [],
      unreadable: [],
    });
  });

  it("reads distroless' files, one a package, and not the checksums beside them", async () => {
    const found = await lines({
      'var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 12\nArchitecture: amd64\n',
      'var/lib/dpkg/status.d/base.md5sums': 'Package: nothing\nVersion: 1\n',
      'var/lib/dpkg/status.d/tzdata': 'Package: tzdata\nVersion: 2024\nArchitecture: all\n',
    });
    assert.deepEqual(found.toSorted(), ['dpkg base-files 12', 'dpkg tzdata 2024']);
  });

  it('reads the database of apk at either place', async () => {
    const installed = 'P:musl\nV:1.2-r0\nA:x86_64\n\n';
    assert.deepEqual(await lines({ 'lib/apk/db/installed': installed }), ['apk musl 1.2-r0']);
    assert.deepEqual(await lines({ 'usr/lib/apk/db/installed': installed }), ['apk musl 1.2-r0']);
  });

  it('reads a database of rpm, and tells of changes in the log', async function () {
    needs(this, 'python3');
    const database = rpmDatabaseOf(folder, [rpmPackage('bash', '5', '1'), rpmPackage('glibc', '2', '3')]);
    const at = 'usr/lib/sysimage/rpm/rpmdb.sqlite';
    assert.deepEqual(await lines({ [at]: database }), ['rpm bash 5-1', 'rpm glibc 2-3']);
    assert.deepEqual((await read({ [at]: database, [`${at}-wal`]: '' })).problems, []);
    const busy = await withTempDir(async (empty) =>
      rpmDatabaseWithLog(empty, [rpmPackage('bash', '5', '1')], rpmPackage('glibc', '2', '3')),
    );
    const { packages, problems } = await read({ [at]: busy.database, [`${at}-wal`]: busy.log });
    assert.deepEqual(
      packages.map(({ name }) => name),
      ['bash'],
    );
    assert.deepEqual(problems, [`/${at}: the last changes, in /${at}-wal, are not read.`]);
  });

  it('reads a file once that two places lead to', async () => {
    const status = { path: 'lib/apk/db/installed', size: 3 };
    const links = { path: 'usr/lib', type: 'symlink', linkname: '/lib' } as const;
    const stack = await stackOf(layerOf(status, links));
    const reads: string[] = [];
    const files = {
      read: (_: number, { path: at }: { readonly path: string }) => {
        reads.push(at);
        return Promise.resolve(streamOf(Buffer.from('P:a\nV:1\n')));
      },
    };
    const found = await readPackages(files, stack, {}, testIo());
    assert.deepEqual(reads, ['lib/apk/db/installed']);
    assert.equal(found.packages.length, 1);
  });

  it('has nothing to say of an image without packages', async () => {
    assert.deepEqual(await read({ app: 'x', 'var/lib/dpkg/arch': 'amd64' }), {
      packages: [],
      problems: [],
      unreadable: [],
    });
  });

  const unreadable: readonly (readonly [string, LayerFiles, RegExp])[] = [
    [
      'a database of older rpm',
      { 'var/lib/rpm/Packages': 'x' },
      /\/var\/lib\/rpm\/Packages lists are not known: .*rpm 4\.16/,
    ],
    ["one in rpm's own format", { 'usr/lib/sysimage/rpm/Packages.db': 'x' }, /rpm 4\.16/],
    ['what only has the name of a database', { 'var/lib/rpm/rpmdb.sqlite': 'text' }, /does not begin as SQLite/],
  ];
  for (const [what, files, expected] of unreadable) {
    it(`says that it cannot read ${what}`, async () => {
      const found = await read(files);
      assert.deepEqual([found.packages, found.unreadable], [[], ['rpm']]);
      assert.equal(found.problems.length, 1);
      assert.match(found.problems[0] ?? '', expected);
    });
  }

  it('counts damaged entries in a sentence', async () => {
    const { packages, problems } = await read({ 'lib/apk/db/installed': 'P:a\n\nP:b\nV:1\n\nV:2\n' });
    assert.equal(packages.length, 1);
    assert.deepEqual(problems, ['/lib/apk/db/installed: 2 entries were passed over as damaged.']);
  });

  it('does not read databases of more than 64 MiB or 1,000 files', async () => {
    const large = await stackOf(layerOf({ path: 'var/lib/dpkg/status', size: (64 << 20) + 1 }));
    const control = Array.from({ length: 1001 }, (_, at) => ({ path: `var/lib/dpkg/status.d/p${at}`, size: 1 }));
    const several = await stackOf(layerOf(...control));
    const files = { read: () => Promise.reject(new Error('nothing is to be read')) };
    for (const [stack, expected] of [
      [
        large,
        'The packages that /var/lib/dpkg/status lists are not known: it has 67108865 bytes, more than the 67108864 that are read.',
      ],
      [several, 'The packages that /var/lib/dpkg/status.d lists are not known: it has more than 1000 files.'],
    ] as const) {
      const { problems } = await readPackages(files, stack, {}, testIo());
      assert.deepEqual(problems, [expected]);
    }
  });

  it('leaves out what need not be read', async () => {
    const image = await storedImage(testLayers(path.join(folder, 'cache')), [
      tarOfFiles({ 'var/lib/dpkg/status': dpkg('a') }),
    ]);
    const stack = await image.filesystem({}, testIo());
    assert.deepEqual((await readPackages(image, stack, { skip: () => true }, testIo())).packages, []);
  });
});
