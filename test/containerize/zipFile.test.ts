import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { bytesSource } from '../../src/containerize/byteSource.ts';
import { ZipFile, type ZipMember } from '../../src/containerize/zipFile.ts';
import { withZip, zipContents } from '../../src/containerize/zipOnDisk.ts';
import { isOciError, type OciErrorCode } from '../../src/errors.ts';
import { testIo } from '../support/io.ts';
import { bytesOf } from '../support/layerTools.ts';
import { withTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { jarOf } from './programs.ts';

const run = promisify(execFile);

async function opened(bytes: Uint8Array): Promise<ZipFile> {
  const zip = await ZipFile.open(bytesSource(bytes), testIo());
  assert.ok(zip !== undefined);
  return zip;
}

async function contentOf(bytes: Uint8Array, name: string): Promise<string> {
  const zip = await opened(bytes);
  const member = (await zip.list(testIo())).find((one) => one.name === name);
  assert.ok(member !== undefined);
  return (await bytesOf(zip.open(member, testIo()))).toString();
}

/** Where the entry of the central directory of a file begins. */
function directoryAt(zip: Buffer, name: string): number {
  return zip.lastIndexOf(Buffer.from(name)) - 46;
}

/** The archive with a part of a directory entry written over. */
function changed(name: string, change: (zip: Buffer, at: number) => void): Buffer {
  const zip = jarOf({ [name]: 'hello'.repeat(100) });
  change(zip, directoryAt(zip, name));
  return zip;
}

const refused =
  (code: OciErrorCode) =>
  (error: unknown): boolean =>
    isOciError(error, code);

describe('ZipFile.list', () => {
  it('lists files and folders, sorted, with sizes and sums', async () => {
    const zip = await opened(jarOf({ 'b/': '', 'b/c.txt': 'hello', 'a.txt': '' }));
    const rows = (await zip.list(testIo())).map(({ name, isDirectory, size, crc }) => [name, isDirectory, size, crc]);
    assert.deepEqual(rows, [
      ['a.txt', false, 0, 0],
      ['b', true, 0, 0],
      ['b/c.txt', false, 5, crc32('hello')],
    ]);
  });

  it('takes the last of several files of one name, as Java does', async () => {
    const bytes = jarOf({ 'a.txt': 'old', 'b.txt': 'new' });
    const name = Buffer.from('a.txt');
    name.copy(bytes, directoryAt(bytes, 'b.txt') + 46);
    assert.equal(await contentOf(bytes, 'a.txt'), 'new');
    assert.equal((await (await opened(bytes)).list(testIo())).length, 1);
  });

  for (const name of [
    '../evil',
    'a/../../evil',
    '/etc/passwd',
    'a\\b',
    'C:evil',
    'a\0b',
    './a',
    'a//b',
    '..',
    '/',
    'a/..//',
  ]) {
    it(`refuses an entry named ${JSON.stringify(name)}`, async () => {
      const zip = await opened(jarOf({ [name]: 'x' }));
      await assert.rejects(zip.list(testIo()), refused('corrupt-archive'));
    });
  }

  it('refuses a name that is not UTF-8', async () => {
    const zip = changed('name', (bytes, at) => bytes.writeUInt8(0xff, at + 46));
    await assert.rejects((await opened(zip)).list(testIo()), refused('corrupt-archive'));
  });

  it('refuses an encrypted file', async () => {
    const zip = changed('name', (bytes, at) => bytes.writeUInt16LE(1, at + 8));
    await assert.rejects((await opened(zip)).list(testIo()), refused('unsupported-media-type'));
  });

  it('refuses a file that says it has more than 2 GiB', async () => {
    const zip = changed('name', (bytes, at) => bytes.writeUInt32LE(0xfffffff0, at + 24));
    await assert.rejects((await opened(zip)).list(testIo()), refused('too-large'));
  });

  it('refuses files of more than 16 GiB in all, however often they name the same bytes', async () => {
    const files = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`file-${at}`, 'x']));
    const zip = jarOf(files);
    for (const name of Object.keys(files)) zip.writeUInt32LE(2 ** 31, directoryAt(zip, name) + 24);
    await assert.rejects((await opened(zip)).list(testIo()), refused('too-large'));
  });

  it('refuses more than 200,000 entries', async () => {
    const count = 200_001;
    const entry = Buffer.alloc(47);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(1, 28);
    entry.write('a', 46);
    const directory = Buffer.alloc(count * entry.length, entry);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt32LE(directory.length, 12);
    const zip = await opened(Buffer.concat([directory, end]));
    await assert.rejects(zip.list(testIo()), refused('too-large'));
  });
});

describe('ZipFile.open of a file', () => {
  it('streams what is larger than one piece', async () => {
    const text = Array.from({ length: 300_000 }, (_, at) => `${at}\n`).join('');
    assert.equal(await contentOf(jarOf({ 'large.txt': text }), 'large.txt'), text);
  });

  const damages: readonly (readonly [string, OciErrorCode, (zip: Buffer, at: number) => void])[] = [
    ['a wrong CRC-32', 'corrupt-archive', (zip, at) => zip.writeUInt32LE(1, at + 16)],
    ['a size that is too small', 'corrupt-archive', (zip, at) => zip.writeUInt32LE(499, at + 24)],
    ['a size that is too large', 'corrupt-archive', (zip, at) => zip.writeUInt32LE(501, at + 24)],
    ['data that is cut off', 'corrupt-archive', (zip, at) => zip.writeUInt32LE(5, at + 20)],
    ['an unknown method', 'unsupported-media-type', (zip, at) => zip.writeUInt16LE(12, at + 10)],
    ['a place after its end', 'corrupt-archive', (zip, at) => zip.writeUInt32LE(1 << 30, at + 42)],
    ['a place that is no file', 'corrupt-archive', (zip, at) => zip.writeUInt32LE(3, at + 42)],
    ['more bytes than there are', 'corrupt-archive', (zip, at) => zip.writeUInt32LE(1 << 30, at + 20)],
  ];
  for (const [title, code, change] of damages) {
    it(`refuses ${title}`, async () => {
      await assert.rejects(contentOf(changed('name', change), 'name'), refused(code));
    });
  }

  it('does not unpack a bomb further than the size that it names', async () => {
    const zip = jarOf({ bomb: Buffer.alloc(64 << 20) });
    zip.writeUInt32LE(1 << 20, directoryAt(zip, 'bomb') + 24);
    const archive = await opened(zip);
    const [member] = await archive.list(testIo());
    let seen = 0;
    const read = async (one: ZipMember): Promise<void> => {
      for await (const chunk of archive.open(one, testIo())) seen += chunk.length;
    };
    assert.ok(member !== undefined);
    await assert.rejects(read(member), refused('corrupt-archive'));
    assert.ok(seen <= 1 << 20);
  });

  it('never crashes on bytes that are changed at random', async () => {
    const good = jarOf({ 'META-INF/MANIFEST.MF': 'Main-Class: a.B\n', 'a/B.class': 'x'.repeat(500), 'c/': '' });
    for (let seed = 1; seed <= 1500; seed++) {
      const bytes = Buffer.from(good);
      for (let at = 0; at < 3; at++)
        bytes[(seed * 7919 + at * 104729 * seed) % bytes.length] = (seed * 31 + at * 17) % 256;
      try {
        const zip = await ZipFile.open(bytesSource(bytes), testIo());
        for (const member of (await zip?.list(testIo())) ?? []) {
          if (zip !== undefined) await bytesOf(zip.open(member, testIo()));
        }
      } catch (error) {
        assert.ok(isOciError(error, 'corrupt-archive', 'too-large', 'unsupported-media-type'), String(error));
      }
    }
  });
});

describe('zipContents', () => {
  it('reads a file again after the archive was closed', async () =>
    withTempDir(async (folder) => {
      const file = path.join(folder, 'a.jar');
      await writeFile(file, jarOf({ 'a.txt': 'hello' }));
      const contentAt = await zipContents(file);
      const [member] = await withZip(file, async (zip) => zip.list(testIo()), testIo());
      assert.ok(member !== undefined);
      const { open, size, name } = contentAt(member);
      assert.equal(size, 5);
      assert.equal(name, `${file}: a.txt`);
      const twice = [await bytesOf(open(testIo())), await bytesOf(open(testIo()))];
      assert.deepEqual(twice.map(String), ['hello', 'hello']);
    }));

  it('282: refuses an archive that was written anew', async () =>
    withTempDir(async (folder) => {
      const file = path.join(folder, 'a.jar');
      await writeFile(file, jarOf({ 'a.txt': 'hello' }));
      const contentAt = await zipContents(file);
      const [member] = await withZip(file, async (zip) => zip.list(testIo()), testIo());
      assert.ok(member !== undefined);
      await writeFile(file, jarOf({ 'a.txt': 'HELLO' }));
      await utimes(file, 1, 1);
      await assert.rejects(bytesOf(contentAt(member).open(testIo())), refused('content-mismatch'));
    }));

  it('reads what the jar tool writes, stored and deflated', async function () {
    needs(this, 'jar');
    await withTempDir(async (folder) => {
      await mkdir(path.join(folder, 'in/deep'), { recursive: true });
      await writeFile(path.join(folder, 'in/deep/ä.txt'), 'x'.repeat(3000));
      for (const flags of ['cf', 'cf0']) {
        const file = path.join(folder, `${flags}.jar`);
        await run('jar', [flags, file, '-C', path.join(folder, 'in'), '.'], {
          env: { ...process.env, LC_ALL: 'C.UTF-8' },
        });
        assert.equal(await contentOf(await readFile(file), 'deep/ä.txt'), 'x'.repeat(3000));
      }
    });
  });
});
