import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Spool } from '../../src/archive/spool.ts';
import { streamOf } from '../../src/content/bytes.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { testIo } from '../support/io.ts';
import { bytesOf } from '../support/layerTools.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

describe('Spool', () => {
  let folder = '';
  beforeEach(async () => void (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  it('gives back what was written, as often as asked', async () => {
    const spool = new Spool(folder);
    const bytes = seededBytes(1, 3_000_000);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
    }
    const spooled = await spool.write(pieces(), testIo());
    assert.equal(spooled.digest, digestOf(bytes));
    assert.equal(spooled.size, 3_000_000);
    for (let time = 0; time < 2; time++) assert.ok((await bytesOf(await spooled.open())).equals(bytes));
    await spool[Symbol.asyncDispose]();
  });

  it('keeps its files from others and removes them when it is disposed', async () => {
    const spool = new Spool(path.join(folder, 'deep/er'));
    const first = await spool.write(streamOf(Buffer.from('one')), testIo());
    await spool.write(streamOf(Buffer.from('two')), testIo());
    const [name = ''] = fs.readdirSync(path.join(folder, 'deep/er'));
    const made = path.join(folder, 'deep/er', name);
    assert.equal(fs.readdirSync(made).length, 2);
    if (process.platform !== 'win32') {
      assert.equal((fs.statSync(made).mode & 0o777).toString(8), '700');
      assert.equal((fs.statSync(path.join(made, '0')).mode & 0o777).toString(8), '600');
    }
    await spool[Symbol.asyncDispose]();
    assert.deepEqual(fs.readdirSync(path.join(folder, 'deep/er')), []);
    const stream = await first.open();
    await assert.rejects(bytesOf(stream), { code: 'unavailable', message: /no longer on disk/ });
  });

  it('makes nothing before it is used', async () => {
    const spool = new Spool(path.join(folder, 'later'));
    await spool[Symbol.asyncDispose]();
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  it('removes what it could not finish, and passes on why', async () => {
    const spool = new Spool(folder);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(2_000_000);
      throw new Error('the source broke');
    }
    await assert.rejects(spool.write(broken(), testIo()), /^Error: the source broke$/);
    const [name = ''] = fs.readdirSync(folder);
    assert.deepEqual(fs.readdirSync(path.join(folder, name)), []);
    await spool[Symbol.asyncDispose]();
  });

  it('says so where it cannot write', async () => {
    fs.writeFileSync(path.join(folder, 'file'), '');
    const spool = new Spool(path.join(folder, 'file'));
    await assert.rejects(spool.write(streamOf(Buffer.from('x')), testIo()), {
      name: 'OciError',
      message: /^cannot write the temporary file "/,
    });
    await spool[Symbol.asyncDispose]();
  });
});
