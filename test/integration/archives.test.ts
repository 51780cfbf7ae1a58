import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, zstdCompressSync } from 'node:zlib';
import { fetchBytes, resolveManifest } from '../../src/content/bytes.ts';
import type { GantryApi } from '../../src/api.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { startChild } from '../support/childProcess.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { putRealBase } from '../support/realBase.ts';
import { putContent, putImage, putJson } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { findTool, needs } from '../support/tools.ts';
import { validateImage } from '../support/validateImage.ts';
import { run } from './judges.ts';

describe('archives beside other tools', function () {
  this.timeout(60_000);
  let folder = '';
  let stores: Stores;
  let gantry: GantryApi;
  /** A layout with an index `base` for two platforms. */
  let base = '';
  const at = (name: string): string => path.join(folder, name);

  before(async function () {
    needs(this, 'tar', 'ldd');
    folder = await newTempDir();
    const credentials = { find: () => Promise.resolve(undefined) };
    const temporary = at('temporary');
    stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials, temporary });
    const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
    gantry = createGantry({ stores, layers: testLayers(at('cache')), ...settings });
    base = `oci:${at('base')}:base`;
    await putRealBase(await LayoutStore.open(at('base'), testIo(), { create: true }), 'base', testIo());
  });
  after(async () => {
    if (folder === '') return;
    await stores.close();
    await removeTempDir(folder);
  });

  /** Reads everything of an image that a reference names, and hashes it anew. */
  async function validated(reference: string): Promise<string> {
    const image = await stores.source(reference, testIo());
    return (await validateImage(image.store, image.identifier, testIo(30_000))).digest;
  }

  it('skopeo copies all of an OCI archive, byte for byte', async function () {
    needs(this, 'skopeo');
    const { digest } = await gantry.saveImage({ image: base, target: `oci-archive:${at('all.tar')}:v1` });
    run('skopeo', 'copy', '--all', `oci-archive:${at('all.tar')}:v1`, `oci:${at('all')}:v1`);
    assert.equal(await validated(`oci:${at('all')}:v1`), digest);
    assert.equal(digestOf(Buffer.from(run('skopeo', 'inspect', '--raw', `oci-archive:${at('all.tar')}:v1`))), digest);
  });

  it('skopeo and umoci unpack a docker archive and an OCI archive to the same files', async function () {
    needs(this, 'skopeo', 'umoci');
    const platforms = ['linux/amd64'];
    await gantry.saveImage({ image: base, target: `docker-archive:${at('d.tar')}:team/app:v1`, platforms });
    await gantry.saveImage({ image: base, target: `oci-archive:${at('o.tar')}:v1` });
    const listed = JSON.parse(run('skopeo', 'inspect', `docker-archive:${at('d.tar')}:team/app:v1`)) as {
      Os?: unknown;
    };
    assert.equal(listed.Os, 'linux');
    run('skopeo', 'copy', `docker-archive:${at('d.tar')}`, `oci:${at('from-d')}:it`);
    await mkdir(at('from-o'));
    run('tar', '-C', at('from-o'), '-xf', at('o.tar'));
    run(
      'skopeo',
      '--override-arch=amd64',
      '--override-os=linux',
      'copy',
      `oci:${at('from-o')}:v1`,
      `oci:${at('one')}:it`,
    );
    const rootless = process.getuid?.() === 0 ? [] : ['--rootless'];
    const trees = ['from-d', 'one'].map((name) => {
      run('umoci', 'unpack', ...rootless, '--image', `${at(name)}:it`, at(`bundle-${name}`));
      return run('sh', '-c', 'cd "$0" && find . -type f -exec sha256sum {} + | sort', at(`bundle-${name}/rootfs`));
    });
    assert.equal(trees[0], trees[1]);
    assert.match(trees[0] ?? '', /usr\/share\/zoneinfo/);
  });

  it('skopeo reads the zstd layers of a docker archive', async function () {
    needs(this, 'skopeo');
    const layout = await LayoutStore.open(at('zstd'), testIo(), { create: true });
    const { manifest } = await resolveManifest(layout, (await putImage(layout, {}, testIo())).digest, testIo());
    assert.ok(manifest.kind === 'image');
    const layers = [];
    for (const layer of manifest.layers) {
      const tar = gunzipSync(await fetchBytes(layout, layer, 1 << 20, testIo()));
      layers.push(await putContent(layout, zstdCompressSync(tar), mediaTypes.layerZstd, testIo()));
    }
    const { config, mediaType } = manifest;
    const image = await putJson(layout, { schemaVersion: 2, mediaType, config, layers }, testIo());
    await layout.tag(image, 'it', testIo());
    await gantry.saveImage({ image: `oci:${at('zstd')}:it`, target: `docker-archive:${at('zstd.tar')}:app:v1` });
    await validated(`docker-archive:${at('zstd.tar')}`);
    run('skopeo', 'copy', `docker-archive:${at('zstd.tar')}:app:v1`, `oci:${at('zstd-back')}:it`);
    await validated(`oci:${at('zstd-back')}:it`);
  });

  for (const transport of ['oci-archive', 'docker-archive'] as const) {
    it(`reads the ${transport} that skopeo writes, plain and compressed`, async function () {
      needs(this, 'skopeo', 'gzip', 'zstd');
      const file = at(`skopeo-${transport}.tar`);
      const from = ['--override-arch=arm64', '--override-os=linux', 'copy', `oci:${at('base')}:base`];
      run('skopeo', ...from, `${transport}:${file}:team/app:v1`);
      const digest = await validated(`${transport}:${file}:team/app:v1`);
      assert.equal(await validated(`${transport}:${file}`), digest);
      run('gzip', '-1k', file);
      run('zstd', '-q', file);
      for (const ending of ['gz', 'zst']) assert.equal(await validated(`${transport}:${file}.${ending}`), digest);
    });
  }

  it('Python reads every member of what was written', async function () {
    needs(this, 'python3');
    await gantry.saveImage({ image: base, target: `oci-archive:${at('python.tar')}` });
    const script =
      'import hashlib,sys,tarfile\n' +
      't=tarfile.open(sys.argv[1])\n' +
      'print([m.name for m in t if m.name.startswith("blobs/") and hashlib.sha256(t.extractfile(m).read()).hexdigest()!=m.name[13:]])\n' +
      'print(len(t.getmembers()))';
    const [wrong, count] = run('python3', '-c', script, at('python.tar')).trim().split('\n');
    assert.equal(wrong, '[]');
    // oci-layout, index.json, the index, two manifests and configs, four layers.
    assert.equal(count, '11');
  });

  describe('with a registry', () => {
    let registry: RunningRegistry | undefined;
    let host = '';
    before(async function () {
      needs(this, 'docker-registry');
      registry = await startDockerRegistry();
      ({ host } = registry);
    });
    after(async () => registry?.stop());

    it('brings an image to a file and to another registry with every digest', async () => {
      const first = `${host}/first/app:v1`;
      const { digest } = await gantry.copyImage({ source: base, target: first });
      const file = `oci-archive:${at('registry.tar')}:v1`;
      const saved = await gantry.saveImage({ image: first, target: file });
      const pushed = await gantry.copyImage({ source: file, target: `${host}/second/app:v1` });
      assert.deepEqual([saved.digest, pushed.digest], [digest, digest]);
      assert.equal(await validated(`${host}/second/app:v1`), digest);
    });

    it('brings one image through a docker archive, layers and config with their digests', async () => {
      const first = `${host}/third/app:v1`;
      await gantry.copyImage({ source: base, target: first });
      const file = `docker-archive:${at('registry-docker.tar')}:app:v1`;
      await gantry.saveImage({ image: first, target: file, platforms: ['linux/amd64'] });
      await gantry.copyImage({ source: file, target: `${host}/fourth/app:v1` });
      const seen = async (image: string): Promise<unknown> => {
        const { config, layers } = await gantry.inspectImage({ image, platform: 'linux/amd64' });
        return { config, layers };
      };
      assert.deepEqual(await seen(`${host}/fourth/app:v1`), await seen(first));
      await validated(`${host}/fourth/app:v1`);
    });
  });

  describe('in a process of their own', () => {
    const program = path.join(import.meta.dirname, '../support/archiveProcess.ts');

    it('251: a killed one leaves the old file as it was', async () => {
      await mkdir(at('killed'));
      await writeFile(at('killed/it.tar'), 'precious');
      const child = startChild(process.execPath, [program, at('killed/it.tar'), 'copy'], folder);
      while (!child.output().includes('written') && !child.hasEnded()) await new Promise(setImmediate);
      child.kill('SIGKILL');
      await child.ended;
      assert.equal(await readFile(at('killed/it.tar'), 'utf8'), 'precious');
      assert.deepEqual(
        (await readdir(at('killed'))).map((name) => name.replace(/[0-9a-f]{12}/, 'RANDOM')),
        ['it.tar', 'it.tar.RANDOM.partial'],
      );
    });

    it('a file system that takes no more is a sentence, and nothing is left', async function () {
      const prlimit = findTool('prlimit');
      if (prlimit === undefined) this.skip();
      await mkdir(at('full'));
      const output = run(prlimit, '--fsize=100000', process.execPath, program, at('full/it.tar'), 'large');
      assert.match(output, /^too-large: writing .*it\.tar: the file system does not take a file of this size/);
      assert.deepEqual(await readdir(at('full')), []);
    });
  });
});
