import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type ArchiveDescription, describeArchive } from '../../src/layout/archives.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { memberHeader } from '../../src/layout/tarMember.ts';
import {
  imageParts,
  kanikoTar,
  newDockerSave,
  oldDockerSave,
  type TarMember,
  tarOfMembers,
} from '../support/archives.ts';
import { contractImage, pushContractImage } from '../support/contractImage.ts';
import { testIo } from '../support/io.ts';
import { seededBytes, tarOf } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const layers = [tarOf('first', seededBytes(1, 3000)), tarOf('second', seededBytes(2, 70_000))];
const parts = imageParts(layers);

let folder = '';
let file = '';
describe('archives.test', () => {
  beforeEach(async () => {
    folder = await newTempDir();
    file = path.join(folder, 'it.tar');
  });
  afterEach(async () => removeTempDir(folder));

  async function described(bytes: Uint8Array): Promise<ArchiveDescription | undefined> {
    await writeFile(file, bytes);
    return describeArchive(file, testIo());
  }

  const ordinary = (count: number): readonly TarMember[] =>
    Array.from({ length: count }, (_, at) => ({ name: `src/file-${at}.ts`, content: 'text' }));

  describe('describeArchive', () => {
    it('knows a layout in a folder and in a tar of it, with the digests of its images', async () => {
      const layout = await LayoutStore.open(path.join(folder, 'layout'), testIo(), { create: true });
      await pushContractImage(layout, contractImage(), 'v1', 'v2');
      const { descriptor } = contractImage();
      const images = [
        { name: 'v1', descriptor },
        { name: 'v2', descriptor },
      ];
      assert.deepEqual(await describeArchive(path.join(folder, 'layout'), testIo()), { kind: 'oci', images });
      execFileSync('tar', ['-C', path.join(folder, 'layout'), '--exclude=.gantry-tmp', '-cf', file, '.']);
      assert.deepEqual(await describeArchive(file, testIo()), { kind: 'oci-archive', images });
    });

    const forms = { 'an old docker save': oldDockerSave, kaniko: kanikoTar } as const;
    for (const [what, form] of Object.entries(forms)) {
      it(`knows the names of the images of ${what}, compressed or not`, async () => {
        const bytes = tarOfMembers(form(parts, ['app:v1', 'app:latest']));
        const expected = { kind: 'docker-archive', images: [{ name: 'app:v1' }, { name: 'app:latest' }] };
        for (const each of [bytes, gzipSync(bytes), zstdCompressSync(bytes)]) {
          assert.deepEqual(await described(each), expected);
        }
      });
    }

    it('takes what docker save writes now for an OCI archive, which has digests', async () => {
      const found = await described(gzipSync(tarOfMembers(newDockerSave(parts, ['app:v1']))));
      assert.equal(found?.kind, 'oci-archive');
      assert.deepEqual(
        found.images.map(({ name }) => name),
        ['v1'],
      );
    });

    it('takes the images of manifest.json where index.json lists none, as docker 25.0 wrote it', async () => {
      const members = newDockerSave(parts, ['app:v1']).map((each) =>
        each.name === 'index.json' ? { ...each, content: '{"schemaVersion":2,"manifests":null}' } : each,
      );
      assert.deepEqual(await described(tarOfMembers(members)), {
        kind: 'docker-archive',
        images: [{ name: 'app:v1' }],
      });
      const alone = members.filter(({ name }) => name !== 'manifest.json');
      assert.deepEqual(await described(tarOfMembers(alone)), { kind: 'oci-archive', images: [] });
    });

    it('stops in what a little compressed content becomes when it is cancelled', async () => {
      const stop = new AbortController();
      // Frames of 20 MiB of zeros, 13 KB together: all of it is read from the disk in one piece.
      const header = zstdCompressSync(memberHeader(`${'0'.repeat(64)}.tar`, 800 << 20));
      const frame = zstdCompressSync(Buffer.alloc(20 << 20));
      await writeFile(file, Buffer.concat([header, ...Array.from({ length: 40 }, () => frame)]));
      setTimeout(() => stop.abort(new Error('given up')), 20);
      await assert.rejects(describeArchive(file, { signal: stop.signal }), /given up/);
    });

    it('knows an image without a name', async () => {
      assert.deepEqual(await described(tarOfMembers(oldDockerSave(parts, []))), {
        kind: 'docker-archive',
        images: [{}],
      });
    });

    const others: readonly (readonly [string, Uint8Array])[] = [
      ['a tar of something else', tarOfMembers(ordinary(10))],
      [
        'a tar with a manifest.json of something else',
        tarOfMembers([{ name: 'manifest.json', content: '{"name":"app"}' }]),
      ],
      ['a tar with a list in its manifest.json', tarOfMembers([{ name: 'manifest.json', content: '["a"]' }])],
      ['a tar with an empty list in its manifest.json', tarOfMembers([{ name: 'manifest.json', content: '[]' }])],
      ['a tar with an index.json of something else', tarOfMembers([{ name: 'index.json', content: '{}' }])],
      ['text', Buffer.from('text '.repeat(1000))],
      ['nothing', Buffer.alloc(0)],
      ['gzip of text', gzipSync('text')],
      ['gzip that is cut', gzipSync(seededBytes(1, 5000)).subarray(0, 3000)],
      ['xz', Buffer.from('fd377a585a0000', 'hex')],
      ['a tar that is cut before anything is known', tarOfMembers(oldDockerSave(parts, ['app:v1'])).subarray(0, 2000)],
    ];
    for (const [what, bytes] of others) {
      it(`does not take ${what} for an archive of images`, async () => assert.equal(await described(bytes), undefined));
    }

    it('does not take an ordinary folder for a layout', async () => {
      assert.equal(await describeArchive(folder, testIo()), undefined);
    });

    it('says that there is nothing', async () => {
      await assert.rejects(describeArchive(path.join(folder, 'nothing'), testIo()), { code: 'not-found' });
    });

    it('gives up on a large tar in which nothing looks like an image', async () => {
      const [last] = oldDockerSave(parts, ['app:v1']).filter(({ name }) => name === 'manifest.json');
      assert.ok(last !== undefined);
      assert.equal((await described(tarOfMembers([...ordinary(1000), last])))?.kind, 'docker-archive');
      assert.equal(await described(tarOfMembers([...ordinary(3000), last])), undefined);
    });

    it('gives up on a compressed tar of 100 MB in which nothing looks like an image, after 64 MiB', async () => {
      const [last] = oldDockerSave(parts, ['app:v1']).filter(({ name }) => name === 'manifest.json');
      assert.ok(last !== undefined);
      const large = (bytes: number): readonly TarMember[] => [{ name: 'disk', content: Buffer.alloc(bytes) }, last];
      assert.equal((await described(gzipSync(tarOfMembers(large(50 << 20)), { level: 1 })))?.kind, 'docker-archive');
      assert.equal(await described(gzipSync(tarOfMembers(large(100 << 20)), { level: 1 })), undefined);
    });

    it('looks on where layers came first', async () => {
      const many = Array.from({ length: 3000 }, (_, at) => ({
        name: `${at}`.padStart(64, '0') + '.tar',
        content: 'x',
      }));
      const bytes = tarOfMembers([...many, ...oldDockerSave(parts, ['app:v1'])]);
      assert.equal((await described(bytes))?.kind, 'docker-archive');
    });

    it('does nothing for a signal that has aborted', async () => {
      const reason = new Error('cancelled before');
      const io = { signal: AbortSignal.abort(reason) };
      await assert.rejects(describeArchive(folder, io), reason);
    });
  });
});
