import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
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
    await assert.rejects(walk([{ from: tree, to: '/app' }], { signal }), {
      code: 'content-mismatch',
      message: /tree\/sub": it was replaced by a link while it was being listed/,
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
    await assert.rejects(walk([{ from: folder, to: '/app' }], testIo()), {
      code: 'invalid-reference',
      message:
        /^these 2 cannot be put into a layer: .*link": the target of the link is not UTF-8|f\\ufffdg": its name is not UTF-8/,
    });
  });

  it('286: names what may not be read', async function () {
    if (process.getuid?.() === 0) return this.skip();
    fs.mkdirSync(path.join(folder, 'closed'), { mode: 0 });
    await assert.rejects(walk([{ from: folder, to: '/app' }], testIo()), {
      code: 'forbidden',
      message: `this cannot be put into a layer: "${folder}/closed": it cannot be read. Leave out or change what is named, then try again.`,
    });
  });

  it('286: takes a path as long as the system allows', async () => {
    const deep = Array.from({ length: 18 }, () => 'd'.repeat(200));
    fs.mkdirSync(path.join(folder, ...deep), { recursive: true });
    const { entries } = await walk([{ from: folder, to: '/a' }], testIo());
    assert.equal(entries.at(-1)?.path, `a/${deep.join('/')}`);
    await assert.rejects(walk([{ from: folder, to: `/${'e'.repeat(800)}` }], testIo()), {
      code: 'invalid-reference',
      message: /its path is too long/,
    });
  });

  it('names at most ten and counts the rest', async () => {
    for (let at = 0; at < 25; at++) fs.writeFileSync(path.join(folder, `.wh.${at}`), '');
    await assert.rejects(walk([{ from: folder, to: '/app' }], testIo()), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /^these 25 cannot be put into a layer: /);
      assert.match(error.message, / And 15 more\. Leave out/);
      assert.equal(error.message.match(/"\/[^"]*\.wh\./g)?.length, 10);
      return true;
    });
  });

  it('says which file is not there', async () => {
    await assert.rejects(walk([{ from: path.join(folder, 'nowhere'), to: '/x' }], testIo()), {
      code: 'not-found',
      message: `cannot read "${folder}/nowhere": there is no such file or folder.`,
    });
  });

  it('refuses a file in the place of the root', async () => {
    fs.writeFileSync(path.join(folder, 'x'), '');
    fs.symlinkSync('x', path.join(folder, 'link'));
    await assert.rejects(walk([{ from: path.join(folder, 'x'), to: '/.' }], testIo()), { code: 'invalid-reference' });
  });

  it('stops when it is cancelled', async () => {
    const reason = new Error('enough');
    await assert.rejects(walk([{ from: folder, to: '/app' }], { signal: AbortSignal.abort(reason) }), reason);
  });
});
