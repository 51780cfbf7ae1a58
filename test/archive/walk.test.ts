import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { arrange } from '../../src/archive/arrange.ts';
import { walk } from '../../src/archive/walk.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

let folder = '';

describe('walk', () => {
  beforeEach(async () => void (folder = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(folder));

  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  it('278: does not list what a folder was replaced by after it was seen', async () => {
    const [tree, outside] = [path.join(folder, 'tree'), path.join(folder, 'outside')];
    fs.mkdirSync(path.join(tree, 'sub'), { recursive: true });
    fs.mkdirSync(outside);
    fs.writeFileSync(path.join(outside, 'secret'), 'x');
    const { signal } = new AbortController();
    let swapped = false;
    signal.throwIfAborted = () => {
      if (swapped || fs.lstatSync(path.join(tree, 'sub')).isSymbolicLink()) return;
      if (++looks < 2) return;
      swapped = true;
      fs.rmdirSync(path.join(tree, 'sub'));
      fs.symlinkSync(outside, path.join(tree, 'sub'));
    };
    let looks = 0;
    await assert.rejects(walk([{ from: tree, to: '/app' }], {}, { signal }), {
      code: 'content-mismatch',
      message: /tree\/sub": it was replaced meanwhile/,
    });
    assert.equal(swapped, true);
  });

  it('284: refuses FIFOs, sockets and devices before opening them, naming each', async () => {
    execFileSync('mkfifo', [path.join(folder, 'fifo')]);
    const server = net.createServer().listen(path.join(folder, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      await assert.rejects(
        walk(
          [
            { from: folder, to: '/app' },
            { from: '/dev/null', to: '/null' },
          ],
          {},
          testIo(),
        ),
        (error) => {
          assert.ok(error instanceof Error && 'code' in error);
          assert.equal(error.code, 'unsupported-media-type');
          assert.match(error.message, /^these 3 cannot be put into a layer: /);
          for (const part of [
            `"${folder}/fifo": it is a FIFO`,
            `"${folder}/socket": it is a socket`,
            '"/dev/null": it is a device',
          ]) {
            assert.ok(error.message.includes(part), part);
          }
          return true;
        },
      );
    } finally {
      server.close();
    }
  });

  it('286: names files and links whose names are not UTF-8', async function () {
    if (process.platform !== 'linux') this.skip();
    const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff, 0x67])]);
    fs.writeFileSync(odd, 'x');
    fs.symlinkSync(Buffer.from([0xfe]), path.join(folder, 'link'));
    await assert.rejects(walk([{ from: folder, to: '/app' }], {}, testIo()), {
      code: 'invalid-reference',
      message:
        /^these 2 cannot be put into a layer: (?=.*link": the target of the link is not UTF-8)(?=.*f\\ufffdg": its name is not UTF-8)/,
    });
  });

  it('286: names what may not be read', async function () {
    if (process.getuid?.() === 0) return this.skip();
    fs.mkdirSync(path.join(folder, 'closed'), { mode: 0 });
    await assert.rejects(walk([{ from: folder, to: '/app' }], {}, testIo()), {
      code: 'forbidden',
      message: `this cannot be put into a layer: "${folder}/closed": it cannot be read. Leave out or change what is named, then try again.`,
    });
  });

  it('286: takes a path as long as the system allows', async () => {
    const deep = Array.from({ length: 18 }, () => 'd'.repeat(200));
    fs.mkdirSync(path.join(folder, ...deep), { recursive: true });
    const { entries } = await walk([{ from: folder, to: '/a' }], {}, testIo());
    assert.equal(entries.at(-1)?.path, `a/${deep.join('/')}`);
    await assert.rejects(walk([{ from: folder, to: `/${'e'.repeat(800)}` }], {}, testIo()), {
      code: 'invalid-reference',
      message: /its path is too long/,
    });
  });

  it('286: does not mind names that no layer can hold where they are left out', async () => {
    fs.mkdirSync(path.join(folder, 'out', '.wh.x'), { recursive: true });
    fs.writeFileSync(path.join(folder, '.wh.y'), '');
    fs.writeFileSync(path.join(folder, 'a'), '');
    const filter = { keeps: (name: string) => name === 'a', enters: () => true };
    const { entries } = await walk([{ from: folder, to: '/app', filter }], {}, testIo());
    assert.deepEqual(
      entries.map((entry) => entry.path),
      ['app', 'app/a'],
    );
  });

  it('214: refuses what is in a folder whose name means a deletion, also where the folder itself is left out', async () => {
    fs.mkdirSync(path.join(folder, 'out', '.wh.x'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'out', '.wh.x', 'a'), '');
    const filter = { keeps: (name: string) => name.endsWith('/a'), enters: () => true };
    await assert.rejects(walk([{ from: folder, to: '/app', filter }], {}, testIo()), {
      code: 'invalid-reference',
      message: /x\/a": names with \.wh\. mean a deletion/,
    });
  });

  it('285: refuses a file of 100 GB that holds nothing, saying its size and how to leave it out', async function () {
    fs.writeFileSync(path.join(folder, 'small'), 'x');
    try {
      fs.closeSync(fs.openSync(path.join(folder, 'disk.img'), 'w'));
      fs.truncateSync(path.join(folder, 'disk.img'), 100 * 2 ** 30);
    } catch {
      // A disk that cannot hold such a file cannot give it either.
      return this.skip();
    }
    await assert.rejects(walk([{ from: folder, to: '/app' }], {}, testIo()), {
      code: 'too-large',
      message: `this cannot be put into a layer: "${folder}/disk.img": it has 100 GiB, a layer may have 64 GiB. Leave it out, such as by a line in .dockerignore. Leave out or change what is named, then try again.`,
    });
    const filter = { keeps: (name: string) => name !== 'disk.img', enters: () => false };
    const { entries } = await walk([{ from: folder, to: '/app', filter }], {}, testIo());
    assert.equal(entries.length, 2);
  });

  it('285: takes thousands of names of one file, and the names of two files apart', async () => {
    for (const file of ['one', 'two']) {
      fs.writeFileSync(path.join(folder, file), file);
      for (let at = 0; at < 2000; at++) fs.linkSync(path.join(folder, file), path.join(folder, `${file}-${at}`));
    }
    const { entries } = await walk([{ from: folder, to: '/app' }], {}, testIo());
    const arranged = await arrange(entries, 'base', testIo());
    assert.deepEqual(
      arranged.filter(({ kind }) => kind === 'file').map((entry) => entry.path),
      ['app/one', 'app/two'],
    );
    const targets = arranged.flatMap((entry) => (entry.kind === 'link' ? [entry] : []));
    assert.equal(targets.length, 4000);
    for (const { path: name, target } of targets) assert.equal(name.startsWith(target), true, `${name} ${target}`);
  });

  it('289: on Windows a file can be run where it starts as a program or script does', async () => {
    const files: Readonly<Record<string, string>> = {
      'app.sh': '#!/bin/sh\n',
      elf: '\x7fELF\x02\x01',
      text: 'plain',
      empty: '',
      'short-elf': '\x7fEL',
      hash: '#',
      'windows.exe': 'MZ',
    };
    for (const [name, content] of Object.entries(files)) {
      fs.writeFileSync(path.join(folder, name), content, { mode: name === 'text' ? 0o755 : 0o644 });
    }
    const modes = async (platform: NodeJS.Platform): Promise<Readonly<Record<string, string>>> => {
      const { entries } = await walk([{ from: folder, to: '/' }], { platform }, testIo());
      return Object.fromEntries(entries.map((entry) => [entry.path, entry.mode.toString(8)]));
    };
    const none = Object.fromEntries(Object.keys(files).map((name) => [name, '644']));
    assert.deepEqual(await modes('win32'), { ...none, 'app.sh': '755', elf: '755' });
    assert.deepEqual(await modes('linux'), { ...none, text: '755' });
    const named = await walk([{ from: path.join(folder, 'text'), to: '/t' }], { platform: 'win32' }, testIo());
    assert.deepEqual(
      named.entries.map(({ mode }) => mode),
      [0o644],
    );
    const given = await walk(
      [{ from: path.join(folder, 'text'), to: '/t', mode: 0o500 }],
      { platform: 'win32' },
      testIo(),
    );
    assert.deepEqual(
      given.entries.map(({ mode }) => mode),
      [0o500],
    );
  });

  it('290: takes names of macOS as they are, decomposed ones apart from composed ones', async function () {
    fs.writeFileSync(path.join(folder, 'e\u0301'), 'decomposed');
    fs.writeFileSync(path.join(folder, '\u00e9'), 'composed');
    if (fs.readdirSync(folder).length < 2) this.skip();
    const { entries } = await walk([{ from: folder, to: '/' }], {}, testIo());
    assert.deepEqual(entries.map((entry) => entry.path).sort(), ['e\u0301', '\u00e9']);
  });

  it('gives folders the mode they are to have', async () => {
    fs.mkdirSync(path.join(folder, 'sub'));
    const { entries } = await walk([{ from: folder, to: '/app', directoryMode: 0o700 }], {}, testIo());
    assert.deepEqual(
      entries.map(({ mode }) => mode),
      [0o700, 0o700],
    );
  });

  it('lists neither what is left out nor the folders above it', async () => {
    for (const name of ['a/b/keep', 'a/b/drop', 'c/d/drop', 'e']) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), '');
    }
    const filter = { keeps: (name: string) => name.endsWith('keep') || name === 'e', enters: () => true };
    const { entries } = await walk([{ from: folder, to: '/app', filter }], {}, testIo());
    assert.deepEqual(entries.map((entry) => entry.path).sort(), ['app', 'app/a/b/keep', 'app/e']);
    const entered: string[] = [];
    const closed = { ...filter, enters: (name: string) => entered.push(name) < 0 };
    await walk([{ from: folder, to: '/app', filter: closed }], {}, testIo());
    assert.deepEqual(entered.sort(), ['a', 'c']);
  });

  it('leaves others their turn while it lists ten thousand files', async function () {
    this.timeout(30_000);
    for (let at = 0; at < 10_000; at++) {
      if (at % 500 === 0) fs.mkdirSync(path.join(folder, `d${at / 500}`));
      fs.writeFileSync(path.join(folder, `d${Math.floor(at / 500)}`, `f${at}`), '');
    }
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const { entries } = await walk([{ from: folder, to: '/app' }], {}, testIo(30_000));
    await arrange(entries, 'base', testIo());
    delay.disable();
    assert.equal(entries.length, 10_021);
    assert.ok(delay.percentile(90) / 1e6 < 100, `${delay.percentile(90) / 1e6} ms`);
  });

  it('names at most ten and counts the rest', async () => {
    for (let at = 0; at < 25; at++) fs.writeFileSync(path.join(folder, `.wh.${at}`), '');
    await assert.rejects(walk([{ from: folder, to: '/app' }], {}, testIo()), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /^these 25 cannot be put into a layer: /);
      assert.match(error.message, / And 15 more\. Leave out/);
      assert.equal(error.message.match(/"\/[^"]*\.wh\./g)?.length, 10);
      return true;
    });
  });

  it('says which file is not there', async () => {
    await assert.rejects(walk([{ from: path.join(folder, 'nowhere'), to: '/x' }], {}, testIo()), {
      code: 'not-found',
      message: `cannot read "${folder}/nowhere": there is no such file or folder.`,
    });
  });

  it('refuses a file in the place of the root', async () => {
    fs.writeFileSync(path.join(folder, 'x'), '');
    fs.symlinkSync('x', path.join(folder, 'link'));
    await assert.rejects(walk([{ from: path.join(folder, 'x'), to: '/.' }], {}, testIo()), {
      code: 'invalid-reference',
    });
  });

  it('stops when it is cancelled', async () => {
    const reason = new Error('enough');
    await assert.rejects(walk([{ from: folder, to: '/app' }], {}, { signal: AbortSignal.abort(reason) }), reason);
  });
});
