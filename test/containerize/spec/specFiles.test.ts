import assert from 'node:assert/strict';
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withoutSecrets } from '../../../src/containerize/ignore/secrets.ts';
import { placeFile } from '../../../src/containerize/spec/specFiles.ts';
import { testIo } from '../../support/io.ts';
import { withTempDir } from '../../support/tempDir.ts';

describe('placeFile', () => {
  it('279: does not take a secret under another name, by a link to it', async () => {
    await withTempDir(async (temporary) => {
      const folder = await realpath(temporary);
      await mkdir(path.join(folder, '.git'));
      for (const name of ['.env', '.git/config', 'plain']) await writeFile(path.join(folder, name), 'x');
      await symlink('.env', path.join(folder, 'settings'));
      await symlink('.git', path.join(folder, 'history'));
      await symlink('plain', path.join(folder, 'other'));
      for (const [from, isTaken] of [
        ['settings', false],
        ['history', false],
        ['history/config', false],
        ['other', true],
      ] as const) {
        const found = await placeFile({ from, to: '/a', path: [] }, { folder, filter: withoutSecrets }, testIo());
        assert.equal(typeof found === 'object', isTaken, from);
      }
    });
  });
});
