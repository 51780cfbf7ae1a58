import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../../src/content/store.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { parseManifest } from '../../src/oci/manifest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import type { RequestRecord } from '../../src/registry/http.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { putRealBase, realProgram } from '../support/realBase.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { validateImage } from '../support/validateImage.ts';
import { run, skopeoRaw, unpack } from './judges.ts';

describe('the main job between two docker-registries', function () {
  this.timeout(60_000);
  let [first, second]: RunningRegistry[] = [];
  let folder = '';
  let requests: RequestRecord[] = [];
  const credentials = { find: () => Promise.resolve(undefined) };
  const log = (record: RequestRecord): void => void requests.push(record);
  const stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials, log });
  const io: () => Io = () => testIo(50_000);
  const gantry = createGantry({
    stores,
    get layers() {
      return testLayers(path.join(folder, 'cache'));
    },
    platforms: () => ['linux/amd64'],
    compression: () => 'gzip',
    get temporary() {
      return path.join(folder, 'temporary');
    },
    epoch: 0,
  });

  before(async function () {
    needs(this, 'docker-registry', 'skopeo', 'umoci', 'ldd', 'tar');
    [first, second] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
    folder = await newTempDir();
    await putRealBase(stores.registry(first.host).repository('base/real'), '1', io());
  });

  after(async () => {
    await stores.close();
    await Promise.all([first?.stop(), second?.stop()]);
    if (folder !== '') await removeTempDir(folder);
  });

  beforeEach(() => {
    requests = [];
  });

  it('copies an index with the digests of it and of every child unchanged', async () => {
    const [from, to] = [`${first!.host}/base/real:1`, `${second!.host}/copy/real:1`];
    const copied = await gantry.copyImage({ source: from, target: to });
    const before = skopeoRaw(from);
    assert.deepEqual(skopeoRaw(to), before);
    assert.equal(digestOf(skopeoRaw(to)), copied.digest);
    const index = parseManifest(before, mediaTypes.index);
    assert.ok(index.kind === 'index');
    assert.equal(index.manifests.length, 2);
    for (const child of index.manifests) {
      assert.equal(digestOf(skopeoRaw(`${second!.host}/copy/real@${child.digest}`)), child.digest);
    }
    assert.equal(copied.blobs.present + copied.blobs.mounted, 0);
    await validateImage(stores.registry(second!.host).repository('copy/real'), '1', io());
    const root = await unpack(to, 'amd64', path.join(folder, 'copied'));
    assert.deepEqual(
      await readFile(path.join(root, 'usr/share/zoneinfo/Europe/Paris')),
      await readFile('/usr/share/zoneinfo/Europe/Paris'),
    );
  });

  it('needs at most 2 requests to copy what is there already', async () => {
    const options = { source: `${first!.host}/base/real:1`, target: `${second!.host}/copy/real:1` };
    await gantry.copyImage(options);
    requests = [];
    const again = await gantry.copyImage(options);
    assert.deepEqual(
      requests.map(({ method }) => method),
      ['HEAD', 'HEAD'],
    );
    assert.equal(again.bytesTransferred, 0);
  });

  it('promotes inside one registry without moving a blob', async () => {
    const promoted = await gantry.copyImage({
      source: `${first!.host}/base/real:1`,
      target: `${first!.host}/prod/real:1`,
    });
    assert.deepEqual(promoted.blobs, { present: 0, mounted: 6, transferred: 0 });
    assert.equal(promoted.bytesTransferred, 0);
    assert.ok(requests.filter(({ bytesSent }) => bytesSent > 0).every(({ url }) => url.includes('/manifests/')));
    assert.deepEqual(skopeoRaw(`${first!.host}/prod/real:1`), skopeoRaw(`${first!.host}/base/real:1`));
  });

  it('copies chosen platforms as a new index that skopeo accepts', async () => {
    const target = `${second!.host}/arm/real:1`;
    const copied = await gantry.copyImage({ source: `${first!.host}/base/real:1`, target, platforms: ['linux/arm64'] });
    const index = parseManifest(skopeoRaw(target), mediaTypes.index);
    assert.equal(index.digest, copied.digest);
    assert.deepEqual(index.kind === 'index' && index.manifests.map(({ platform }) => platform?.architecture), [
      'arm64',
    ]);
    await unpack(target, 'arm64', path.join(folder, 'arm'));
  });

  it('291: appends a real program to a real base: it runs there, with the mode and owner asked for', async function () {
    const app = path.join(folder, 'app');
    await mkdir(path.join(app, 'data'), { recursive: true });
    await cp(realProgram, path.join(app, 'say'));
    await chmod(path.join(app, 'say'), 0o700);
    await writeFile(path.join(app, 'data/words.txt'), 'words\n', { mode: 0o600 });
    const options = {
      base: `${first!.host}/base/real:1`,
      target: `${second!.host}/app/say:1`,
      files: [
        { from: path.join(app, 'say'), to: '/app/say', mode: '0750' },
        { from: path.join(app, 'data'), to: '/app/data' },
      ],
      owner: '1000:2000',
      config: { entrypoint: ['/app/say'], cmd: ['hello'] },
    };
    const made = await gantry.appendLayer(options);
    for (const architecture of ['amd64', 'arm64']) {
      const root = await unpack(options.target, architecture, path.join(folder, 'appended'));
      const say = await stat(path.join(root, 'app/say'));
      assert.equal(say.mode & 0o7777, 0o750);
      const words = await stat(path.join(root, 'app/data/words.txt'));
      assert.equal(words.mode & 0o7777, 0o644);
      if (process.getuid?.() === 0) assert.deepEqual([say.uid, say.gid, words.uid], [1000, 2000, 1000]);
      assert.equal(words.mtimeMs, 0);
    }
    await validateImage(stores.registry(second!.host).repository('app/say'), '1', io());
    if (process.getuid?.() === 0 && process.arch === 'x64') {
      const root = path.join(folder, 'appended/bundle-amd64/rootfs');
      assert.equal(execFileSync('chroot', [root, '/app/say', 'it', 'runs'], { encoding: 'utf8' }), 'it runs\n');
    }
    requests = [];
    const again = await gantry.appendLayer({ ...options, target: `${second!.host}/app/say:2` });
    assert.equal(again.digest, made.digest);
    assert.deepEqual(
      again.layers.map(({ reused }) => reused),
      [true],
    );
    assert.equal(again.bytesTransferred, 0);
    const inspected = JSON.parse(
      run(
        'skopeo',
        'inspect',
        '--tls-verify=false',
        '--override-arch=amd64',
        '--override-os=linux',
        '--config',
        `docker://${options.target}`,
      ),
    ) as { config: object };
    assert.deepEqual(inspected.config, {
      Env: ['PATH=/usr/bin:/bin'],
      WorkingDir: '/',
      Entrypoint: ['/app/say'],
      Cmd: ['hello'],
    });
  });

  it('retags without changing a byte of the manifest', async () => {
    const before = skopeoRaw(`${first!.host}/base/real:1`);
    await gantry.retag({ image: `${first!.host}/base/real:1`, tags: ['stable', 'latest'] });
    assert.deepEqual(skopeoRaw(`${first!.host}/base/real:stable`), before);
    assert.deepEqual(await gantry.listTags({ repository: `${first!.host}/base/real` }), ['1', 'latest', 'stable']);
  });
});
