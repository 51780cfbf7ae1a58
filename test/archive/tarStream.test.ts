import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tarStream } from '../../src/archive/tarStream.ts';
import { walk } from '../../src/archive/walk.ts';
import { testIo } from '../support/io.ts';
import { bytesOf } from '../support/layerTools.ts';
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
        const { entries } = await walk([{ from: file, to: '/app/file' }], testIo());
        change();
        await assert.rejects(bytesOf(tarStream(entries, 0, testIo())), (error) => {
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
    const { entries } = await walk([{ from: file, to: '/app/file' }], testIo());
    let seen = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of tarStream(entries, 0, testIo())) {
        if (seen === 0) fs.appendFileSync(file, 'x');
        seen += chunk.length;
      }
    };
    await assert.rejects(read(), { code: 'content-mismatch' });
    assert.ok(seen > 0);
  });

  it('284: refuses a file that has more than it says, as those of /proc do', async function () {
    if (!fs.existsSync('/proc/version')) return this.skip();
    const { entries } = await walk([{ from: '/proc/version', to: '/version' }], testIo());
    await assert.rejects(bytesOf(tarStream(entries, 0, testIo())), { code: 'content-mismatch' });
  });

  it('closes what it opened when nobody reads on', async function () {
    if (!fs.existsSync('/proc/self/fd')) return this.skip();
    for (let at = 0; at < 40; at++) fs.writeFileSync(path.join(folder, String(at)), seededBytes(at, 300_000));
    const { entries } = await walk([{ from: folder, to: '/app' }], testIo());
    for await (const chunk of tarStream(entries, 0, testIo())) if (chunk.length > 1000) break;
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
