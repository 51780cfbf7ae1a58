import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from '../../src/browse/browser.ts';
import { LocalImages } from '../../src/browse/localImages.ts';
import { referenceOf, type TreeNode } from '../../src/browse/nodes.ts';
import type { LocalPlace } from '../../src/browse/places.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { testIo } from '../support/io.ts';
import { type LocalFiles, putLocalFiles, putUnnamedArchive } from '../support/localImages.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { browserOf, labelOf } from './fixtures.ts';

let io = testIo();

let folder = '';
let files: LocalFiles;
let opened: LocalPlace[] = [];
let candidates: string[] = [];
let stores: Stores;
let local: LocalImages;
let browser: Browser;

describe('localImages.test', () => {
  beforeEach(async () => {
    io = testIo();
    folder = await newTempDir();
    files = await putLocalFiles(folder);
    [opened, candidates] = [[], [files.dockerArchive, files.layout, files.ociArchive]];
    stores = new Stores({
      registries: () => [],
      network: () => defaultNetwork,
      credentials: { find: () => Promise.resolve(undefined) },
      temporary: folder,
    });
    local = new LocalImages({
      stores,
      candidates: () => Promise.resolve(candidates),
      opened: () => opened,
      isInWorkspace: (file) => file.startsWith(`${folder}/ws/`),
    });
    browser = browserOf({ registries: [], local });
  });

  afterEach(async () => {
    await stores.close();
    await removeTempDir(folder);
  });

  async function rows(): Promise<readonly string[]> {
    return (await browser.archives(io)).map((node) =>
      node.kind === 'archive' ? `${node.registry} ${labelOf(node)}` : labelOf(node),
    );
  }

  async function archive(name: string): Promise<TreeNode> {
    const found = (await browser.archives(io)).find((node) => labelOf(node) === name);
    assert.ok(found, name);
    return found;
  }

  async function below(name: string, ...path: readonly string[]): Promise<readonly TreeNode[]> {
    let nodes = await browser.children(await archive(name), io);
    for (const label of path) {
      const next = nodes.find((node) => labelOf(node) === label);
      assert.ok(next, `no ${label} among ${nodes.map(labelOf).join(', ')}`);
      nodes = await browser.children(next, io);
    }
    return nodes;
  }

  const labels = async (...at: readonly [string, ...string[]]): Promise<readonly string[]> =>
    (await below(...at)).map(labelOf);

  describe('LocalImages', () => {
    it('finds the layouts and archives among files, and says how large they are', async () => {
      await writeFile(path.join(folder, 'other.tar'), execFileSync('tar', ['-C', folder, '-c', 'app.tar']));
      await writeFile(path.join(folder, 'text.tar'), 'no tar at all');
      candidates.push(path.join(folder, 'other.tar'), path.join(folder, 'text.tar'), path.join(folder, 'gone.tar'));
      assert.deepEqual(await rows(), ['oci-archive app.tar', 'docker-archive docker.tar', 'oci layout']);
      const sizes = (await local.all(io)).archives.map(({ size = 0 }) => size > 1000);
      assert.deepEqual(sizes, [true, true, true]);
    });

    it('shows what was opened first, wherever it is, and each once', async () => {
      opened = [{ registry: 'docker-archive', repository: files.dockerArchive }];
      assert.deepEqual(await rows(), ['docker-archive docker.tar', 'oci-archive app.tar', 'oci layout']);
      assert.deepEqual(
        (await local.all(io)).archives.map((one) => one.opened),
        [true, false, false],
      );
    });

    it('shows images with the same children as those of registries', async () => {
      const image = ['config', 'layers', 'filesystem'];
      assert.deepEqual(await labels('layout'), ['1.0', '2.0']);
      assert.deepEqual(await labels('layout', '1.0'), [...image, 'referrers']);
      assert.deepEqual(await labels('app.tar', '1.0'), image);
      assert.deepEqual(await labels('docker.tar', 'registry.example/team/app:1.0'), image);
      assert.deepEqual(await labels('app.tar', '1.0', 'filesystem'), ['etc']);
    });

    it('names images by references that every verb reads', async () => {
      const [tag] = await below('docker.tar');
      assert.ok(tag);
      const text = `docker-archive:${files.dockerArchive}:registry.example/team/app:1.0`;
      assert.equal(referenceOf(tag), text);
      const { store, identifier } = await stores.source(text, io);
      assert.match((await store.resolve(identifier, io)).digest, /^sha256:/);
    });

    it('shows an image without a name, and one whose name no reference can hold', async () => {
      await putUnnamedArchive(path.join(folder, 'none.tar.gz'));
      const layout = await stores.repository(`oci:${files.layout}`, io);
      const { digest, size, mediaType } = await layout.store.resolve('1.0', io);
      const annotations = { 'org.opencontainers.image.ref.name': 'a name\u202e' };
      const json = { schemaVersion: 2, manifests: [{ digest, size, mediaType, annotations }] };
      await writeFile(path.join(files.layout, 'index.json'), JSON.stringify(json));
      candidates.push(path.join(folder, 'none.tar.gz'));
      assert.deepEqual(await labels('none.tar.gz'), ['Image without a name']);
      assert.deepEqual(await labels('layout'), ['a name⟨U+202E⟩']);
      const [node] = await below('layout');
      assert.ok(node);
      assert.equal(referenceOf(node), `oci:${files.layout}@${digest}`);
    });

    it('sees what changed on disk after a refresh', async () => {
      assert.deepEqual(await labels('app.tar'), ['1.0']);
      await rename(files.dockerArchive, files.ociArchive);
      local.forget();
      assert.deepEqual(await rows(), ['docker-archive app.tar', 'oci layout']);
      assert.deepEqual(await labels('app.tar'), ['registry.example/team/app:1.0']);
    });

    it('says below its row what is wrong with an archive that was opened', async () => {
      opened = [
        { registry: 'oci-archive', repository: files.ociArchive },
        { registry: 'oci', repository: path.join(folder, 'gone') },
      ];
      await truncate(files.ociArchive, 700);
      const [damaged] = await below('app.tar');
      assert.ok(damaged?.kind === 'error' && damaged.fix === 'retry');
      assert.match(damaged.message, /app\.tar/);
      const [gone] = await below('gone');
      assert.ok(gone?.kind === 'error');
      assert.equal(gone.code, 'not-found');
    });

    it('says of a layout of the workspace what is wrong with it', async () => {
      await writeFile(path.join(files.layout, 'index.json'), '{');
      assert.deepEqual((await rows()).at(-1), 'oci layout');
      const [wrong] = await below('layout');
      assert.ok(wrong?.kind === 'error');
      assert.match(wrong.message, /index\.json/);
    });

    it('shows no archive whose path cannot stand in a reference as if it could', async () => {
      const odd = path.join(folder, 'a:b.tar');
      await rename(files.ociArchive, odd);
      candidates = [odd];
      const [wrong] = await below('a:b.tar');
      assert.ok(wrong?.kind === 'error');
      assert.match(wrong.message, /a colon ends the path there/);
    });

    it('gives up a search that is cancelled, and searches again for the next one', async () => {
      const controller = new AbortController();
      controller.abort(new Error('enough'));
      await assert.rejects(local.all({ signal: controller.signal }), /enough/);
      assert.equal((await local.all(io)).archives.length, 3);
    });

    it('searches on for one who waits where another gives up the search', async () => {
      const controller = new AbortController();
      const first = local.all({ signal: controller.signal });
      const second = local.all(io);
      controller.abort();
      await assert.rejects(first, { name: 'AbortError' });
      assert.equal((await second).archives.length, 3);
    });

    it('looks through no more than 300 files, and says that there are more', async () => {
      await mkdir(path.join(folder, 'many'));
      candidates = Array.from({ length: 302 }, (_, at) => path.join(folder, 'many', `${at}.tar`));
      assert.deepEqual(await rows(), ['note: 2 files not looked through: Open Archive… opens one']);
    });

    it('216 lets only what was opened or is in the workspace be read by an address', () => {
      opened = [{ registry: 'oci-archive', repository: '/elsewhere/a.tar' }];
      const known = (registry: string, repository: string): boolean => browser.knows({ registry, repository });
      assert.equal(known('oci-archive', '/elsewhere/a.tar'), true);
      assert.equal(known('docker-archive', '/elsewhere/a.tar'), false);
      assert.equal(known('oci-archive', '/elsewhere/b.tar'), false);
      assert.equal(known('oci', `${folder}/ws/layout`), true);
      assert.equal(known('oci', folder), false);
    });

    it('writes nothing beside an archive', async () => {
      await rm(files.dockerArchive);
      await labels('app.tar', '1.0', 'filesystem');
      assert.deepEqual(execFileSync('ls', ['-A', folder], { encoding: 'utf8' }).trim().split('\n'), [
        'app.tar',
        'layout',
      ]);
    });
  });
});
