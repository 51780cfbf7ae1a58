import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { packLayer } from '../../src/archive/pack.ts';
import { Spool } from '../../src/archive/spool.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { bytesOf, entriesOf, packedEntries, pythonEntries, withLayer } from '../support/layerTools.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';

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

  it('unpacks with gzip, whole and without a warning', async function () {
    needs(this, 'gzip');
    write('tree/big', Buffer.concat([seededBytes(5, 2_500_000), Buffer.alloc(2_500_000)]));
    await withLayer([{ from: path.join(folder, 'tree'), to: '/app' }], { compression: 'gzip' }, async (layer) => {
      const tested = spawnSync('gzip', ['-tv'], { input: await bytesOf(await layer.open()) });
      assert.equal(tested.status, 0, tested.stderr.toString());
    });
  });
});
