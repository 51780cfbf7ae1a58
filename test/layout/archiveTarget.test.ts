import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { opens } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import { ArchiveTarget } from '../../src/layout/archiveTarget.ts';
import { dockerArchiveFormat } from '../../src/layout/dockerArchiveFormat.ts';
import { ociArchiveFormat } from '../../src/layout/ociArchiveFormat.ts';
import { OpenArchives } from '../../src/layout/openArchives.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { encodedOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { copyImage } from '../../src/operations/copy.ts';
import { contractImage, layer, layerDescriptor, pushContractImage } from '../support/contractImage.ts';
import { hangingSources } from '../support/hangingSource.ts';
import { testIo } from '../support/io.ts';
import { putImage, putIndex } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { validateImage } from '../support/validateImage.ts';

let folder = '';
let file = '';
describe('archiveTarget.test', () => {
  beforeEach(async () => {
    folder = await newTempDir();
    file = path.join(folder, 'it.tar');
  });
  afterEach(async () => removeTempDir(folder));

  const create = { overwrite: false };
  const ociTarget = (options = create): Promise<ArchiveTarget> =>
    ArchiveTarget.create(file, ociArchiveFormat(), options);
  const dockerTarget = (name?: string): Promise<ArchiveTarget> =>
    ArchiveTarget.create(file, dockerArchiveFormat(name), create);

  function names(): readonly string[] {
    return execFileSync('tar', ['tf', file], { encoding: 'utf8' }).trim().split('\n');
  }

  function member(name: string): unknown {
    return JSON.parse(execFileSync('tar', ['xOf', file, name], { encoding: 'utf8' }));
  }

  describe('ArchiveTarget', () => {
    it('has no file under its name before the tag, and nothing else behind afterwards', async () => {
      await using target = await ociTarget();
      await pushContractImage(asStore(target), contractImage());
      assert.deepEqual(
        (await readdir(folder)).map((name) => name.replace(/[0-9a-f]{12}/, 'RANDOM')),
        ['it.tar.RANDOM.partial'],
      );
      await target.tag(contractImage().descriptor, 'v1', testIo());
      assert.deepEqual(await readdir(folder), ['it.tar']);
    });

    it('makes nothing at all of a target that nobody pushes to', async () => {
      const target = await ociTarget();
      await target[Symbol.asyncDispose]();
      assert.deepEqual(await readdir(folder), []);
    });

    it('leaves nothing when it is given up', async () => {
      const target = await ociTarget();
      await target.push(layerDescriptor, opens(layer), testIo());
      await target[Symbol.asyncDispose]();
      const other = describeBytes(Buffer.from('other'), mediaTypes.layer);
      await assert.rejects(target.push(other, opens(Buffer.from('other')), testIo()), { code: 'unavailable' });
      assert.deepEqual(await readdir(folder), []);
    });

    it('leaves a file that is there as it is', async () => {
      await writeFile(file, 'precious');
      const error = { code: 'already-exists', message: /it\.tar is there already\. .* Set overwrite/ };
      await assert.rejects(ociTarget(), error);
      assert.equal(await readFile(file, 'utf8'), 'precious');
    });

    it('leaves a file that came while it wrote', async () => {
      await using target = await ociTarget();
      await pushContractImage(asStore(target), contractImage());
      await writeFile(file, 'precious');
      await assert.rejects(target.tag(contractImage().descriptor, 'v1', testIo()), { code: 'already-exists' });
      assert.equal(await readFile(file, 'utf8'), 'precious');
      await target[Symbol.asyncDispose]();
      assert.deepEqual(await readdir(folder), ['it.tar']);
    });

    it('replaces a file at the very end where it may', async () => {
      await writeFile(file, 'not precious');
      await using target = await ociTarget({ overwrite: true });
      await pushContractImage(asStore(target), contractImage());
      assert.equal(await readFile(file, 'utf8'), 'not precious');
      await target.tag(contractImage().descriptor, 'v1', testIo());
      assert.deepEqual(names(), [
        'oci-layout',
        ...[layerDescriptor, describeBytes(contractImage().config, ''), contractImage().descriptor].map(
          ({ digest }) => `blobs/sha256/${encodedOf(digest)}`,
        ),
        'index.json',
      ]);
    });

    it('does not replace a folder', async () => {
      await mkdir(file);
      await assert.rejects(ociTarget({ overwrite: true }), { code: 'already-exists', message: /is not a file/ });
    });

    it('says that the folder for it is not there', async () => {
      file = path.join(folder, 'no/it.tar');
      await using target = await ociTarget();
      await assert.rejects(target.push(layerDescriptor, opens(layer), testIo()), {
        code: 'not-found',
        message: /writing .*no\/it\.tar: it is not there/,
      });
    });

    it('removes what a crash left beside the file a day ago, and nothing else', async () => {
      const left = [
        'it.tar.0123456789ab.partial',
        'it.tar.fedcba987654.partial',
        'it.tar.mine.partial',
        'other.partial',
      ];
      for (const name of left) await writeFile(path.join(folder, name), 'half');
      const before = new Date(Date.now() - 25 * 3_600_000);
      for (const name of left.filter((each) => !each.includes('fedcba'))) {
        await utimes(path.join(folder, name), before, before);
      }
      await using target = await ociTarget();
      await pushContractImage(asStore(target), contractImage(), 'v1');
      assert.deepEqual((await readdir(folder)).sort(), ['it.tar', ...left.slice(1)].sort());
    });

    it('writes the same bytes for the same image, however the source is paced', async () => {
      const memory = new MemoryStore();
      const { digest } = await putIndex(memory, { layers: 4, layerBytes: 200_000 }, testIo());
      const archives: Buffer[] = [];
      for (const pause of [0, 3]) {
        await using target = await ociTarget({ overwrite: true });
        const source = {
          resolve: memory.resolve.bind(memory),
          fetch: async (...args: Parameters<MemoryStore['fetch']>) => {
            for (let turn = 0; turn < pause * (args[0].size % 7); turn++) await new Promise(setImmediate);
            return memory.fetch(...args);
          },
        };
        await copyImage(source, digest, target, { tag: 'v1', overwrite: true }, testIo());
        archives.push(await readFile(file));
      }
      assert.equal(archives[0]?.equals(archives[1] ?? Buffer.alloc(0)), true);
    });

    it('keeps every byte and digest of an index with all its images', async () => {
      const memory = new MemoryStore();
      const { digest } = await putIndex(memory, { attestations: true, layerBytes: 300_000 }, testIo());
      await using target = await ociTarget();
      await copyImage(memory, digest, target, { tag: 'v1', overwrite: false }, testIo());
      const store = await new OpenArchives(folder).open('oci-archive', file, testIo());
      assert.deepEqual(await validateImage(store, 'v1', testIo()), await validateImage(memory, digest, testIo()));
    });

    it('leaves no trace of a member that failed', async () => {
      await using target = await ociTarget();
      async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
        yield layer.subarray(0, 5);
        throw new TypeError('the source broke');
      }
      const other = describeBytes(Buffer.from('other'), mediaTypes.layer);
      const failed = await target
        .push(layerDescriptor, async () => broken(), testIo())
        .catch((error: unknown) => error);
      assert.match(`${String(failed)} ${String(failed instanceof Error ? failed.cause : '')}`, /the source broke/);
      await assert.rejects(target.push(other, opens(Buffer.from('lies!')), testIo()), { code: 'content-mismatch' });
      assert.equal(await target.has(layerDescriptor, testIo()), false);
      await pushContractImage(asStore(target), contractImage(), 'v1');
      assert.equal(names().length, 5);
      const store = await new OpenArchives(folder).open('oci-archive', file, testIo());
      assert.equal((await store.resolve('v1', testIo())).digest, contractImage().descriptor.digest);
    });

    it('writes content that is pushed several times at once only once', async () => {
      await using target = await ociTarget();
      const push = (): Promise<void> => target.push(layerDescriptor, opens(layer), testIo());
      await Promise.all([push(), push(), push()]);
      await pushContractImage(asStore(target), contractImage(), 'v1');
      assert.equal(names().length, 5);
    });

    for (const [what, source] of Object.entries(hangingSources)) {
      it(`115: stops at once where the source ${what} and does not notice the cancellation, and leaves nothing`, async () => {
        const target = await ociTarget();
        const controller = new AbortController();
        const reason = new Error('cancelled by the user');
        const open = source(layer.subarray(0, 5), () => void setImmediate(() => controller.abort(reason)));
        const push = target.push(layerDescriptor, open, { signal: controller.signal });
        assert.equal(await push.catch((error: unknown) => error), reason);
        await target[Symbol.asyncDispose]();
        assert.deepEqual(await readdir(folder), []);
      });
    }

    it('is finished by its first tag', async () => {
      await using target = await ociTarget();
      const { descriptor } = contractImage();
      await pushContractImage(asStore(target), contractImage(), 'v1');
      assert.equal((await target.resolve('v1', testIo())).digest, descriptor.digest);
      await assert.rejects(target.tag(descriptor, 'v2', testIo()), { code: 'already-exists', message: /is finished/ });
      await assert.rejects(target.resolve('v2', testIo()), { code: 'not-found' });
    });

    it('131: refuses a manifest that is an image and an index at once', async () => {
      await using target = await ociTarget();
      const image = contractImage({ manifests: [] });
      await assert.rejects(target.push(image.descriptor, opens(image.manifest), testIo()), {
        code: 'invalid-manifest',
      });
    });

    it('refuses a digest that is none before it becomes a name', async () => {
      await using target = await ociTarget();
      const digest = 'sha256:../../canary' as const;
      await assert.rejects(target.push({ ...layerDescriptor, digest }, opens(layer), testIo()), {
        code: 'invalid-digest',
      });
      assert.deepEqual(await readdir(folder), []);
    });
  });

  describe('dockerArchiveFormat', () => {
    it('is what docker load reads: config, layers as they are, manifest.json with the name', async () => {
      const memory = new MemoryStore();
      const image = await putImage(memory, { layers: 2 }, testIo());
      await using target = await dockerTarget('team/app:v1');
      await copyImage(memory, image.digest, target, { tag: 'v1', overwrite: false }, testIo());
      const [entry] = member('manifest.json') as readonly [{ Config: string; RepoTags: string[]; Layers: string[] }];
      assert.deepEqual(entry.RepoTags, ['team/app:v1']);
      assert.match(entry.Config, /^[0-9a-f]{64}\.json$/);
      assert.equal(entry.Layers.length, 2);
      for (const name of entry.Layers) assert.match(name, /^[0-9a-f]{64}\.tar\.gz$/);
      assert.deepEqual([...names()].sort(), [entry.Config, ...entry.Layers, 'manifest.json'].sort());
    });

    it('has no name where none was given', async () => {
      await using target = await dockerTarget();
      await pushContractImage(asStore(target), contractImage(), 'latest');
      assert.deepEqual(member('manifest.json'), [
        {
          Config: `${encodedOf(describeBytes(contractImage().config, '').digest)}.json`,
          RepoTags: null,
          Layers: [`${encodedOf(layerDescriptor.digest)}.tar`],
        },
      ]);
    });

    it('refuses an index of several images, naming their platforms, and leaves nothing', async () => {
      const memory = new MemoryStore();
      const { digest } = await putIndex(memory, {}, testIo());
      const target = await dockerTarget('app:v1');
      await assert.rejects(copyImage(memory, digest, target, { tag: 'v1', overwrite: false }, testIo()), {
        code: 'invalid-reference',
        message:
          /a docker archive holds one image, and sha256:[0-9a-f]{12} has images for linux\/amd64, linux\/arm64\./,
      });
      await target[Symbol.asyncDispose]();
      assert.deepEqual(await readdir(folder), []);
    });

    it('takes the one image of an index', async () => {
      const memory = new MemoryStore();
      const platforms = [{ os: 'linux', architecture: 'arm64' }];
      const { digest } = await putIndex(memory, { platforms }, testIo());
      await using target = await dockerTarget('app:v1');
      await copyImage(memory, digest, target, { tag: 'v1', overwrite: false }, testIo());
      const store = await new OpenArchives(folder).open('docker-archive', file, testIo());
      await validateImage(store, 'app:v1', testIo());
    });

    it('names a layer that the image lists under two media types by the one file that there is', async () => {
      await using target = await dockerTarget('app:v1');
      const zip = { ...layerDescriptor, mediaType: mediaTypes.layerGzip };
      const image = contractImage({ layers: [layerDescriptor, zip] });
      await pushContractImage(asStore(target), image, 'v1');
      const hex = encodedOf(layerDescriptor.digest);
      const [entry] = member('manifest.json') as readonly [{ Layers: string[] }];
      assert.deepEqual(entry.Layers, [`${hex}.tar`, `${hex}.tar`]);
    });

    it('refuses an image of which a layer is elsewhere', async () => {
      await using target = await dockerTarget('app:v1');
      const foreign = {
        ...describeBytes(Buffer.from('far'), mediaTypes.dockerForeignLayer),
        urls: ['https://x.test/'],
      };
      const image = contractImage({ layers: [layerDescriptor, foreign] });
      await pushContractImage(asStore(target), image);
      await assert.rejects(target.tag(image.descriptor, 'v1', testIo()), {
        code: 'unsupported-media-type',
        message: /is not in the source but elsewhere/,
      });
    });

    it('refuses what is no image', async () => {
      await using target = await dockerTarget('app:v1');
      const blob = describeBytes(Buffer.from('{}'), 'application/vnd.in-toto+json');
      await assert.rejects(target.push(blob, opens(Buffer.from('{}')), testIo()), {
        code: 'unsupported-media-type',
        message: /docker archives hold images only\. Save it as an oci-archive/,
      });
    });
  });

  /** The helper writes to any store; an archive is one to write to. */
  function asStore(target: ArchiveTarget): Parameters<typeof pushContractImage>[0] {
    return {
      push: target.push.bind(target),
      tag: target.tag.bind(target),
      has: target.has.bind(target),
      resolve: target.resolve.bind(target),
      fetch: () => Promise.reject(new Error('an archive that is being written is not read')),
    };
  }
});
