import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { saveFile, type SaveFileOptions } from '../../src/browse/saveFile.ts';
import { streamOf } from '../../src/content/bytes.ts';
import type { ByteStream } from '../../src/content/store.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

describe('saveFile', () => {
  let folder: string;

  beforeEach(async () => (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  const at = (name: string): string => path.join(folder, name);
  const save = (name: string, options: Partial<SaveFileOptions> = {}, stream = streamOf(Buffer.from('new'))) =>
    saveFile(stream, at(name), { mode: 0o644, overwrite: false, ...options }, testIo());

  it('writes a file and tells its bytes', async () => {
    const told: number[] = [];
    assert.equal(await save('a', { onBytes: (bytes) => void told.push(bytes) }), 3);
    assert.equal(await readFile(at('a'), 'utf8'), 'new');
    assert.deepEqual([told, await readdir(folder)], [[3], ['a']]);
  });

  it('writes an empty file', async () => {
    assert.equal(await save('a', {}, (async function* () {})()), 0);
    assert.equal((await stat(at('a'))).size, 0);
  });

  it('193 keeps who may run it, and drops setuid, setgid, sticky and what lets others write', async function () {
    if (process.platform === 'win32') this.skip();
    await save('a', { mode: 0o7777 });
    assert.equal((await stat(at('a'))).mode & 0o7777 & ~0o022, 0o755);
    await save('b', { mode: 0o2400 });
    assert.equal((await stat(at('b'))).mode & 0o7777, 0o600);
  });

  it('221 replaces nothing without consent', async () => {
    await writeFile(at('a'), 'old');
    await assert.rejects(save('a'), { code: 'already-exists', message: /a" is there already/ });
    assert.equal(await readFile(at('a'), 'utf8'), 'old');
    assert.deepEqual(await readdir(folder), ['a']);
    await save('a', { overwrite: true });
    assert.equal(await readFile(at('a'), 'utf8'), 'new');
  });

  it('221 replaces a symbolic link and not what it leads to', async () => {
    await writeFile(at('precious'), 'old');
    await symlink('precious', at('link'));
    await assert.rejects(save('link'), { code: 'already-exists' });
    assert.equal(await readlink(at('link')), 'precious');
    await save('link', { overwrite: true });
    assert.equal(await readFile(at('precious'), 'utf8'), 'old');
    assert.equal(await readFile(at('link'), 'utf8'), 'new');
  });

  it('leaves nothing where the content ends with an error or is cancelled', async () => {
    const controller = new AbortController();
    async function* broken(): ByteStream & AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the line is cut');
    }
    async function* cancelled(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      controller.abort(new Error('enough'));
      yield Buffer.from('more');
    }
    await assert.rejects(save('a', {}, broken()), /the line is cut/);
    const options = { mode: 0o644, overwrite: true };
    await assert.rejects(saveFile(cancelled(), at('a'), options, { signal: controller.signal }), /enough/);
    assert.deepEqual(await readdir(folder), []);
  });

  it('says what the file system does not allow', async () => {
    await mkdir(at('a'));
    await assert.rejects(save('none/a'), { code: 'not-found', message: /cannot write ".*none\/a"/ });
    await assert.rejects(save('a', { overwrite: true }), { message: /cannot write/ });
    assert.deepEqual(await readdir(folder), ['a']);
  });
});
