import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GantryApi, Progress } from '../../src/api.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { LocalRegistry } from '../../src/serve/localRegistry.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { testLayers } from '../support/layers.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

describe('compareImages', () => {
  let folder: string;
  let registry: LocalRegistry;
  let stores: Stores;
  let gantry: GantryApi;
  let host: string;

  before(async () => {
    folder = await newTempDir();
    registry = new LocalRegistry({ directory: path.join(folder, 'registry') });
    ({ host } = await registry.start());
    const credentials = { find: () => Promise.resolve(undefined) };
    stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials });
    const temporary = path.join(folder, 'temporary');
    const layers = testLayers(path.join(folder, 'cache'));
    const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
    gantry = createGantry({ stores, layers, ...settings });
    await writeIn('base', { 'etc/same': 'same', 'etc/changed': 'one', 'lib/apk/db/installed': 'P:musl\nV:1\n\n' });
    await writeIn('one', { 'app/run': 'run', 'app/gone': 'gone' });
    await writeIn('two', { 'app/run': 'run', 'etc/changed': 'two', 'lib/apk/db/installed': 'P:musl\nV:2\n\n' });
    await chmod(path.join(folder, 'two/app/run'), 0o755);
    await append('scratch', 'base', 'base', {});
    await append(`${host}/a/b:base`, '1', 'one', { env: ['MODE=one'] });
    await append(`${host}/a/b:base`, '2', 'two', { env: ['MODE=two'], user: '65532' });
  });

  after(async () => {
    await stores.close();
    await registry.close();
    await removeTempDir(folder);
  });

  async function writeIn(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [file, text] of Object.entries(files)) {
      const full = path.join(folder, name, file);
      await mkdir(path.dirname(full), { recursive: true });
      await writeFile(full, text);
    }
  }

  async function append(base: string, tag: string, name: string, config: object): Promise<void> {
    const files = [{ from: path.join(folder, name), to: '/' }];
    const platforms = base === 'scratch' ? { platforms: ['linux/amd64', 'linux/arm64'] } : {};
    await gantry.appendLayer({ base, target: `${host}/a/b:${tag}`, files, config, ...platforms });
  }

  it('tells how two tags differ, and the bytes that it reads for it', async () => {
    const seen: Progress[] = [];
    const [left, right] = [`${host}/a/b:1`, `${host}/a/b:2`];
    const found = await gantry.compareImages({ left, right }, { onProgress: (progress) => seen.push(progress) });
    const { changed, ...rest } = found;
    assert.deepEqual(rest, {
      left: { reference: left, digest: found.left.digest, platform: 'linux/amd64' },
      right: { reference: right, digest: found.right.digest, platform: 'linux/amd64' },
      added: [],
      removed: [{ path: '/app/gone', type: 'file', size: 4 }],
      config: [
        { name: 'Env.MODE', before: 'one', after: 'two' },
        { name: 'User', before: null, after: '65532' },
      ],
      packages: [{ name: 'musl', manager: 'apk', before: '1', after: '2' }],
      problems: [],
    });
    assert.deepEqual(
      changed.map(({ path: at, differences }) => [at, differences]),
      [
        ['/app/run', ['mode']],
        ['/etc/changed', ['content']],
        ['/lib/apk/db/installed', ['content']],
      ],
    );
    const total = await layerBytes(left, right);
    assert.deepEqual(seen.at(-1), { message: 'Reading layers', bytes: total, total });
  });

  /** Bytes of the layers of two images, those of both once. */
  async function layerBytes(...images: readonly string[]): Promise<number> {
    const sizes = new Map<string, number>();
    for (const image of images) {
      for (const { digest, size } of (await gantry.inspectImage({ image, platform: 'linux/amd64' })).layers) {
        sizes.set(digest, size);
      }
    }
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  it('compares the platform that is asked for, and two platforms of one index by their digests', async () => {
    const [left, right] = [`${host}/a/b:1`, `${host}/a/b:2`];
    const arm = await gantry.compareImages({ left, right, platform: 'linux/arm64' });
    assert.deepEqual([arm.left.platform, arm.right.platform], ['linux/arm64', 'linux/arm64']);
    const { platforms } = await gantry.inspectImage({ image: left });
    const [amd64, arm64] = platforms.map(({ digest }) => `${host}/a/b@${digest}`);
    const found = await gantry.compareImages({ left: amd64 ?? '', right: arm64 ?? '' });
    assert.deepEqual([found.left.platform, found.right.platform], ['linux/amd64', 'linux/arm64']);
    assert.deepEqual(found.config, [{ name: 'architecture', before: 'amd64', after: 'arm64' }]);
    assert.deepEqual([found.added, found.removed, found.changed], [[], [], []]);
  });

  it('names the option that is missing, and the image that is not there', async () => {
    const left = `${host}/a/b:1`;
    await assert.rejects(gantry.compareImages({ left, right: '' }), {
      code: 'invalid-reference',
      message: 'compareImages: the option right must be text.',
    });
    await assert.rejects(gantry.compareImages({ left, right: `${host}/a/b:absent` }), { code: 'not-found' });
  });
});
