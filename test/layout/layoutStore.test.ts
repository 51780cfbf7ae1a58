import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fetchBytes, opens, resolveManifest } from '../../src/content/bytes.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { encodedOf } from '../../src/oci/digest.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { testIo } from '../support/io.ts';
import { contractImage, pushContractImage } from '../support/contractImage.ts';
import { storeContract } from '../support/storeContract.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { findTool, needs } from '../support/tools.ts';

let root: string;
describe('layoutStore.test', () => {
  beforeEach(async () => {
    root = await newTempDir();
  });
  afterEach(async () => removeTempDir(root));

  storeContract('LayoutStore', async () => LayoutStore.open(path.join(root, 'layout'), testIo(), { create: true }));

  async function newLayout(): Promise<LayoutStore> {
    return LayoutStore.open(root, testIo(), { create: true });
  }

  async function readIndex(): Promise<{ manifests: { digest: string; annotations?: Record<string, string> }[] }> {
    return JSON.parse(await readFile(path.join(root, 'index.json'), 'utf8')) as never;
  }

  function fileOf(descriptor: { digest: string }): string {
    return path.join(root, 'blobs', 'sha256', descriptor.digest.slice(7));
  }

  describe('LayoutStore.open', () => {
    it('makes a layout of an empty folder', async () => {
      await newLayout();
      assert.equal(await readFile(path.join(root, 'oci-layout'), 'utf8'), '{"imageLayoutVersion":"1.0.0"}');
      assert.deepEqual((await readIndex()).manifests, []);
      assert.equal((await stat(path.join(root, 'blobs', 'sha256'))).isDirectory(), true);
    });

    it('makes one layout when two writers make it at once', async () => {
      const folder = path.join(root, 'new');
      const open = (): Promise<LayoutStore> => LayoutStore.open(folder, testIo(), { create: true });
      const [one, two] = await Promise.all([open(), open()]);
      await Promise.all([pushContractImage(one, contractImage(), 'a'), pushContractImage(two, contractImage(), 'b')]);
      assert.equal((await one.resolve('b', testIo())).digest, (await two.resolve('a', testIo())).digest);
    });

    it('does not make a layout of a folder with other files', async () => {
      await writeFile(path.join(root, 'thesis.txt'), 'precious');
      await assert.rejects(newLayout(), {
        code: 'already-exists',
        message: /holds other files and is not an OCI layout/,
      });
      assert.deepEqual(await readdir(root), ['thesis.txt']);
    });

    const absent = [path.join('no', 'such', 'folder'), '.'];
    for (const name of absent) {
      it(`says that ${name} is no layout`, async () => {
        const folder = path.join(root, name);
        await assert.rejects(LayoutStore.open(folder, testIo()), {
          code: 'not-found',
          message: `${folder} is not an OCI layout: it has no oci-layout file. Check the path.`,
        });
      });
    }

    const files: readonly (readonly [string, string, string])[] = [
      ['another version', '{"imageLayoutVersion":"2.0.0"}', 'unsupported-media-type'],
      ['no version', '{}', 'unsupported-media-type'],
      ['no JSON', 'hello', 'invalid-manifest'],
      ['70,000 bytes', ' '.repeat(70_000), 'too-large'],
    ];
    for (const [what, text, code] of files) {
      it(`refuses an oci-layout file with ${what}`, async () => {
        await writeFile(path.join(root, 'oci-layout'), text);
        await assert.rejects(LayoutStore.open(root, testIo()), { code });
      });
    }
  });

  describe('LayoutStore', () => {
    it('names an image as other tools do', async () => {
      const store = await newLayout();
      const image = contractImage();
      await pushContractImage(store, image, 'v1');
      assert.deepEqual((await readIndex()).manifests, [
        { ...image.descriptor, annotations: { 'org.opencontainers.image.ref.name': 'v1' } },
      ]);
      assert.deepEqual(await readFile(fileOf(image.descriptor)), image.manifest);
    });

    it('leaves no temporary file behind, also after a failure', async () => {
      const store = await newLayout();
      await pushContractImage(store, contractImage(), 'v1');
      const other = describeBytes(Buffer.from('one'), mediaTypes.layer);
      await assert.rejects(store.push(other, opens(Buffer.from('two')), testIo()), { code: 'content-mismatch' });
      assert.deepEqual(await readdir(path.join(root, '.gantry-tmp')), []);
    });

    it('removes what a crash left behind a day ago, and nothing newer', async () => {
      const scratch = path.join(root, '.gantry-tmp');
      await mkdir(scratch);
      for (const name of ['old', 'new']) await writeFile(path.join(scratch, name), 'half');
      const before = new Date(Date.now() - 25 * 3_600_000);
      await utimes(path.join(scratch, 'old'), before, before);
      await newLayout();
      assert.deepEqual(await readdir(scratch), ['new']);
    });

    it('keeps entries and members of index.json that it does not know', async () => {
      await newLayout();
      const strange = { mediaType: 'text/plain', digest: 'blake3:abc', size: -1, extra: [1] };
      const index = { schemaVersion: 2, annotations: { a: 'b' }, manifests: [strange], 'x-more': true };
      await writeFile(path.join(root, 'index.json'), JSON.stringify(index));
      await pushContractImage(await newLayout(), contractImage(), 'v1');
      const after = (await readIndex()) as Record<string, unknown> & { manifests: unknown[] };
      assert.deepEqual(after.manifests[0], strange);
      assert.equal(after.manifests.length, 2);
      assert.deepEqual([after['annotations'], after['x-more']], [{ a: 'b' }, true]);
    });

    it('sees what another process wrote since', async () => {
      const [one, two] = [await newLayout(), await newLayout()];
      await assert.rejects(one.resolve('v1', testIo()), { code: 'not-found', message: /It has no tags/ });
      await pushContractImage(two, contractImage(), 'v1');
      await one.resolve('v1', testIo());
      await assert.rejects(one.resolve('v2', testIo()), { code: 'not-found', message: /It has "v1"/ });
    });

    it('263: loses no tag when three processes write at once', async () => {
      const image = contractImage();
      await pushContractImage(await newLayout(), image);
      const writer = path.join(import.meta.dirname, '../support/layoutWriter.ts');
      const { spawn } = await import('node:child_process');
      const runs = ['a', 'b', 'c'].map(async (prefix) => {
        const child = spawn(process.execPath, [writer, root, image.descriptor.digest, prefix, '20'], {
          stdio: 'inherit',
        });
        assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0);
      });
      await Promise.all(runs);
      assert.equal((await readIndex()).manifests.length, 60);
    });

    it('goes on after a lock that a crash left', async () => {
      const store = await newLayout();
      const lock = path.join(root, '.gantry-tmp', 'index.lock');
      await writeFile(lock, '');
      const before = new Date(Date.now() - 60_000);
      await utimes(lock, before, before);
      await pushContractImage(store, contractImage(), 'v1');
      await store.resolve('v1', testIo());
    });

    it('10: makes no path of a digest that is none', async () => {
      const store = await newLayout();
      await writeFile(path.join(root, 'canary'), 'secret');
      const descriptor = { mediaType: mediaTypes.layer, digest: 'sha256:../../canary', size: 6 } as never;
      await assert.rejects(store.fetch(descriptor, testIo()), { code: 'invalid-digest' });
      await assert.rejects(store.has(descriptor, testIo()), { code: 'invalid-digest' });
      await assert.rejects(store.push(descriptor, opens(Buffer.from('pwned!')), testIo()), { code: 'invalid-digest' });
      const index = {
        schemaVersion: 2,
        manifests: [{ ...(descriptor as object), annotations: { 'org.opencontainers.image.ref.name': 'v1' } }],
      };
      await writeFile(path.join(root, 'index.json'), JSON.stringify(index));
      await assert.rejects(store.resolve('v1', testIo()), { code: 'invalid-digest' });
      assert.equal(await readFile(path.join(root, 'canary'), 'utf8'), 'secret');
    });

    const layer = contractImage().layer;
    const descriptor = describeBytes(layer, mediaTypes.layer);
    const damage: readonly (readonly [string, () => Promise<void>, RegExp])[] = [
      ['truncated', () => truncate(fileOf(descriptor), 7), /has 7 of 20 bytes/],
      ['changed', () => writeFile(fileOf(descriptor), 'the bytes of a lbyer'), /are others than the digest says/],
      ['longer', () => writeFile(fileOf(descriptor), 'the bytes of a layer and more'), /has 29 of 20 bytes/],
    ];
    for (const [what, spoil, message] of damage) {
      it(`126: says where a blob is ${what}, and a push repairs it`, async () => {
        const store = await newLayout();
        await store.push(descriptor, opens(layer), testIo());
        await spoil();
        const failed = await fetchBytes(store, descriptor, 100, testIo()).catch((error: unknown) => error);
        assert.ok(failed instanceof Error && 'code' in failed);
        assert.equal(failed.code, 'content-mismatch');
        assert.match(failed.message, message);
        assert.ok(failed.message.includes(root));
        await store.push(descriptor, opens(layer), testIo());
        assert.deepEqual(Buffer.from(await fetchBytes(store, descriptor, 100, testIo())), layer);
      });
    }

    it('does not take a device for a blob', async function () {
      if (process.platform === 'win32') this.skip();
      const store = await newLayout();
      await symlink('/dev/zero', fileOf(descriptor));
      await assert.rejects(store.fetch(descriptor, testIo()), { code: 'not-found' });
    });

    it('refuses a tag that index.json could not name', async () => {
      const store = await newLayout();
      const image = contractImage();
      await pushContractImage(store, image);
      for (const tag of ['', 'a b', '-x', 'x'.repeat(300)]) {
        await assert.rejects(store.tag(image.descriptor, tag, testIo()), { code: 'invalid-reference' });
      }
    });

    it('refuses an index.json of more than 8 MiB', async () => {
      const store = await newLayout();
      await writeFile(path.join(root, 'index.json'), ' '.repeat((8 << 20) + 1));
      await assert.rejects(store.resolve('v1', testIo()), { code: 'too-large' });
    });

    it('says which index.json is broken', async () => {
      const store = await newLayout();
      for (const text of [
        '',
        '{"schemaVersion":2,',
        '[]',
        '{"schemaVersion":1}',
        '{"schemaVersion":2,"manifests":7}',
      ]) {
        await writeFile(path.join(root, 'index.json'), text);
        await assert.rejects(store.resolve('v1', testIo()), (error: Error & { code?: string }) => {
          assert.equal(error.code, 'invalid-manifest');
          return error.message.includes(root);
        });
      }
    });

    it('255: says that the file system does not take a blob, and keeps nothing of it', async function () {
      const prlimit = findTool('prlimit');
      needs(this, 'prlimit');
      if (prlimit === undefined) return;
      const store = await newLayout();
      const image = contractImage();
      await pushContractImage(store, image);
      const writer = path.join(import.meta.dirname, '../support/layoutWriter.ts');
      const output = execFileSync(prlimit, ['--fsize=100000', process.execPath, writer, root, 'big'], {
        encoding: 'utf8',
      });
      assert.match(output, /^too-large: writing sha256:[a-f0-9]{64} to .* does not take a file of this size/);
      assert.deepEqual(await readdir(path.join(root, '.gantry-tmp')), []);
      assert.equal((await readdir(path.join(root, 'blobs', 'sha256'))).length, 3);
    });
  });

  describe('LayoutStore.soleManifest', () => {
    it('is the one image of a layout, whatever its tag', async () => {
      const store = await newLayout();
      assert.equal(await store.soleManifest(testIo()), undefined);
      const image = contractImage();
      await pushContractImage(store, image, 'v1', 'v2');
      assert.deepEqual(await store.soleManifest(testIo()), image.descriptor);
    });

    it('does not count a signature', async () => {
      const store = await newLayout();
      const image = contractImage();
      await pushContractImage(store, image, 'v1');
      await pushContractImage(store, contractImage({ subject: image.descriptor }));
      assert.deepEqual(await store.soleManifest(testIo()), image.descriptor);
    });

    it('is none where there are several images', async () => {
      const store = await newLayout();
      await pushContractImage(store, contractImage(), 'v1');
      await pushContractImage(store, contractImage({ annotations: { a: 'b' } }), 'v2');
      assert.equal(await store.soleManifest(testIo()), undefined);
    });
  });

  describe('LayoutStore beside other tools', () => {
    it('reads what skopeo wrote, and skopeo reads what it wrote', async function () {
      needs(this, 'skopeo');
      await pushContractImage(await newLayout(), contractImage(), 'v1');
      const copy = path.join(root, 'copy');
      execFileSync('skopeo', ['copy', '--quiet', '--preserve-digests', `oci:${root}:v1`, `oci:${copy}:again`], {
        stdio: 'pipe',
      });
      const theirs = await LayoutStore.open(copy, testIo());
      const { descriptor } = await resolveManifest(theirs, 'again', testIo());
      assert.equal(descriptor.digest, contractImage().descriptor.digest);
    });

    it('reads and changes what umoci wrote, and umoci reads it after that', async function () {
      needs(this, 'umoci');
      const folder = path.join(root, 'made');
      const umoci = (...args: string[]): string => execFileSync('umoci', args, { encoding: 'utf8', stdio: 'pipe' });
      umoci('init', '--layout', folder);
      umoci('new', '--image', `${folder}:v1`);
      const store = await LayoutStore.open(folder, testIo());
      const { descriptor, manifest } = await resolveManifest(store, 'v1', testIo());
      assert.equal(manifest.kind, 'image');
      await store.tag(descriptor, 'v2', testIo());
      assert.equal(umoci('ls', '--layout', folder), 'v1\nv2\n');
      umoci('stat', '--image', `${folder}:v2`);
      umoci('gc', '--layout', folder);
      await store.untag('v1', testIo());
      assert.equal(umoci('ls', '--layout', folder), 'v2\n');
      assert.equal(encodedOf(descriptor.digest).length, 64);
    });
  });
});
