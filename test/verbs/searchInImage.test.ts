import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Progress } from '../../src/api.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { testLayers } from '../support/layers.ts';
import { withTempDir } from '../support/tempDir.ts';

describe('searchInImage', () => {
  it('gives lines with their places, of the image, a layer or a folder, and reports bytes', async () => {
    await withTempDir(async (folder) => {
      const credentials = { find: () => Promise.resolve(undefined) };
      const stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials });
      const layers = testLayers(path.join(folder, 'cache'));
      const settings = { platforms: () => [], compression: () => 'gzip' as const, epoch: 0 };
      const gantry = createGantry({ stores, layers, temporary: path.join(folder, 'temporary'), ...settings });
      await mkdir(path.join(folder, 'etc'));
      await writeFile(path.join(folder, 'etc/a.conf'), 'one\nlevel = 1\n');
      const image = `oci:${folder}/layout:1`;
      const files = [{ from: path.join(folder, 'etc'), to: '/etc' }];
      await gantry.appendLayer({ base: 'scratch', target: image, files });
      const found = [{ path: '/etc/a.conf', line: 2, column: 1, text: 'level = 1' }];
      const seen: Progress[] = [];
      const run = { onProgress: (progress: Progress) => seen.push(progress) };
      assert.deepEqual(await gantry.searchInImage({ image, query: 'LEVEL' }, run), { matches: found, problems: [] });
      assert.deepEqual(seen.at(-1), { message: 'Searching', bytes: 14, total: 14 });
      const search = { image, query: 'l.v', isRegExp: true, layer: 0, path: '/etc/' };
      assert.deepEqual((await gantry.searchInImage(search)).matches, found);
      const none = { image, query: 'LEVEL', isCaseSensitive: true };
      assert.deepEqual(await gantry.searchInImage(none), { matches: [], problems: [] });
      await assert.rejects(gantry.searchInImage({ image, query: '(', isRegExp: true }), { code: 'invalid-reference' });
      await stores.close();
    });
  });
});
