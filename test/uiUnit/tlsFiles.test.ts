import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readTlsFiles } from '../../src/ui/tlsFiles.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

describe('readTlsFiles', () => {
  let folder: string;

  before(async () => {
    folder = await newTempDir();
    writeFileSync(path.join(folder, 'ca.pem'), 'CA');
    writeFileSync(path.join(folder, 'large.pem'), Buffer.alloc((4 << 20) + 1));
  });

  after(() => removeTempDir(folder));

  it('reads the files that a registry names, and no others', async () => {
    const setting = { registry: 'r.example', caFile: path.join(folder, 'ca.pem') };
    assert.deepEqual(await readTlsFiles(setting, testIo()), { ca: 'CA' });
    assert.deepEqual(await readTlsFiles({ registry: 'r.example' }, testIo()), {});
    assert.deepEqual(await readTlsFiles(undefined, testIo()), {});
  });

  for (const [name, reason] of [
    ['none.pem', /none\.pem of its setting tls\.keyFile cannot be used \(ENOENT/],
    ['large.pem', /large\.pem of its setting tls\.keyFile cannot be used \(it is larger than 4194304 bytes\)/],
  ] as const) {
    it(`says why ${name} cannot be used, and for which registry`, async () => {
      const setting = { registry: 'r.example', keyFile: path.join(folder, name) };
      await assert.rejects(readTlsFiles(setting, testIo()), { code: 'not-found', message: reason });
      await assert.rejects(readTlsFiles(setting, testIo()), /^OciError: r\.example is not connected to/);
    });
  }
});
