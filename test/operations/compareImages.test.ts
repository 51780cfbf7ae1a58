import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Layers } from '../../src/archive/layers.ts';
import type { LayerSource } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { compareImages, type ImageDifferences } from '../../src/operations/compareImages.ts';
import { ImageFiles } from '../../src/operations/imageFiles.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { rpmDatabaseOf, rpmPackage } from '../support/rpmDatabase.ts';
import { type LayerFiles, storedImage, tarOfFiles } from '../support/storedImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';

const dpkg = (name: string, version = '1'): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`;

const nothing: ImageDifferences = { added: [], removed: [], changed: [], config: [], packages: [], problems: [] };

describe('compareImages', () => {
  let folder: string;
  let layers: Layers;

  beforeEach(async () => {
    folder = await newTempDir();
    layers = testLayers(path.join(folder, 'cache'));
  });

  afterEach(async () => removeTempDir(folder));

  /** What differs, and the bytes that were read for it. */
  async function compare(
    left: readonly (LayerFiles | Buffer)[],
    right: readonly (LayerFiles | Buffer)[],
  ): Promise<ImageDifferences & { readonly bytes: number }> {
    const stored = async (files: readonly (LayerFiles | Buffer)[]) =>
      storedImage(
        layers,
        files.map((layer) => (Buffer.isBuffer(layer) ? layer : tarOfFiles(layer))),
      );
    let bytes = 0;
    const reading = { onBytes: (more: number) => void (bytes += more) };
    return { ...(await compareImages(await stored(left), await stored(right), { reading }, testIo())), bytes };
  }

  it('finds nothing in an image and itself, and reads none of its layers', async () => {
    assert.deepEqual(await compare([{ a: 'x' }, { b: 'y' }], [{ a: 'x' }, { b: 'y' }]), { ...nothing, bytes: 0 });
  });

  it('compares files by their content where layers are cut otherwise, and reads each layer once', async () => {
    const shared = { 'etc/a': 'a', 'etc/b': 'b' };
    const left = [shared, { 'app/x': 'one', 'app/y': 'y' }];
    const found = await compare(left, [shared, { 'app/x': 'two' }, { 'app/y': 'y', 'app/z': 'zz' }]);
    assert.deepEqual(found.added, [{ path: '/app/z', type: 'file', size: 2 }]);
    assert.deepEqual(found.removed, []);
    assert.deepEqual(
      found.changed.map(({ path: at, differences, before, after }) => [at, differences, before.layer, after.layer]),
      [['/app/x', ['content'], 1, 1]],
    );
    // Tars of two, two, one and two files: 1,024 bytes a file and 1,024 at the end; the first layer once.
    assert.equal(found.bytes, 3072 + 3072 + 2048 + 3072);
    assert.deepEqual(found.problems, []);
  });

  it('reads sparse files, whose digests nobody notes', async function () {
    needs(this, 'tar');
    const sparse = (byte: string, more: LayerFiles): Buffer => {
      const file = path.join(folder, 'sparse');
      writeFileSync(file, 'start');
      truncateSync(file, 1 << 20);
      appendFileSync(file, byte);
      const tar = execFileSync('tar', ['-cS', '--format=pax', '--mtime=@0', '-C', folder, 'sparse'], {
        maxBuffer: 1 << 24,
      });
      return Buffer.concat([tarOfFiles(more).subarray(0, -1024), tar]);
    };
    const left = sparse('x', { a: '1' });
    assert.ok(left.length < 100_000, 'tar stores the holes');
    assert.deepEqual((await compare([left], [sparse('x', { b: '1' })])).changed, []);
    const { changed } = await compare([left], [sparse('y', {})]);
    assert.deepEqual(
      changed.map(({ path: at, differences }) => [at, differences]),
      [['/sparse', ['content']]],
    );
  });

  it('compares an image without layers', async () => {
    const found = await compare([], [{ a: 'x' }]);
    assert.deepEqual(found.added, [{ path: '/a', type: 'file', size: 1 }]);
  });

  it('compares configs', async () => {
    const tar = tarOfFiles({ a: 'x' });
    const left = await storedImage(layers, [tar], { config: { Env: ['A=1'] } });
    const right = await storedImage(layers, [tar], { config: { Env: ['A=2'] }, architecture: 'arm64' });
    assert.deepEqual(await compareImages(left, right, {}, testIo()), {
      ...nothing,
      config: [
        { name: 'Env.A', before: '1', after: '2' },
        { name: 'architecture', before: 'amd64', after: 'arm64' },
      ],
    });
  });

  it('compares packages of every manager', async function () {
    needs(this, 'python3');
    const rpm = rpmDatabaseOf(folder, [rpmPackage('bash', '5', '1')]);
    const left = { 'var/lib/dpkg/status': dpkg('a') + dpkg('b'), 'lib/apk/db/installed': 'P:musl\nV:1\n' };
    const right = { 'var/lib/dpkg/status': dpkg('a', '2') + dpkg('b'), 'var/lib/rpm/rpmdb.sqlite': rpm };
    const { packages, problems } = await compare([left], [right]);
    assert.deepEqual(packages, [
      { name: 'musl', manager: 'apk', before: '1', after: null },
      { name: 'a', manager: 'dpkg', before: '1', after: '2' },
      { name: 'bash', manager: 'rpm', before: null, after: '5-1' },
    ]);
    assert.deepEqual(problems, []);
  });

  it('compares the packages of distroless images, each in a file of its own', async () => {
    const control = (name: string, version: string): string => `Package: ${name}\nVersion: ${version}\n`;
    const at = 'var/lib/dpkg/status.d';
    const left = { [`${at}/base`]: control('base', '1'), [`${at}/zone`]: control('zone', '1') };
    const right = { [`${at}/base`]: control('base', '1'), [`${at}/zone`]: control('zone', '2') };
    assert.deepEqual((await compare([left], [right])).packages, [
      { name: 'zone', manager: 'dpkg', before: '1', after: '2' },
    ]);
  });

  it('does not take packages for gone that it cannot read', async () => {
    const left = { 'var/lib/rpm/rpmdb.sqlite': 'damaged', 'lib/apk/db/installed': 'P:a\nV:1\n' };
    const { packages, problems } = await compare([left], [{ 'lib/apk/db/installed': 'P:a\nV:2\n' }]);
    assert.deepEqual(packages, [{ name: 'a', manager: 'apk', before: '1', after: '2' }]);
    assert.deepEqual(problems, [
      'Left image: The packages that /var/lib/rpm/rpmdb.sqlite lists are not known: ' +
        'it does not begin as SQLite databases do.',
    ]);
  });

  it('does not read a database that is the same in both images, even one that it could not', async () => {
    const same = { 'var/lib/rpm/Packages': 'older' };
    const found = await compare([same], [{ ...same, more: 'x' }]);
    assert.deepEqual([found.packages, found.problems], [[], []]);
  });

  it('says which image is damaged, and shows what can be read', async () => {
    const whole = tarOfFiles({ a: 'x', b: 'y' });
    const damaged = whole.subarray(0, 1100);
    const one = await compare([damaged], [whole]);
    assert.deepEqual(
      one.added.map(({ path: at }) => at),
      ['/b'],
    );
    assert.match(
      one.problems.join(),
      /^Left image: Layer #1: it could not be read to its end, so files may be missing/,
    );
    const both = await compare([damaged], [damaged, { c: 'z' }]);
    assert.equal(both.problems.length, 1);
    assert.match(both.problems.join(), /^Both images: Layer #1: /);
  });

  it('ends with the reason of the signal', async () => {
    const [left, right] = [await storedImage(layers, [tarOfFiles({ a: '1' })]), await storedImage(layers, [])];
    const signal = AbortSignal.abort(new Error('stop'));
    await assert.rejects(compareImages(left, right, {}, { signal }), /stop/);
  });

  it('says which image has a layer that is no tar', async () => {
    const noTar = Buffer.concat([Buffer.from('not a tar'), Buffer.alloc(2000, 7)]);
    assert.match((await compare([{ a: '1' }], [noTar])).problems.join(), /^Right image: Layer #1: /);
  });

  it('ends with the first failure of either image, and does not wait for the other', async () => {
    const { descriptor, manifest, config } = await storedImage(layers, [tarOfFiles({ a: '1' })]);
    const other = await storedImage(layers, [tarOfFiles({ a: '2' })]);
    const waiting: LayerSource = {
      fetch: async (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    };
    const gone: LayerSource = { fetch: () => Promise.reject(new OciError('unavailable', 'gone')) };
    const left = new ImageFiles(waiting, { descriptor, manifest, config }, layers);
    const right = new ImageFiles(gone, other, layers);
    await assert.rejects(compareImages(left, right, {}, testIo()), { code: 'unavailable' });
  });
});
