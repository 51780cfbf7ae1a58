import assert from 'node:assert/strict';
import { realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { linksInside } from '../../../src/containerize/dockerfile/linksInside.ts';
import { withTempDir } from '../../support/tempDir.ts';

describe('linksInside', () => {
  it('289: lets no \\ or : in a name lead Windows out of the folder, or to a stream of a file', async function () {
    if (process.platform === 'win32') this.skip();
    await withTempDir(async (temporary) => {
      const root = await realpath(temporary);
      for (const name of ['..\\secret', 'C:secret', 'file:stream']) {
        await writeFile(path.join(root, name), 'x');
        assert.equal((await linksInside(root, name, 'linux'))?.path, name);
        assert.equal(await linksInside(root, name, 'win32'), undefined);
      }
    });
  });
});
