import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GantryApi, Progress } from '../../src/api.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { putImage, putIndex } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

describe('preflight and describeBinary', () => {
  let folder = '';
  let stores: Stores;
  let gantry: GantryApi;
  const at = (name: string): string => path.join(folder, name);

  before(async () => {
    folder = await newTempDir();
    const temporary = at('temporary');
    const credentials = { find: () => Promise.resolve(undefined) };
    stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials, temporary });
    const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
    gantry = createGantry({ stores, layers: testLayers(at('cache')), ...settings });
    const layout = await LayoutStore.open(at('layout'), testIo(), { create: true });
    await layout.tag(await putIndex(layout, {}, testIo()), 'all', testIo());
    await layout.tag(await putImage(layout, { seed: 9 }, testIo()), 'one', testIo());
    await writeFile(at('amd64'), elfOf({ type: 2 }));
    await writeFile(at('arm64'), elfOf({ type: 2, machine: 183 }));
  });
  after(async () => {
    await stores.close();
    await removeTempDir(folder);
  });

  it('describes a file as plain JSON', async () => {
    const described = await gantry.describeBinary({ file: at('arm64') });
    assert.deepEqual(JSON.parse(JSON.stringify(described)), described);
    assert.equal(described.file, at('arm64'));
    assert.deepEqual(described.platforms, ['linux/arm64']);
  });

  it('checks against the image of an index that the program is for', async () => {
    const progress: Progress[] = [];
    const run = { onProgress: (each: Progress) => progress.push(each) };
    const result = await gantry.preflight({ file: at('arm64'), base: `oci:${at('layout')}:all` }, run);
    assert.equal(result.verdict, 'runs');
    assert.equal(result.base.platform, 'linux/arm64');
    assert.match(result.base.digest ?? '', /^sha256:/);
    assert.equal(progress.at(-1)?.bytes, progress.at(-1)?.total);
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
  });

  it('fails on a base that is for another platform, or where another is asked for', async () => {
    const one = await gantry.preflight({ file: at('arm64'), base: `oci:${at('layout')}:one` });
    assert.deepEqual([one.verdict, one.reasons[0]?.code], ['fails', 'wrong-platform']);
    const other = { file: at('amd64'), base: `oci:${at('layout')}:all`, platform: 'linux/arm64' };
    assert.equal((await gantry.preflight(other)).verdict, 'fails');
    await assert.rejects(gantry.preflight({ ...other, platform: 'linux/s390x' }), { code: 'not-found' });
  });

  it('checks against scratch without opening anything', async () => {
    const { verdict, base } = await gantry.preflight({ file: at('amd64'), base: 'scratch' });
    assert.equal(verdict, 'runs');
    assert.deepEqual(base, { reference: 'scratch', digest: null, platform: null });
  });

  it('refuses options that it cannot use', async () => {
    await assert.rejects(gantry.preflight({ file: at('none'), base: 'scratch' }), { code: 'not-found' });
    await assert.rejects(gantry.preflight({ file: 'amd64', base: 'scratch' }), { code: 'invalid-reference' });
    await assert.rejects(gantry.preflight({ file: at('amd64'), base: 'scratch', to: 'app' }), {
      code: 'invalid-reference',
    });
    await assert.rejects(gantry.describeBinary({ file: folder }), { code: 'unsupported-media-type' });
  });

  it('ends when it is cancelled', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'));
    await assert.rejects(
      gantry.preflight({ file: at('amd64'), base: `oci:${at('layout')}:all` }, { signal }),
      /cancelled/,
    );
  });
});
