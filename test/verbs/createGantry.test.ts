import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GantryApi } from '../../src/api.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { LocalRegistry } from '../../src/serve/localRegistry.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';

describe('createGantry', () => {
  let folder: string;
  let registry: LocalRegistry;
  let stores: Stores;
  let gantry: GantryApi;
  let host: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-verbs-'));
    registry = new LocalRegistry({ directory: path.join(folder, 'registry') });
    ({ host } = await registry.start());
    const credentials = { find: () => Promise.resolve(undefined) };
    stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials });
    const temporary = path.join(folder, 'temporary');
    const layers = testLayers(path.join(folder, 'cache'));
    const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
    gantry = createGantry({ stores, layers, ...settings });
    await mkdir(path.join(folder, 'app'));
    await writeFile(path.join(folder, 'app/run.sh'), '#!/bin/sh\necho hello\n', { mode: 0o755 });
    await symlink('run.sh', path.join(folder, 'app/link'));
  });

  after(async () => {
    await stores.close();
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  });

  const files = () => [{ from: path.join(folder, 'app'), to: '/app' }];

  it('containerizes a folder, promotes it with its digest, and says what moved', async () => {
    const platforms = ['linux/amd64', 'linux/arm64'];
    const made = await gantry.appendLayer({
      base: 'scratch',
      target: `${host}/dev/app:1.0`,
      files: files(),
      platforms,
      config: { entrypoint: ['/app/run.sh'], env: ['A=1'], ports: ['8080'], labels: { team: 'x' }, user: '65532' },
    });
    assert.equal(made.target, `${host}/dev/app:1.0`);
    assert.deepEqual(
      made.layers.map(({ reused }) => reused),
      [false],
    );

    const copied = await gantry.copyImage({ source: `${host}/dev/app:1.0`, target: `${host}/prod/app:1.0` });
    assert.equal(copied.digest, made.digest);
    assert.deepEqual(copied.blobs, { present: 0, mounted: 3, transferred: 0 });
    assert.equal(copied.bytesTransferred, 0);

    const seen = await gantry.inspectImage({ image: `${host}/prod/app:1.0`, platform: 'linux/arm64' });
    assert.deepEqual(
      seen.platforms.map(({ platform }) => platform),
      platforms,
    );
    assert.equal(seen.digest, made.digest);
    assert.equal(seen.layers[0]?.diffId, made.layers[0]?.diffId);
    assert.equal(seen.config?.['architecture'], 'arm64');
    const config = seen.config['config'] as Record<string, unknown>;
    assert.deepEqual(config['Entrypoint'], ['/app/run.sh']);
    assert.deepEqual(config['ExposedPorts'], { '8080/tcp': {} });
    assert.equal(config['User'], '65532');
    assert.deepEqual(await gantry.listRepositories({ registry: host }), ['dev/app', 'prod/app']);
    assert.deepEqual(await gantry.listTags({ repository: `${host}/prod/app` }), ['1.0']);
  });

  it('287: makes the same digest of the same input and uploads no layer the second time', async () => {
    const options = { base: `${host}/dev/app:1.0`, target: `${host}/dev/more:1`, files: files() };
    const first = await gantry.appendLayer(options);
    const again = await gantry.appendLayer({ ...options, target: `${host}/dev/more:2` });
    assert.equal(again.digest, first.digest);
    assert.deepEqual(
      again.layers.map(({ reused }) => reused),
      [true],
    );
    assert.equal(again.bytesTransferred, 0);
  });

  it('writes nothing in a dry run', async () => {
    const options = { source: `${host}/dev/app:1.0`, target: `${host}/dry/app:1.0`, dryRun: true };
    const plan = await gantry.copyImage(options);
    assert.equal(plan.blobs.mounted, 3);
    await gantry.appendLayer({ base: 'scratch', target: `${host}/dry/app:2.0`, files: files(), dryRun: true });
    await assert.rejects(gantry.listTags({ repository: `${host}/dry/app` }), { code: 'not-found' });
    const layout = `oci:${path.join(folder, 'dry/layout')}:1`;
    const copied = await gantry.copyImage({ ...options, target: layout });
    assert.deepEqual([copied.digest, copied.blobs.transferred], [plan.digest, 3]);
    await gantry.appendLayer({ base: 'scratch', target: layout, files: files(), dryRun: true });
    assert.ok(!existsSync(path.join(folder, 'dry')));
    const elsewhere = { ...options, target: `oci:${path.join(folder, 'app')}:1` };
    await assert.rejects(gantry.copyImage(elsewhere), { code: 'already-exists' });
  });

  it('copies to an OCI layout and back', async () => {
    const layout = `oci:${path.join(folder, 'layout')}:app`;
    const out = await gantry.copyImage({ source: `${host}/dev/app:1.0`, target: layout });
    const back = await gantry.copyImage({ source: layout, target: `${host}/back/app:1.0` });
    assert.equal(back.digest, out.digest);
    assert.deepEqual(await gantry.listTags({ repository: `oci:${path.join(folder, 'layout')}` }), ['app']);
  });

  it('does not say that there are several images where there is none', async () => {
    const layout = path.join(folder, 'empty');
    await LayoutStore.open(layout, testIo(), { create: true });
    await assert.rejects(gantry.inspectImage({ image: `oci:${layout}` }), {
      code: 'invalid-reference',
      message: /holds no image, or several without a name/,
    });
  });

  it('250: refuses to move a tag until it is told to, and from another image than the one it was told of', async () => {
    await gantry.appendLayer({ base: 'scratch', target: `${host}/move/app:1`, files: files() });
    const other = { base: 'scratch', target: `${host}/move/app:1`, files: files(), config: { user: '7' } };
    const plan = await gantry.appendLayer({ ...other, dryRun: true });
    assert.equal(plan.target, `${host}/move/app:1`);
    await assert.rejects(gantry.appendLayer(other), { code: 'already-exists', message: /sha256:[0-9a-f]{12}/ });
    const stale = `sha256:${'0'.repeat(64)}`;
    await assert.rejects(gantry.appendLayer({ ...other, overwrite: stale }), { message: /somebody else/ });
    const seen = await gantry.inspectImage({ image: `${host}/move/app:1` });
    const moved = await gantry.appendLayer({ ...other, overwrite: seen.digest });
    await assert.rejects(gantry.retag({ image: `${host}/dev/app:1.0@${moved.digest}`, tags: ['x'] }), {
      code: 'not-found',
    });
    const tagged = await gantry.retag({ image: `${host}/move/app:1`, tags: ['stable', 'v1'] });
    assert.deepEqual(tagged, { digest: moved.digest, tags: ['stable', 'v1'] });
    assert.deepEqual(await gantry.listTags({ repository: `${host}/move/app` }), ['1', 'stable', 'v1']);
  });

  it('162: names every tag that goes with a deleted digest', async () => {
    const untagged = await gantry.deleteImage({ image: `${host}/move/app:stable`, untagOnly: true });
    assert.deepEqual(untagged, { deleted: 'stable', alsoUntagged: [] });
    const { digest } = await gantry.inspectImage({ image: `${host}/move/app:1` });
    assert.deepEqual(await gantry.deleteImage({ image: `${host}/move/app:1` }), {
      deleted: digest,
      alsoUntagged: ['v1'],
    });
  });

  const wrong: readonly (readonly [string, (api: GantryApi) => Promise<unknown>, RegExp])[] = [
    ['no options', (api) => api.copyImage(undefined as never), /one object/],
    ['a source that is no text', (api) => api.copyImage({ source: 7, target: 'a' } as never), /source must be text/],
    ['no target', (api) => api.copyImage({ source: 'a' } as never), /target must be text/],
    ['no platforms', (api) => api.copyImage({ source: 'a', target: 'b', platforms: [] }), /at least one platform/],
    [
      'overwrite as text',
      (api) => api.copyImage({ source: `${host}/a`, target: `${host}/b`, overwrite: 'yes' }),
      /true, false or a digest/,
    ],
    ['no tags', (api) => api.retag({ image: `${host}/a`, tags: [] }), /at least one tag/],
    ['nothing to add', (api) => api.appendLayer({ base: 'scratch', target: `${host}/a`, files: [] }), /nothing to add/],
    [
      'an odd mode',
      (api) =>
        api.appendLayer({ base: 'scratch', target: `${host}/a`, files: [{ from: folder, to: '/a', mode: 'rwx' }] }),
      /octal/,
    ],
    [
      'an odd owner',
      (api) => api.appendLayer({ base: 'scratch', target: `${host}/a`, owner: 'root', files: files() }),
      /numbers/,
    ],
    [
      'an odd compression',
      (api) => api.appendLayer({ base: 'scratch', target: `${host}/a`, compression: 'xz' as never, files: files() }),
      /gzip, zstd or none/,
    ],
    [
      'a target by digest',
      (api) => api.appendLayer({ base: 'scratch', target: `${host}/a@sha256:${'0'.repeat(64)}`, files: files() }),
      /Give the target a tag/,
    ],
  ];
  for (const [what, call, message] of wrong) {
    it(`244: refuses ${what}`, () => assert.rejects(call(gantry), { code: 'invalid-reference', message }));
  }

  it('stops when it is cancelled', async () => {
    const run = { signal: AbortSignal.abort(new Error('stop')) };
    await assert.rejects(gantry.copyImage({ source: `${host}/dev/app:1.0`, target: `${host}/c:1` }, run), {
      message: 'stop',
    });
  });
});
