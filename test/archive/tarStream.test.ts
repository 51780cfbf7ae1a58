import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { arrange } from '../../src/archive/arrange.ts';
import { tarStream } from '../../src/archive/tarStream.ts';
import { walk } from '../../src/archive/walk.ts';
import { testIo } from '../support/io.ts';
import { entriesOf } from '../support/layerTools.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

let folder = '';
let file = '';

/** What happens to a file between the moment it is listed and the moment it is read. */
const changes: readonly { readonly what: string; readonly code: string; readonly change: () => void }[] = [
  { what: 'removed', code: 'not-found', change: () => fs.unlinkSync(file) },
  { what: 'cut short', code: 'content-mismatch', change: () => fs.truncateSync(file, 10) },
  { what: 'longer', code: 'content-mismatch', change: () => fs.appendFileSync(file, 'more') },
  { what: 'written anew with the same size', code: 'content-mismatch', change: rewrite },
  { what: 'replaced by another of the same size and time', code: 'content-mismatch', change: replace },
  {
    what: 'replaced by a link',
    code: 'content-mismatch',
    change: () => replaceBy(() => fs.symlinkSync('/etc/passwd', file)),
  },
  { what: 'replaced by a folder', code: 'content-mismatch', change: () => replaceBy(() => fs.mkdirSync(file)) },
  {
    what: 'replaced by a FIFO',
    code: 'content-mismatch',
    change: () => replaceBy(() => execFileSync('mkfifo', [file])),
  },
];

function rewrite(): void {
  fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size));
  fs.utimesSync(file, 1, 1);
}

function replace(): void {
  const { size, atimeMs, mtimeMs } = fs.statSync(file);
  fs.writeFileSync(`${file}.new`, Buffer.alloc(size));
  fs.utimesSync(`${file}.new`, atimeMs / 1000, mtimeMs / 1000);
  fs.renameSync(`${file}.new`, file);
}

function replaceBy(make: () => unknown): void {
  fs.unlinkSync(file);
  make();
}

/** Copies: the memory of a piece is used again when the next is asked for. */
async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

async function* streamOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

describe('tarStream', () => {
  beforeEach(async () => {
    folder = fs.realpathSync(await newTempDir());
    file = path.join(folder, 'file');
  });
  afterEach(() => removeTempDir(folder));

  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  for (const size of [1000, 600_000]) {
    for (const { what, code, change } of changes) {
      it(`282: names a file of ${size} bytes that was ${what} after it was listed`, async () => {
        fs.writeFileSync(file, seededBytes(1, size));
        fs.utimesSync(file, 1_000_000, 1_000_000);
        const { entries } = await walk([{ from: file, to: '/app/file' }], {}, testIo());
        change();
        await assert.rejects(bytesOf(tarStream(entries, { epoch: 0 }, testIo())), (error) => {
          assert.ok(error instanceof Error && 'code' in error);
          assert.ok(error.message.includes(JSON.stringify(file)), error.message);
          assert.equal(error.code, code);
          return true;
        });
      });
    }
  }

  it('282: notices a change while the file is being read', async () => {
    fs.writeFileSync(file, seededBytes(1, 2_000_000));
    const { entries } = await walk([{ from: file, to: '/app/file' }], {}, testIo());
    let seen = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of tarStream(entries, { epoch: 0 }, testIo())) {
        if (seen === 0) fs.appendFileSync(file, 'x');
        seen += chunk.length;
      }
    };
    await assert.rejects(read(), { code: 'content-mismatch' });
    assert.ok(seen > 0);
  });

  it('284: refuses a file that has more than it says, as those of /proc do', async function () {
    if (!fs.existsSync('/proc/version')) return this.skip();
    const { entries } = await walk([{ from: '/proc/version', to: '/version' }], {}, testIo());
    await assert.rejects(bytesOf(tarStream(entries, { epoch: 0 }, testIo())), { code: 'content-mismatch' });
  });

  it('282: names a file that may not be read any more', async function () {
    if (process.getuid?.() === 0) return this.skip();
    fs.writeFileSync(file, 'x');
    const { entries } = await walk([{ from: file, to: '/app/file' }], {}, testIo());
    fs.chmodSync(file, 0);
    await assert.rejects(bytesOf(tarStream(entries, { epoch: 0 }, testIo())), { code: 'forbidden' });
  });

  it('278: does not read a file through a link that a folder above it was replaced by', async function () {
    if (process.platform !== 'linux') return this.skip();
    fs.mkdirSync(path.join(folder, 'sub'));
    fs.writeFileSync(path.join(folder, 'sub/file'), 'public');
    const { entries } = await walk([{ from: path.join(folder, 'sub'), to: '/app' }], {}, testIo());
    fs.renameSync(path.join(folder, 'sub'), path.join(folder, 'away'));
    fs.symlinkSync('away', path.join(folder, 'sub'));
    await assert.rejects(bytesOf(tarStream(entries, { epoch: 0 }, testIo())), { code: 'content-mismatch' });
  });

  it('says what it packed of each file, all names of one among them', async () => {
    fs.mkdirSync(path.join(folder, 'sub'));
    fs.writeFileSync(path.join(folder, 'sub/abc'), 'abc');
    fs.writeFileSync(path.join(folder, 'sub/empty'), '');
    fs.linkSync(path.join(folder, 'sub/abc'), path.join(folder, 'sub/other'));
    fs.symlinkSync('abc', path.join(folder, 'sub/symlink'));
    const big = seededBytes(1, 700_000);
    fs.writeFileSync(path.join(folder, 'sub/zbig'), big);
    const made = { size: 2, name: 'made', open: () => streamOf([Buffer.from('h'), Buffer.from('i')]) };
    const listed = await walk(
      [
        { from: path.join(folder, 'sub'), to: '/app' },
        { to: '/app/hi', content: made },
      ],
      {},
      testIo(),
    );
    const files: unknown[] = [];
    const options = { epoch: 0, onFile: (one: unknown) => void files.push(one) };
    const tar = await bytesOf(tarStream(await arrange(listed.entries, 'base', testIo()), options, testIo()));
    const abc = {
      size: 3,
      sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    };
    assert.deepEqual(files, [
      { path: 'app/abc', ...abc },
      {
        path: 'app/empty',
        size: 0,
        sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      },
      {
        path: 'app/hi',
        size: 2,
        sha1: 'c22b5f9178342609428d6f51b2c5af4c0bde6a42',
        sha256: '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4',
      },
      { path: 'app/other', ...abc },
      {
        path: 'app/zbig',
        size: 700_000,
        sha1: createHash('sha1').update(big).digest('hex'),
        sha256: createHash('sha256').update(big).digest('hex'),
      },
    ]);
    const plain = await bytesOf(tarStream(await arrange(listed.entries, 'base', testIo()), { epoch: 0 }, testIo()));
    assert.deepEqual(plain, tar);
  });

  it('282: refuses made content that has not the size it was said to have', async () => {
    for (const size of [1, 3]) {
      const content = { size, name: 'made', open: () => streamOf([Buffer.from('hi')]) };
      const { entries } = await walk([{ to: '/x', content }], {}, testIo());
      await assert.rejects(bytesOf(tarStream(entries, { epoch: 0 }, testIo())), { code: 'content-mismatch' });
    }
  });

  it('packs each of many files with its own bytes, in memory that is used again', async () => {
    const sizes = [0, 1, 511, 512, 513, 50_000, 262_143, 262_144, 262_145, 600_000];
    const contents = new Map<string, Buffer>();
    for (let at = 0; at < 120; at++) {
      const name = `f${String(at).padStart(3, '0')}`;
      const content = seededBytes(at + 1, sizes[at % sizes.length] ?? 0);
      contents.set(`app/${name}`, content);
      fs.writeFileSync(path.join(folder, name), content);
    }
    const { entries } = await walk([{ from: folder, to: '/app' }], {}, testIo());
    const arranged = await arrange(entries, 'base', testIo());
    const places = new Set<ArrayBufferLike>();
    let large = 0;
    const pieces: Buffer[] = [];
    for await (const piece of tarStream(arranged, { epoch: 0 }, testIo())) {
      pieces.push(Buffer.from(piece));
      if (piece.length < 50_000) continue;
      large++;
      places.add(piece.buffer);
    }
    const files = (await entriesOf(Buffer.concat(pieces))).filter(({ type }) => type === 'file');
    assert.deepEqual(
      files.map(({ name }) => name),
      [...contents.keys()],
    );
    for (const { name, content } of files) {
      assert.ok(contents.get(name)?.equals(Buffer.from(content, 'latin1')), name);
    }
    assert.ok(large > 80 && places.size < 25, `${large} pieces in ${places.size} buffers`);
  });

  it('closes what it opened when nobody reads on', async function () {
    if (!fs.existsSync('/proc/self/fd')) return this.skip();
    for (let at = 0; at < 40; at++)
      fs.writeFileSync(path.join(folder, String(at)), seededBytes(at, at % 2 === 0 ? 300_000 : 3000));
    const { entries } = await walk([{ from: folder, to: '/app' }], {}, testIo());
    for await (const chunk of tarStream(entries, { epoch: 0 }, testIo())) if (chunk.length > 1000) break;
    const open = fs.readdirSync('/proc/self/fd').map((fd) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    });
    assert.deepEqual(
      open.filter((name) => name.startsWith(folder)),
      [],
    );
  });
});
