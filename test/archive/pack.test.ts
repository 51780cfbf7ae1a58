import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { packLayer } from '../../src/archive/pack.ts';
import { Spool } from '../../src/archive/spool.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { bytesOf, entriesOf, packedEntries, pythonEntries, withLayer } from '../support/layerTools.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';

let folder = '';
beforeEach(async () => void (folder = await newTempDir()));
afterEach(() => removeTempDir(folder));

function write(name: string, content: string | Uint8Array = name, mode = 0o644): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  fs.chmodSync(file, mode);
  return file;
}

const names = (entries: readonly { readonly name: string }[]): readonly string[] => entries.map(({ name }) => name);

describe('packLayer', () => {
  it('stores files and folders sorted, with fixed owner, time and modes', async () => {
    write('tree/b.txt', 'b', 0o600);
    write('tree/run', '#!/bin/sh\n', 0o4755);
    write('tree/a/deep', 'deep', 0o640);
    fs.mkdirSync(path.join(folder, 'tree/empty'), { mode: 0o700 });
    const entries = await packedEntries([{ from: path.join(folder, 'tree'), to: '/srv/app' }]);
    const common = { owner: '0:0', mtime: 0, link: '' };
    assert.deepEqual(entries, [
      { name: 'srv/app', type: 'directory', mode: '755', content: '', ...common },
      { name: 'srv/app/a', type: 'directory', mode: '755', content: '', ...common },
      { name: 'srv/app/a/deep', type: 'file', mode: '644', content: 'deep', ...common },
      { name: 'srv/app/b.txt', type: 'file', mode: '644', content: 'b', ...common },
      { name: 'srv/app/empty', type: 'directory', mode: '755', content: '', ...common },
      { name: 'srv/app/run', type: 'file', mode: '755', content: '#!/bin/sh\n', ...common },
    ]);
  });

  it('gives mode and owner as asked, also numbers that do not fit a ustar header', async () => {
    const file = write('tool', 'x');
    const files = [
      { from: file, to: '/app/tool', mode: 0o4550, uid: 65532, gid: 65533 },
      { from: file, to: '/app/none', mode: 0 },
      { from: file, to: '/app/large', uid: 4_294_967_294, gid: 300_000 },
    ];
    await withLayer(files, { compression: 'none', epoch: 1_700_000_000 }, async (layer) => {
      const listed = pythonEntries(await bytesOf(await layer.open()));
      assert.deepEqual(listed, [
        ['app', '5', '755', 0, 0, '', 1_700_000_000, '', '', []],
        ['app/large', '0', '644', 4_294_967_294, 300_000, '', 1_700_000_000, '', '2d711642', ['gid', 'path', 'uid']],
        ['app/none', '0', '0', 0, 0, '', 1_700_000_000, '', '2d711642', []],
        ['app/tool', '0', '4550', 65532, 65533, '', 1_700_000_000, '', '2d711642', []],
      ]);
      assert.equal(layer.entries, 4);
    });
  });

  it('puts a file into a folder where the path in the image ends in a slash', async () => {
    const file = write('tool');
    assert.deepEqual(names(await packedEntries([{ from: file, to: '/opt/tools/' }])), ['opt/tools', 'opt/tools/tool']);
    assert.deepEqual(names(await packedEntries([{ from: file, to: '/' }])), ['tool']);
  });

  it('leaves folders alone that images have, so that /bin stays a link and /tmp open to all', async () => {
    write('root/bin/tool');
    write('root/tmp/note');
    write('root/usr/local/bin/other');
    write('root/home/node/app/x');
    write('root/var/www/y');
    assert.deepEqual(names(await packedEntries([{ from: path.join(folder, 'root'), to: '/' }])), [
      'bin/tool',
      'home/node/app',
      'home/node/app/x',
      'tmp/note',
      'usr/local/bin/other',
      'var/www',
      'var/www/y',
    ]);
  });

  it('makes every folder on scratch, with /tmp open to all', async () => {
    const file = write('x');
    const files = [
      { from: file, to: '/usr/bin/x' },
      { from: file, to: '/tmp/x' },
    ];
    const entries = await packedEntries(files, { onto: 'scratch' });
    assert.deepEqual(
      entries.map(({ name, mode }) => `${name} ${mode}`),
      ['tmp 1777', 'tmp/x 644', 'usr 755', 'usr/bin 755', 'usr/bin/x 644'],
    );
  });

  it('says digest, diffId and size of what it gives', async () => {
    write('tree/one', seededBytes(1, 3 << 20));
    write('tree/two', 'a'.repeat(500_000));
    for (const compression of ['none', 'gzip', 'zstd'] as const) {
      await withLayer([{ from: path.join(folder, 'tree'), to: '/app' }], { compression }, async (layer) => {
        const bytes = await bytesOf(await layer.open());
        assert.equal(digestOf(bytes), layer.digest);
        assert.equal(bytes.length, layer.size);
        assert.deepEqual(await bytesOf(await layer.open()), bytes);
        const tool = { gzip: 'gzip', zstd: 'zstd', none: 'cat' }[compression];
        const tar = execFileSync(tool, compression === 'none' ? [] : ['-dc'], { input: bytes, maxBuffer: 64 << 20 });
        assert.equal(digestOf(tar), layer.diffId);
        assert.deepEqual(names(await entriesOf(tar)), ['app', 'app/one', 'app/two']);
      });
    }
  });

  it('keeps names that need PAX: long, not ASCII, with a newline', async () => {
    const long = `${'d'.repeat(120)}/${'e'.repeat(120)}/${'f'.repeat(200)}`;
    write(`tree/${long}`, '1');
    write('tree/größe', '2');
    write('tree/new\nline', '3');
    fs.symlinkSync('ü'.repeat(90), path.join(folder, 'tree/link'));
    await withLayer([{ from: path.join(folder, 'tree'), to: '/a' }], { compression: 'none' }, async (layer) => {
      const listed = pythonEntries(await bytesOf(await layer.open())) as readonly (readonly unknown[])[];
      assert.deepEqual(
        listed.map((entry) => [entry[0], entry[7]]),
        [
          ['a', ''],
          [`a/${'d'.repeat(120)}`, ''],
          [`a/${'d'.repeat(120)}/${'e'.repeat(120)}`, ''],
          [`a/${long}`, ''],
          ['a/größe', ''],
          ['a/link', 'ü'.repeat(90)],
          ['a/new\nline', ''],
        ],
      );
    });
  });

  it('is read by GNU tar without a complaint', async () => {
    write('tree/one', 'x'.repeat(70_000));
    fs.symlinkSync('one', path.join(folder, 'tree/link'));
    await withLayer([{ from: path.join(folder, 'tree'), to: '/a' }], { compression: 'gzip' }, async (layer) => {
      const input = await bytesOf(await layer.open());
      const listed = spawnSync('tar', ['--utc', '--full-time', '-tvzf', '-'], { input });
      assert.equal(listed.stderr.toString(), '');
      assert.deepEqual(
        listed.stdout
          .toString()
          .trimEnd()
          .split('\n')
          .map((line) => line.replace(/ +/g, ' ')),
        [
          'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 a/',
          'lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 a/link -> one',
          '-rw-r--r-- 0/0 70000 1970-01-01 00:00:00 a/one',
        ],
      );
    });
  });

  it('reports the bytes it packs', async () => {
    write('big', seededBytes(2, 1_000_000));
    let bytes = 0;
    const options = { compression: 'gzip', onBytes: (more: number) => void (bytes += more) } as const;
    await withLayer([{ from: path.join(folder, 'big'), to: '/srv/big' }], options, async () => undefined);
    assert.equal(bytes, 512 + 1_000_000 + 448 + 1024);
  });

  it('refuses two files for one path, naming both', async () => {
    const [a, b] = [write('a'), write('b')];
    await assert.rejects(
      packedEntries([
        { from: a, to: '/app/x' },
        { from: b, to: '/app//x' },
      ]),
      {
        code: 'invalid-reference',
        message: `two things go to "/app/x": "${a}" and "${b}". Give one of them another place.`,
      },
    );
  });

  it('refuses a file below a file or a link', async () => {
    write('tree/real', 'x');
    fs.symlinkSync('/etc', path.join(folder, 'tree/conf'));
    const tree = { from: path.join(folder, 'tree'), to: '/' };
    const file = path.join(folder, 'tree/real');
    await assert.rejects(packedEntries([tree, { from: file, to: '/conf/x' }]), { code: 'invalid-reference' });
    await assert.rejects(packedEntries([tree, { from: file, to: '/real/x' }]), { code: 'invalid-reference' });
  });

  it('joins folders that go to the same place', async () => {
    write('one/a');
    write('two/b');
    const files = ['one', 'two'].map((name) => ({ from: path.join(folder, name), to: '/app' }));
    assert.deepEqual(names(await packedEntries(files)), ['app', 'app/a', 'app/b']);
  });

  it('refuses a time that no tar can hold', async () => {
    const file = write('x');
    for (const epoch of [-1, 1.5, NaN, 2 ** 31]) {
      await assert.rejects(packedEntries([{ from: file, to: '/x' }], { epoch }), { code: 'invalid-reference' });
    }
  });

  it('stops when it is cancelled, and leaves nothing on disk', async () => {
    write('tree/big', seededBytes(3, 4 << 20));
    const controller = new AbortController();
    const reason = new Error('enough');
    const spool = new Spool(path.join(folder, 'spool'));
    const options = { compression: 'gzip', onBytes: () => controller.abort(reason) } as const;
    const files = [{ from: path.join(folder, 'tree'), to: '/app' }];
    await assert.rejects(packLayer(files, options, spool, { signal: controller.signal }), reason);
    const made = fs.readdirSync(path.join(folder, 'spool'), { recursive: true });
    assert.deepEqual(made.length, 1);
    await spool[Symbol.asyncDispose]();
    assert.deepEqual(fs.readdirSync(path.join(folder, 'spool')), []);
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
      const digests = [];
      for (const order of [files, files.toReversed(), files.toSorted(() => ((numbers.next().value ?? 0) % 2) - 0.5)]) {
        const at = `run${run++}`;
        fs.mkdirSync(path.join(folder, at));
        for (const [file, content, executable] of order) {
          const written = write(`${at}/${file}`, content, executable ? 0o700 : 0o600);
          fs.utimesSync(written, numbers.next().value ?? 0, numbers.next().value ?? 0);
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

  it('unpacks with gzip, whole and without a warning', async function () {
    needs(this, 'gzip');
    write('tree/big', Buffer.concat([seededBytes(5, 2_500_000), Buffer.alloc(2_500_000)]));
    await withLayer([{ from: path.join(folder, 'tree'), to: '/app' }], { compression: 'gzip' }, async (layer) => {
      const tested = spawnSync('gzip', ['-tv'], { input: await bytesOf(await layer.open()) });
      assert.equal(tested.status, 0, tested.stderr.toString());
    });
  });
});
