import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { packLayer, type PackedLayer } from '../../src/archive/pack.ts';
import { Spool } from '../../src/archive/spool.ts';
import { fetchBytes, resolveManifest } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { Io } from '../../src/content/store.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { parseImageConfig } from '../../src/oci/imageConfig.ts';
import { planAppend, pushAppend } from '../../src/operations/append.ts';
import { testIo } from '../support/io.ts';
import { putImage, seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { validateImage } from '../support/validateImage.ts';
import { RepositoryLike } from './repositoryLike.ts';

const keep = { tag: 'v1', overwrite: false };
let io: Io;
let folder = '';
let spool: Spool;

async function layerOf(name: string, options: Partial<Parameters<typeof packLayer>[1]> = {}): Promise<PackedLayer> {
  const from = path.join(folder, name);
  fs.writeFileSync(from, seededBytes(name.length, 50_000));
  return packLayer(
    [{ from, to: `/opt/${name}`, mode: 0o750, uid: 1000, gid: 1001 }],
    { compression: 'gzip', ...options },
    spool,
    io,
  );
}

describe('pushAppend', () => {
  beforeEach(async () => {
    io = testIo();
    folder = await newTempDir();
    spool = new Spool(path.join(folder, 'spool'));
  });
  afterEach(async () => {
    await spool[Symbol.asyncDispose]();
    await removeTempDir(folder);
  });

  it('makes images that umoci unpacks with the mode and owner asked for', async function () {
    needs(this, 'umoci');
    const layout = path.join(folder, 'layout');
    const target = await LayoutStore.open(layout, io, { create: true });
    const base = new MemoryStore();
    const image = await putImage(base, {}, io);
    await pushAppend(await planAppend(base, image.digest, { layers: [await layerOf('tool')] }, io), target, keep, io);
    const bundle = path.join(folder, 'bundle');
    execFileSync('umoci', [
      'unpack',
      '--image',
      `${layout}:v1`,
      ...(process.getuid?.() === 0 ? [] : ['--rootless']),
      bundle,
    ]);
    const { mode, uid, gid, mtimeMs } = fs.statSync(path.join(bundle, 'rootfs/opt/tool'));
    assert.equal((mode & 0o7777).toString(8), '750');
    if (process.getuid?.() === 0) assert.deepEqual([uid, gid], [1000, 1001]);
    assert.equal(mtimeMs, 0);
    const original = fs.readFileSync(path.join(folder, 'tool'));
    assert.ok(fs.readFileSync(path.join(bundle, 'rootfs/opt/tool')).equals(original));
    assert.ok(fs.existsSync(path.join(bundle, 'rootfs/file-1')));
  });

  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    it(`291: makes ${compression} images that skopeo accepts and finds right`, async function () {
      needs(this, 'skopeo');
      const layout = path.join(folder, 'layout');
      const target = await LayoutStore.open(layout, io, { create: true });
      const layers = [await layerOf('tool', { compression, onto: 'scratch' })];
      await pushAppend(await planAppend('scratch', '', { layers }, io), target, keep, io);
      const copied = path.join(folder, 'copied');
      execFileSync('skopeo', ['copy', '--insecure-policy', `oci:${layout}:v1`, `dir:${copied}`], { stdio: 'pipe' });
      assert.ok(fs.existsSync(path.join(copied, layers[0]?.digest.slice('sha256:'.length) ?? '')));
      await validateImage(target, 'v1', io);
    });
  }

  it('273: dates the image as asked, and refuses a time that is none', async () => {
    const target = new RepositoryLike();
    await pushAppend(await planAppend('scratch', '', { layers: [], epoch: 1_700_000_000 }, io), target, keep, io);
    const { manifest } = await resolveManifest(target, 'v1', io);
    assert.ok(manifest.kind === 'image');
    const { created } = parseImageConfig(await fetchBytes(target, manifest.config, 1 << 20, io));
    assert.equal(created, '2023-11-14T22:13:20Z');
    for (const epoch of [-1, 0.5, NaN, 253_402_300_800]) {
      await assert.rejects(planAppend('scratch', '', { layers: [], epoch }, io), { code: 'invalid-reference' });
    }
  });
});
