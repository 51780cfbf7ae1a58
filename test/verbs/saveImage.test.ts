import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GantryApi, Progress, SaveImageOptions } from '../../src/api.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { imageParts, kanikoTar, oldDockerSave, tarOfMembers } from '../support/archives.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { putImage, putIndex, seededBytes, tarOf } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

describe('saveImage', () => {
  let folder = '';
  let stores: Stores;
  let gantry: GantryApi;
  /** A layout with an index `all` for amd64 and arm64 and an image `one`. */
  let source = '';
  const at = (name: string): string => path.join(folder, name);

  beforeEach(async () => {
    folder = await newTempDir();
    const temporary = at('temporary');
    const credentials = { find: () => Promise.resolve(undefined) };
    stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials, temporary });
    const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
    gantry = createGantry({ stores, layers: testLayers(at('cache')), ...settings });
    source = `oci:${at('source')}`;
    const layout = await LayoutStore.open(at('source'), testIo(), { create: true });
    await layout.tag(await putIndex(layout, { attestations: true }, testIo()), 'all', testIo());
    await layout.tag(await putImage(layout, { seed: 9 }, testIo()), 'one', testIo());
    await mkdir(at('out'));
  });
  afterEach(async () => {
    await stores.close();
    await removeTempDir(folder);
  });

  const digestOf = async (image: string): Promise<string> => (await gantry.inspectImage({ image })).digest;
  const written = (): Promise<string[]> => readdir(at('out'));

  it('saves an index with all of its images to an OCI archive, and copies it back with the same digest', async () => {
    const target = `oci-archive:${at('out/all.tar')}:v1`;
    const progress: Progress[] = [];
    const saved = await gantry.saveImage(
      { image: `${source}:all`, target },
      { onProgress: (each) => progress.push(each) },
    );
    assert.equal(saved.digest, await digestOf(`${source}:all`));
    assert.equal(saved.target, target);
    assert.equal(progress.at(-1)?.bytes, saved.bytes);
    assert.equal(progress.at(-1)?.total, saved.bytes);
    const back = await gantry.copyImage({ source: target, target: `oci:${at('back')}:v1` });
    assert.equal(back.digest, saved.digest);
    assert.deepEqual(await written(), ['all.tar']);
  });

  it('saves one platform of an index to a docker archive that names the image', async () => {
    const target = `docker-archive:${at('out/app.tar')}:team/app`;
    await gantry.saveImage({ image: `${source}:all`, target, platforms: ['linux/arm64'] });
    assert.deepEqual(await gantry.listTags({ repository: `docker-archive:${at('out/app.tar')}` }), ['team/app:latest']);
    const [from, to] = await Promise.all([
      gantry.inspectImage({ image: `${source}:all`, platform: 'linux/arm64' }),
      gantry.inspectImage({ image: target }),
    ]);
    assert.deepEqual([to.config, to.layers], [from.config, from.layers]);
  });

  it('saves to a layout in a folder', async () => {
    const saved = await gantry.saveImage({ image: `${source}:one`, target: `oci:${at('out/layout')}:v1` });
    assert.equal(await digestOf(`oci:${at('out/layout')}:v1`), saved.digest);
  });

  it('saves only the platforms that were chosen', async () => {
    const target = `oci-archive:${at('out/arm.tar')}`;
    await gantry.saveImage({ image: `${source}:all`, target, platforms: ['linux/arm64'] });
    const { platforms } = await gantry.inspectImage({ image: target });
    assert.deepEqual(
      platforms.map(({ platform }) => platform),
      ['linux/arm64', 'unknown/unknown'],
    );
  });

  it('names an image in an OCI archive by more than a tag', async () => {
    const target = `oci-archive:${at('out/app.tar')}:team/app:v1`;
    const saved = await gantry.saveImage({ image: `${source}:one`, target });
    assert.equal(await digestOf(target), saved.digest);
  });

  const refused: readonly (readonly [string, Partial<SaveImageOptions>, string, RegExp])[] = [
    [
      'an index to a docker archive without a platform',
      { target: 'docker-archive:OUT/it.tar' },
      'invalid-reference',
      /^a docker archive holds one image, and oci:.*:all has images for "linux\/amd64, linux\/arm64"\. Choose one/,
    ],
    [
      'two platforms to a docker archive',
      { target: 'docker-archive:OUT/it.tar', platforms: ['linux/arm64', 'linux/amd64'] },
      'invalid-reference',
      /holds one image/,
    ],
    [
      'a platform that is not there',
      { target: 'docker-archive:OUT/it.tar', platforms: ['linux/s390x'] },
      'not-found',
      /no image for linux\/s390x/,
    ],
    ['to a registry', { target: 'localhost:5000/app' }, 'invalid-reference', /is no place on disk/],
    ['to an image name', { target: 'docker-archive:OUT/it.tar:App' }, 'invalid-reference', /lower-case/],
    ['into a folder that is not there', { target: 'oci-archive:OUT/no/it.tar' }, 'not-found', /it is not there/],
    [
      'under a digest that it does not have',
      { target: `oci-archive:OUT/it.tar@sha256:${'0'.repeat(64)}` },
      'content-mismatch',
      /not the digest that the target/,
    ],
  ];
  for (const [what, options, code, message] of refused) {
    it(`refuses to save ${what}, and leaves nothing behind`, async () => {
      const target = (options.target ?? '').replace('OUT', at('out'));
      await assert.rejects(gantry.saveImage({ image: `${source}:all`, ...options, target }), { code, message });
      assert.deepEqual(await written(), []);
    });
  }

  for (const transport of ['oci-archive', 'docker-archive']) {
    it(`replaces a file only where it may, of an ${transport}`, async () => {
      const options = { image: `${source}:one`, target: `${transport}:${at('out/it.tar')}` };
      await writeFile(at('out/it.tar'), 'precious');
      await assert.rejects(gantry.saveImage(options), { code: 'already-exists', message: /it\.tar is there already/ });
      assert.equal(await readFile(at('out/it.tar'), 'utf8'), 'precious');
      await gantry.saveImage({ ...options, overwrite: true });
      assert.equal((await gantry.inspectImage({ image: options.target })).config?.['os'], 'linux');
      assert.deepEqual(await written(), ['it.tar']);
    });
  }

  it('replaces an archive only where it holds what the caller saw', async () => {
    const target = `oci-archive:${at('out/it.tar')}:v1`;
    const copy = { source: `${source}:all`, target };
    const { digest } = await gantry.saveImage({ image: `${source}:one`, target });
    const other = `sha256:${'0'.repeat(64)}`;
    await assert.rejects(gantry.copyImage({ ...copy, overwrite: other }), {
      code: 'already-exists',
      message: /but holds something else now/,
    });
    assert.equal(await digestOf(target), digest);
    const planned = await gantry.copyImage({ ...copy, dryRun: true });
    assert.equal(await digestOf(target), digest);
    const copied = await gantry.copyImage({ ...copy, overwrite: digest });
    assert.deepEqual([copied.digest, copied.blobs], [planned.digest, planned.blobs]);
    assert.equal(await digestOf(target), planned.digest);
  });

  it('leaves nothing of a save that was cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    const layout = await LayoutStore.open(at('source'), testIo());
    await layout.tag(await putImage(layout, { layers: 4, layerBytes: 2_000_000 }, testIo()), 'large', testIo());
    const saving = gantry.saveImage(
      { image: `${source}:large`, target: `oci-archive:${at('out/it.tar')}` },
      { signal: controller.signal, onProgress: () => controller.abort(reason) },
    );
    await assert.rejects(saving, reason);
    assert.deepEqual(await written(), []);
  });

  it('appends to an image of one archive and writes another', async () => {
    await writeFile(at('file.txt'), 'hello');
    const layers = [tarOf('first', seededBytes(1, 3000))];
    await writeFile(at('base.tar'), tarOfMembers(oldDockerSave(imageParts(layers), ['base:v1'])));
    const files = [{ from: at('file.txt'), to: '/file.txt' }];
    const base = `docker-archive:${at('base.tar')}:base:v1`;
    for (const target of [`oci-archive:${at('out/oci.tar')}`, `docker-archive:${at('out/docker.tar')}:app:v2`]) {
      const appended = await gantry.appendLayer({ base, target, files });
      const { layers: made } = await gantry.inspectImage({ image: target });
      assert.equal(made.length, 2);
      assert.equal(made[1]?.diffId, appended.layers[0]?.diffId);
    }
    const target = `docker-archive:${at('out/index.tar')}:app:v2`;
    await assert.rejects(gantry.appendLayer({ base: `${source}:all`, target, files }), {
      code: 'invalid-reference',
      message: /a docker archive holds one image/,
    });
    assert.deepEqual((await written()).sort(), ['docker.tar', 'oci.tar']);
  });

  it('cannot tag in an archive or delete from one', async () => {
    const image = `oci-archive:${at('out/it.tar')}:v1`;
    await gantry.saveImage({ image: `${source}:one`, target: image });
    await assert.rejects(gantry.retag({ image, tags: ['v2'] }), {
      code: 'unsupported-media-type',
      message: /is an archive, which cannot be changed/,
    });
    await assert.rejects(gantry.deleteImage({ image }), { code: 'forbidden' });
  });

  it('asks for the name where an archive has several images, listing them', async () => {
    const members = oldDockerSave(imageParts([tarOf('first', seededBytes(1, 3000))]), ['one:v1']);
    const zipped = kanikoTar(imageParts([tarOf('second', seededBytes(2, 3000))]), ['two:v1']);
    const entries = [members, zipped].flatMap((each) => {
      const { content = '[]' } = each.find(({ name }) => name === 'manifest.json') ?? {};
      return JSON.parse(String(content)) as readonly unknown[];
    });
    const rest = [...members, ...zipped].filter(({ name }) => name !== 'manifest.json');
    await writeFile(at('it.tar'), tarOfMembers([...rest, { name: 'manifest.json', content: JSON.stringify(entries) }]));
    await assert.rejects(gantry.inspectImage({ image: `docker-archive:${at('it.tar')}` }), {
      code: 'invalid-reference',
      message:
        /it\.tar holds several images \("one:v1", "two:v1"\): add the tag of one, as in docker-archive:.*:one:v1\./,
    });
    assert.equal((await gantry.inspectImage({ image: `docker-archive:${at('it.tar')}:two:v1` })).layers.length, 1);
  });
});
