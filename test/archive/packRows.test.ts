import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { digestOf } from '../../src/oci/digest.ts';
import { bytesOf, entriesOf, packedEntries, pythonEntries, withLayer } from '../support/layerTools.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

let folder = '';

function write(name: string, content: string | Uint8Array = name, mode = 0o644): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  fs.chmodSync(file, mode);
  return file;
}

const names = (entries: readonly { readonly name: string }[]): readonly string[] => entries.map(({ name }) => name);

describe('packLayer', () => {
  beforeEach(async () => void (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  // Modes, links and odd names are those of a POSIX system.
  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  it('214: refuses names that mean a deletion in a layer, naming the file', async () => {
    const file = write('tree/sub/.wh.keep');
    await assert.rejects(packedEntries([{ from: path.join(folder, 'tree'), to: '/app' }]), {
      code: 'invalid-reference',
      message: `this cannot be put into a layer: "${file}": names with .wh. mean a deletion in a layer. Leave out or change what is named, then try again.`,
    });
  });

  it('273: gives the same digest in every time zone and with every umask', () => {
    write('tree/file', 'content');
    const script = path.join(import.meta.dirname, '../support/packDigest.ts');
    const digests = ['UTC', 'Asia/Kathmandu', 'America/St_Johns'].flatMap((zone) =>
      ['022', '077'].map((umask) =>
        execFileSync(process.execPath, [script, path.join(folder, 'tree'), '/app', umask], {
          env: { ...process.env, TZ: zone },
        }).toString(),
      ),
    );
    assert.deepEqual(new Set(digests), new Set([digests[0]]));
    assert.match(digests[0] ?? '', /^sha256:[0-9a-f]{64}$/);
  });

  it('277: stores links as links, never what they point to, and lists those that leave the folder', async () => {
    write('secret', 'PRIVATE');
    write('tree/sub/file', 'public');
    const link = (name: string, target: string): void => fs.symlinkSync(target, path.join(folder, 'tree', name));
    link('out', '../secret');
    link('absolute', path.join(folder, 'secret'));
    link('folder', '..');
    link('inside', 'sub/file');
    link('sub/up', '../inside');
    link('broken', 'nowhere');
    await withLayer([{ from: path.join(folder, 'tree'), to: '/app' }], { compression: 'none' }, async (layer) => {
      const tar = await bytesOf(await layer.open());
      assert.deepEqual(
        (await entriesOf(tar)).filter(({ type }) => type === 'symlink').map(({ name, link: to }) => `${name} ${to}`),
        [
          `app/absolute ${folder}/secret`,
          'app/broken nowhere',
          'app/folder ..',
          'app/inside sub/file',
          'app/out ../secret',
          'app/sub/up ../inside',
        ],
      );
      assert.deepEqual(layer.leaving.toSorted(), ['/app/absolute', '/app/folder', '/app/out']);
      assert.equal(tar.includes('PRIVATE'), false);
    });
  });

  it('278: follows a link that is itself named, to a file and to a folder', async () => {
    write('real/file', 'x');
    fs.symlinkSync('real', path.join(folder, 'alias'));
    fs.symlinkSync('real/file', path.join(folder, 'other'));
    const entries = await packedEntries([
      { from: path.join(folder, 'alias'), to: '/app' },
      { from: path.join(folder, 'other'), to: '/etc/' },
    ]);
    assert.deepEqual(
      entries.map(({ name, type }) => `${type} ${name}`),
      ['directory app', 'file app/file', 'file etc/other'],
    );
  });

  it('283: gives again what was packed, whatever has become of the file', async () => {
    const file = write('file', 'first');
    await withLayer([{ from: file, to: '/x' }], { compression: 'gzip' }, async (layer) => {
      fs.writeFileSync(file, 'later');
      assert.equal(digestOf(await bytesOf(await layer.open())), layer.digest);
    });
  });

  it('285: stores a file with several names once', async () => {
    const first = write('tree/b', seededBytes(4, 100_000));
    fs.linkSync(first, path.join(folder, 'tree/a'));
    fs.linkSync(first, path.join(folder, 'tree/c'));
    fs.linkSync(first, path.join(folder, 'elsewhere'));
    await withLayer([{ from: path.join(folder, 'tree'), to: '/app' }], { compression: 'none' }, async (layer) => {
      const listed = pythonEntries(await bytesOf(await layer.open())) as readonly (readonly unknown[])[];
      assert.deepEqual(
        listed.map(([name, type, , , , , , link]) => [name, type, link]),
        [
          ['app', '5', ''],
          ['app/a', '0', ''],
          ['app/b', '1', 'app/a'],
          ['app/c', '1', 'app/a'],
        ],
      );
      assert.ok(layer.size < 110_000);
    });
    const once = await packedEntries([{ from: path.join(folder, 'elsewhere'), to: '/x' }]);
    assert.deepEqual(
      once.map(({ type }) => type),
      ['file'],
    );
  });

  it('286: takes case twins and names as they are', async function () {
    write('tree/Readme');
    write('tree/README');
    if (fs.readdirSync(path.join(folder, 'tree')).length < 2) this.skip();
    assert.deepEqual(names(await packedEntries([{ from: path.join(folder, 'tree'), to: '/a' }])), [
      'a',
      'a/README',
      'a/Readme',
    ]);
  });

  it('287: gives the same digest for the same files in whatever order, with whatever times', async function () {
    this.timeout(60_000);
    const name = fc.stringMatching(/^[a-zA-Z0-9._-]{1,12}$/).filter((text) => !/^\.+$|^\.wh\./.test(text));
    const tree = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 3000 }), fc.boolean()), {
      selector: ([text]) => text.toLowerCase(),
      maxLength: 12,
    });
    let run = 0;
    const property = fc.asyncProperty(tree, fc.infiniteStream(fc.nat(1_000_000_000)), async (files, numbers) => {
      const draw = (): number => Number(numbers.next().value);
      const digests = [];
      for (const order of [files, files.toReversed(), files.toSorted(() => (draw() % 2) - 0.5)]) {
        const at = `run${run++}`;
        fs.mkdirSync(path.join(folder, at));
        for (const [file, content, executable] of order) {
          const written = write(`${at}/${file}`, content, executable ? 0o700 : 0o600);
          fs.utimesSync(written, draw(), draw());
        }
        const from = path.join(folder, at);
        digests.push(await withLayer([{ from, to: '/app' }], { compression: 'gzip' }, async ({ digest }) => digest));
      }
      assert.equal(new Set(digests).size, 1);
    });
    await fc.assert(property, { numRuns: 60, seed: 20_261_408 });
  });

  it('289: takes Windows spellings in the image for what they are on Linux, and refuses what is not absolute there', async () => {
    const file = write('x');
    for (const to of ['C:\\app\\x', 'app/x', '\\app', '', './x', 'C:/x']) {
      await assert.rejects(packedEntries([{ from: file, to }]), { code: 'invalid-reference' }, to);
    }
    assert.deepEqual(names(await packedEntries([{ from: file, to: '/srv/a\\b' }])), ['srv/a\\b']);
  });
});
