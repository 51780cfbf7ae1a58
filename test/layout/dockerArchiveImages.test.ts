import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { resolveManifest } from '../../src/content/bytes.ts';
import type { ArchiveStore } from '../../src/layout/archiveStore.ts';
import { OpenArchives } from '../../src/layout/openArchives.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import {
  imageParts,
  kanikoTar,
  newDockerSave,
  oldDockerSave,
  type TarMember,
  tarOfMembers,
} from '../support/archives.ts';
import { testIo } from '../support/io.ts';
import { seededBytes, tarOf } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { validateImage } from '../support/validateImage.ts';

const first = tarOf('first', seededBytes(1, 3000));
const second = tarOf('second', seededBytes(2, 5000));
const plain = imageParts([first, second, first]);
const zipped = imageParts([first, second], [gzipSync(first), gzipSync(second)]);

let folder = '';
describe('dockerArchiveImages.test', () => {
  beforeEach(async () => {
    folder = await newTempDir();
  });
  afterEach(async () => removeTempDir(folder));

  async function open(members: readonly TarMember[]): Promise<ArchiveStore> {
    const file = path.join(folder, 'it.tar');
    await writeFile(file, tarOfMembers(members));
    return new OpenArchives(folder).open('docker-archive', file, testIo());
  }

  /** The media types of the layers of an image. */
  async function layerTypes(store: ArchiveStore, name: string): Promise<readonly string[]> {
    const { manifest } = await resolveManifest(store, name, testIo());
    return manifest.kind === 'image' ? manifest.layers.map(({ mediaType }) => mediaType) : [];
  }

  async function tagsOf(store: ArchiveStore): Promise<readonly string[]> {
    const pages: string[] = [];
    for await (const page of store.tagPages(testIo())) pages.push(...page);
    return pages;
  }

  /** Replaces what one member says. */
  function replaced(members: readonly TarMember[], name: RegExp, content: Uint8Array | string): readonly TarMember[] {
    return members.map((each) => (name.test(each.name) ? { ...each, content } : each));
  }

  describe('dockerArchiveImages', () => {
    it('reads what docker save wrote before 25, with links for equal layers', async () => {
      const store = await open(oldDockerSave(plain, ['app:v1', 'team/app:v2']));
      assert.equal((await validateImage(store, 'app:v1', testIo())).blobs, 3);
      assert.deepEqual(await layerTypes(store, 'team/app:v2'), [mediaTypes.layer, mediaTypes.layer, mediaTypes.layer]);
      assert.deepEqual(await tagsOf(store), ['app:v1', 'team/app:v2']);
    });

    it('reads what docker save writes since 25', async () => {
      const store = await open(newDockerSave(plain, ['app:v1']));
      await validateImage(store, 'app:v1', testIo());
    });

    it('reads compressed layers, as kaniko and crane write them', async () => {
      const store = await open(kanikoTar(zipped, ['gcr.io/team/app:v1']));
      await validateImage(store, 'gcr.io/team/app:v1', testIo());
      assert.deepEqual(await layerTypes(store, 'gcr.io/team/app:v1'), [mediaTypes.layerGzip, mediaTypes.layerGzip]);
    });

    it('tells how each layer is compressed by its first bytes, whatever it is called', async () => {
      const parts = imageParts([first, second, first], [zstdCompressSync(first), second, gzipSync(first)]);
      const store = await open(oldDockerSave(parts, ['app:v1']));
      await validateImage(store, 'app:v1', testIo());
      assert.deepEqual(await layerTypes(store, 'app:v1'), [
        mediaTypes.layerZstd,
        mediaTypes.layer,
        mediaTypes.layerGzip,
      ]);
    });

    it('makes the same manifest of the same content each time, of every form', async () => {
      const digests = new Set<string>();
      for (const members of [
        oldDockerSave(plain, ['app:v1']),
        newDockerSave(plain, ['app:v1']),
        oldDockerSave(plain, []),
      ]) {
        const sole = await (await open(members)).soleManifest(testIo());
        digests.add(sole?.digest ?? '');
      }
      assert.deepEqual([...digests], ['sha256:7820beae9d9d862309ecca2ea4f2293dfc5dc39cac1ac948e5f29d25db15cf94']);
    });

    it('finds an image by any spelling of its name, and by its digest', async () => {
      const store = await open(oldDockerSave(plain, ['redis:7']));
      const { digest } = await store.resolve('redis:7', testIo());
      for (const name of ['docker.io/library/redis:7', 'index.docker.io/library/redis:7', digest]) {
        assert.equal((await store.resolve(name, testIo())).digest, digest);
      }
      await assert.rejects(store.resolve('redis:latest', testIo()), {
        code: 'not-found',
        message: /It has "redis:7"\./,
      });
    });

    it('tells several images apart', async () => {
      const [one, two] = [oldDockerSave(plain, ['one:v1']), kanikoTar(zipped, ['two:v1'])];
      const list = [one, two].map((members) => {
        const { content = '' } = members.find(({ name }) => name === 'manifest.json') ?? {};
        return JSON.parse(String(content)) as readonly unknown[];
      });
      const rest = [...one, ...two].filter(({ name }) => name !== 'manifest.json');
      const store = await open([...rest, { name: 'manifest.json', content: JSON.stringify(list.flat()) }]);
      assert.equal(await store.soleManifest(testIo()), undefined);
      assert.deepEqual(await tagsOf(store), ['one:v1', 'two:v1']);
      const two1 = await store.resolve('two:v1', testIo());
      assert.notEqual(two1.digest, (await store.resolve('one:v1', testIo())).digest);
      assert.deepEqual(await store.resolve(two1.digest, testIo()), two1);
      await validateImage(store, 'two:v1', testIo());
    });

    it('gives out content that is asked for by digest before anything was resolved', async () => {
      const store = await open(kanikoTar(zipped, ['app:v1']));
      assert.equal(
        await store.has({ mediaType: '', digest: digestOf(gzipSync(second)), size: gzipSync(second).length }, testIo()),
        true,
      );
      assert.equal(await store.has({ mediaType: '', digest: digestOf(second), size: second.length }, testIo()), false);
    });

    it('does not pass on a plain layer that is not what the config says', async () => {
      const store = await open(
        replaced(oldDockerSave(imageParts([first]), ['app:v1']), /layer\.tar$/, tarOf('first', seededBytes(3, 3000))),
      );
      await assert.rejects(validateImage(store, 'app:v1', testIo()), {
        code: 'content-mismatch',
        message: new RegExp(`expected ${digestOf(first)}, got ${digestOf(tarOf('first', seededBytes(3, 3000)))}`),
      });
    });

    it('refuses a compressed layer that is not what the config says', async () => {
      const members = kanikoTar(imageParts([first], [gzipSync(second)]), ['app:v1']);
      await assert.rejects((await open(members)).resolve('app:v1', testIo()), {
        code: 'content-mismatch',
        message: new RegExp(`is ${digestOf(second)}, but the image's config says ${digestOf(first)}`),
      });
    });

    it('refuses a plain layer whose name in blobs is another digest than the config says', async () => {
      const members = newDockerSave(imageParts([first], [second]), ['app:v1']);
      await assert.rejects((await open(members)).resolve('app:v1', testIo()), { code: 'content-mismatch' });
    });

    it('says that an archive of an old docker has no manifest.json', async () => {
      const members = oldDockerSave(plain, ['app:v1']).filter(({ name }) => name !== 'manifest.json');
      await assert.rejects(open(members), {
        code: 'unsupported-media-type',
        message: /a docker before 1\.10 or is not whole/,
      });
    });

    it('says what is missing of an image', async () => {
      const members = kanikoTar(zipped, ['app:v1']);
      for (const gone of members.filter(({ name }) => name !== 'manifest.json')) {
        const store = await open(members.filter((each) => each !== gone));
        await assert.rejects(store.resolve('app:v1', testIo()), {
          code: 'corrupt-archive',
          message: new RegExp(`"${gone.name}" is missing in .*it\\.tar`),
        });
      }
    });

    it('reads nothing outside of the archive, whatever names say', async () => {
      await writeFile(path.join(folder, 'secret'), first);
      const escapes = [
        '../../etc/passwd',
        '/etc/passwd',
        '../secret',
        path.join(folder, 'secret'),
        '',
        '.',
        'constructor',
      ];
      for (const name of escapes) {
        const config = plain.config.toString().replace(/,"sha256:[^\]]*/, '');
        const entry = { Config: 'config.json', RepoTags: ['app:v1'], Layers: [name] };
        const store = await open([
          { name: 'config.json', content: config },
          { name: 'manifest.json', content: JSON.stringify([entry]) },
        ]);
        await assert.rejects(
          store.resolve('app:v1', testIo()),
          { code: 'corrupt-archive', message: /is missing in/ },
          name,
        );
      }
    });

    it('gives up on links that lead in a circle, far away or out of the archive', async () => {
      const chain = Array.from({ length: 40 }, (_, at) => ({ name: `hop${at}`, link: `hop${at + 1}` }));
      const links: readonly (readonly TarMember[])[] = [
        [{ name: 'layer.tar', link: 'layer.tar' }],
        [
          { name: 'layer.tar', link: 'other.tar' },
          { name: 'other.tar', link: './x/../layer.tar' },
        ],
        [{ name: 'layer.tar', link: 'hop0' }, ...chain, { name: 'hop40', content: first }],
        [{ name: 'layer.tar', link: '../../etc/passwd' }],
        [{ name: 'layer.tar', link: '/etc/passwd', type: '1' }],
      ];
      for (const members of links) {
        const entry = { Config: 'config.json', RepoTags: ['app:v1'], Layers: ['layer.tar'] };
        const store = await open([
          ...members,
          { name: 'config.json', content: imageParts([first]).config },
          { name: 'manifest.json', content: JSON.stringify([entry]) },
        ]);
        await assert.rejects(store.resolve('app:v1', testIo()), {
          code: 'corrupt-archive',
          message: /"layer\.tar" is missing/,
        });
      }
    });

    it('follows hard links', async () => {
      const entry = { Config: 'config.json', RepoTags: null, Layers: ['layer.tar'] };
      const store = await open([
        { name: 'a/first.tar', content: first },
        { name: 'layer.tar', link: './a/first.tar', type: '1' },
        { name: 'config.json', content: imageParts([first]).config },
        { name: 'manifest.json', content: JSON.stringify([entry]) },
      ]);
      const sole = await store.soleManifest(testIo());
      await validateImage(store, sole?.digest ?? '', testIo());
    });

    const wrong: readonly (readonly [string, string, string])[] = [
      ['of 10 MB', `[${' '.repeat(10_000_000)}]`, 'too-large'],
      ['that is no JSON', 'hello', 'invalid-manifest'],
      ['that is no list', '{}', 'invalid-manifest'],
      ['with an image that is none', '[1]', 'invalid-manifest'],
      ['with layers that are no names', '[{"Config":"a","Layers":[1]}]', 'invalid-manifest'],
      ['with layers that are no list', '[{"Config":"a","Layers":{"length":1}}]', 'invalid-manifest'],
      ['with 10,001 images', JSON.stringify(Array(10_001).fill({ Config: 'a', Layers: [] })), 'too-large'],
      ['with 10,001 layers', JSON.stringify([{ Config: 'a', Layers: Array(10_001).fill('a') }]), 'too-large'],
    ];
    for (const [what, content, code] of wrong) {
      it(`refuses a manifest.json ${what}`, async () => {
        await assert.rejects(open([{ name: 'manifest.json', content }]), { code });
      });
    }

    const configs: readonly (readonly [string, string, string])[] = [
      ['is no JSON', 'hello', 'invalid-manifest'],
      ['has fewer layers', '{"rootfs":{"diff_ids":[]}}', 'invalid-manifest'],
      ['has a diff id that is no digest', '{"rootfs":{"diff_ids":["x"]}}', 'invalid-manifest'],
      ['has 9 MB', `{"rootfs":{"diff_ids":[]},"x":"${'x'.repeat(9 << 20)}"}`, 'too-large'],
    ];
    for (const [what, content, code] of configs) {
      it(`refuses an image whose config ${what}`, async () => {
        const members = replaced(kanikoTar(imageParts([first]), ['app:v1']), /^sha256:/, content);
        await assert.rejects((await open(members)).resolve('app:v1', testIo()), { code });
      });
    }

    it('refuses layers that are compressed with xz', async () => {
      const parts = imageParts([first], [Buffer.from('fd377a585a0000', 'hex')]);
      await assert.rejects((await open(oldDockerSave(parts, ['app:v1']))).resolve('app:v1', testIo()), {
        code: 'unsupported-media-type',
        message: /the layer "[0-9a-f]{64}\/layer\.tar" of .*it\.tar cannot be read: xz is not supported/,
      });
    });
  });
});
