import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fileSystem, { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { fetchBytes, resolveManifest } from '../../src/content/bytes.ts';
import type { ImageStore } from '../../src/content/store.ts';
import { isOciError } from '../../src/errors.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { memberHeader } from '../../src/layout/tarMember.ts';
import { type ArchiveTransport, OpenArchives } from '../../src/layout/openArchives.ts';
import { digestOf, encodedOf } from '../../src/oci/digest.ts';
import { successors } from '../../src/oci/manifest.ts';
import { imageParts, oldDockerSave, type TarMember, tarOfMembers } from '../support/archives.ts';
import { contractImage, layer, layerDescriptor, pushContractImage } from '../support/contractImage.ts';
import { testIo } from '../support/io.ts';
import { seededBytes, tarOf } from '../support/seededImage.ts';
import { storeContract } from '../support/storeContract.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

let folder = '';
let archives: OpenArchives;
describe('archiveStore.test', () => {
  beforeEach(async () => {
    folder = await newTempDir();
    archives = new OpenArchives(path.join(folder, 'temporary'));
  });
  afterEach(async () => {
    await archives.close();
    await removeTempDir(folder);
  });

  /** A store whose writes go to a layout in a folder and whose reads come from a tar of that folder, made anew by GNU tar. */
  async function throughTar(...options: readonly string[]): Promise<ImageStore> {
    const [root, file] = [path.join(folder, 'layout'), path.join(folder, 'layout.tar')];
    const layout = await LayoutStore.open(root, testIo(), { create: true });
    const archive = async (): Promise<ImageStore> => {
      execFileSync('tar', [...options, '--exclude=.gantry-tmp', '-C', root, '-cf', file, '.']);
      return archives.open('oci-archive', file, testIo());
    };
    return {
      push: layout.push.bind(layout),
      tag: layout.tag.bind(layout),
      untag: layout.untag.bind(layout),
      deleteManifest: layout.deleteManifest.bind(layout),
      has: async (descriptor, io) => (await archive()).has(descriptor, io),
      resolve: async (identifier, io) => (await archive()).resolve(identifier, io),
      fetch: async (descriptor, io) => (await archive()).fetch(descriptor, io),
      fetchRange: async (descriptor, range, io) => {
        const store = await archive();
        assert.ok(store.fetchRange !== undefined);
        return store.fetchRange(descriptor, range, io);
      },
      tagPages: async function* (io) {
        yield* (await archive()).tagPages?.(io) ?? [];
      },
    };
  }

  storeContract('ArchiveStore', () => throughTar());
  storeContract('ArchiveStore of a gzip archive', () => throughTar('-z'));

  async function open(transport: ArchiveTransport, bytes: Uint8Array): Promise<ImageStore> {
    await writeFile(path.join(folder, 'it.tar'), bytes);
    return archives.open(transport, path.join(folder, 'it.tar'), testIo());
  }

  /** The members of an OCI archive with one image. */
  function ociMembers(prefix = ''): readonly TarMember[] {
    const { config, manifest, descriptor } = contractImage();
    const blobs = [layer, config, manifest].map((content) => ({
      name: `${prefix}blobs/sha256/${encodedOf(digestOf(content))}`,
      content,
    }));
    const entry = { ...descriptor, annotations: { 'org.opencontainers.image.ref.name': 'v1' } };
    return [
      { name: `${prefix}oci-layout`, content: '{"imageLayoutVersion":"1.0.0"}' },
      ...blobs,
      { name: `${prefix}index.json`, content: JSON.stringify({ schemaVersion: 2, manifests: [entry] }) },
    ];
  }

  async function readLayer(store: ImageStore): Promise<string> {
    return Buffer.from(await fetchBytes(store, layerDescriptor, 1 << 20, testIo())).toString();
  }

  describe('ArchiveStore', () => {
    for (const prefix of ['', './', '/', './/']) {
      it(`reads an archive whose names begin with "${prefix}"`, async () => {
        const store = await open('oci-archive', tarOfMembers(ociMembers(prefix)));
        assert.equal((await store.resolve('v1', testIo())).digest, contractImage().descriptor.digest);
        assert.equal(await readLayer(store), 'the bytes of a layer');
      });
    }

    const compressions = { gzip: gzipSync, zstd: zstdCompressSync } as const;
    for (const [name, compress] of Object.entries(compressions)) {
      it(`reads an archive that is compressed with ${name}, and keeps no file of it in sight`, async () => {
        const store = await open('oci-archive', compress(tarOfMembers(ociMembers())));
        assert.equal(await readLayer(store), 'the bytes of a layer');
        assert.deepEqual(await readdir(path.join(folder, 'temporary')), []);
      });

      it(`reads on after the archives were closed, unpacking ${name} once more`, async () => {
        const store = await open('oci-archive', compress(tarOfMembers(ociMembers())));
        await archives.close();
        assert.equal(await readLayer(store), 'the bytes of a layer');
        await archives.close();
      });
    }

    it('says that it cannot be changed', async () => {
      const store = await open('oci-archive', tarOfMembers(ociMembers()));
      for (const change of [
        () => store.tag(contractImage().descriptor, 'v2', testIo()),
        () => pushContractImage(store, contractImage()),
      ]) {
        await assert.rejects(change, {
          code: 'unsupported-media-type',
          message: /is an archive, which cannot be changed/,
        });
      }
    });

    it('names what there is where a name is not there', async () => {
      const store = await open('oci-archive', tarOfMembers(ociMembers()));
      await assert.rejects(store.resolve('v2', testIo()), {
        code: 'not-found',
        message: /no image is named "v2" in .*it\.tar\. It has "v1"\./,
      });
    });

    it('does not pass on a blob that is damaged', async () => {
      const bytes = tarOfMembers(ociMembers());
      bytes.write('XX', bytes.indexOf('the bytes of a layer'));
      const store = await open('oci-archive', bytes);
      await assert.rejects(readLayer(store), {
        code: 'content-mismatch',
        message: /it\.tar is damaged: digest mismatch/,
      });
    });

    it('does not pass on a blob of another size', async () => {
      const members = ociMembers().map((each) => (each.content === layer ? { ...each, content: 'the' } : each));
      const store = await open('oci-archive', tarOfMembers(members));
      await assert.rejects(readLayer(store), { code: 'content-mismatch', message: /it has 3 of 20 bytes/ });
    });

    it('notices that the file changes, and opens it anew the next time', async () => {
      const store = await open('oci-archive', tarOfMembers(ociMembers()));
      const again = await open('oci-archive', tarOfMembers([...ociMembers(), { name: 'more', content: 'x' }]));
      await assert.rejects(readLayer(store), { code: 'content-mismatch', message: /has changed while it was read/ });
      assert.equal(await readLayer(again), 'the bytes of a layer');
    });

    it('is opened once as long as the file stays', async () => {
      const store = await open('oci-archive', tarOfMembers(ociMembers()));
      assert.equal(await archives.open('oci-archive', path.join(folder, 'it.tar'), testIo()), store);
    });

    it('cannot be fooled by names that leave the archive or by links out of it', async () => {
      const blob = `blobs/sha256/${encodedOf(layerDescriptor.digest)}`;
      await writeFile(path.join(folder, 'secret'), layer);
      const without = ociMembers().filter(({ content }) => content !== layer);
      for (const odd of [
        { name: `../${blob}`, content: layer },
        { name: blob, link: path.join(folder, 'secret') },
        { name: blob, link: '../../../secret' },
        { name: blob, link: '../../secret' },
      ]) {
        const store = await open('oci-archive', tarOfMembers([...without, odd]));
        await assert.rejects(readLayer(store), { code: 'not-found' });
      }
    });

    it('refuses a second index.json, which other tools would take', async () => {
      const bytes = tarOfMembers([...ociMembers(), { name: './index.json', content: '{"schemaVersion":2}' }]);
      await assert.rejects(open('oci-archive', bytes), {
        code: 'corrupt-archive',
        message: /"index\.json" of .*it\.tar stands in the archive more than once/,
      });
    });

    it('takes the last of several equal names of a blob, as tools that unpack do', async () => {
      const name = `blobs/sha256/${encodedOf(layerDescriptor.digest)}`;
      assert.equal(
        await readLayer(await open('oci-archive', tarOfMembers([{ name, content: 'old' }, ...ociMembers()]))),
        'the bytes of a layer',
      );
    });

    it('says what is missing', async () => {
      for (const [at, name] of [
        [4, /"index\.json" is missing in .*it\.tar/],
        [3, /"blobs\/sha256\/[0-9a-f]{64}" is missing in .*it\.tar/],
      ] as const) {
        const members = ociMembers().filter((_, each) => each !== at);
        const resolving = open('oci-archive', tarOfMembers(members)).then((store) => store.resolve('v1', testIo()));
        await assert.rejects(resolving, { code: 'corrupt-archive', message: name });
      }
    });

    it('tells a docker archive from an OCI archive', async () => {
      await assert.rejects(open('oci-archive', tarOfMembers([{ name: 'manifest.json', content: '[]' }])), {
        code: 'unsupported-media-type',
        message: /Write docker-archive: in front of its path/,
      });
      await assert.rejects(open('docker-archive', tarOfMembers(ociMembers())), {
        code: 'unsupported-media-type',
        message: /Write oci-archive: in front of its path/,
      });
    });

    it('refuses an index.json of 10 MB', async () => {
      const members = [{ name: 'index.json', content: `{"schemaVersion":2,"a":"${'x'.repeat(10_000_000)}"}` }];
      await assert.rejects(open('oci-archive', tarOfMembers(members)), { code: 'too-large' });
    });

    const odd: readonly (readonly [string, Uint8Array, string])[] = [
      ['no tar', Buffer.alloc(4096, 'text'), 'corrupt-archive'],
      ['an empty file', Buffer.alloc(0), 'corrupt-archive'],
      ['one that is compressed with xz', Buffer.from('fd377a585a0000', 'hex'), 'unsupported-media-type'],
      ['a gzip file that is cut', gzipSync(tarOfMembers(ociMembers())).subarray(0, 200), 'corrupt-archive'],
    ];
    for (const [what, bytes, code] of odd) {
      it(`refuses ${what}`, async () => {
        await assert.rejects(open('oci-archive', bytes), { code });
        assert.deepEqual(await readdir(path.join(folder, 'temporary')).catch(() => []), []);
      });
    }

    it('refuses a folder and says how a layout is named', async () => {
      await assert.rejects(archives.open('oci-archive', folder, testIo()), {
        code: 'unsupported-media-type',
        message: /is not a file. An OCI layout in a folder is named oci:PATH/,
      });
    });

    it('does not wait for a FIFO', async function () {
      if (process.platform === 'win32') this.skip();
      const fifo = path.join(folder, 'fifo');
      execFileSync('mkfifo', [fifo]);
      await assert.rejects(archives.open('oci-archive', fifo, testIo()), { code: 'unsupported-media-type' });
    });

    it('fails with a sentence wherever the archive is cut, or reads all of the image', async () => {
      const bytes = tarOfMembers(ociMembers());
      const last = bytes.length - 1024;
      for (let end = 0; end < last; end += 512) {
        const reading = open('oci-archive', bytes.subarray(0, end)).then((store) => store.resolve('v1', testIo()));
        await assert.rejects(reading, { code: 'corrupt-archive', message: /it\.tar/ }, `cut at ${end}`);
      }
      const store = await open('oci-archive', bytes.subarray(0, last));
      assert.equal(await readLayer(store), 'the bytes of a layer');
    });

    it('finds what stands behind a layer of 9 GiB without reading it', async () => {
      const name = `blobs/sha256/${'0'.repeat(64)}`;
      const size = 9 * 2 ** 30;
      const header = memberHeader(name, size);
      const file = path.join(folder, 'it.tar');
      const handle = await fileSystem.open(file, 'w');
      await handle.write(header, 0, header.length, 0);
      // The layer is a hole in the file.
      const rest = tarOfMembers(ociMembers());
      await handle.write(rest, 0, rest.length, header.length + size);
      await handle.close();
      const store = await archives.open('oci-archive', file, testIo(2000));
      assert.equal(await readLayer(store), 'the bytes of a layer');
      const digest = `sha256:${'0'.repeat(64)}` as const;
      assert.equal(await store.has({ mediaType: '', digest, size }, testIo()), true);
    });

    it('refuses a tar of more than 100,000 folders', async () => {
      const folders = Buffer.concat(Array(100_001).fill(tarOfMembers([{ name: 'a/', type: '5' }], Buffer.alloc(0))));
      await assert.rejects(open('oci-archive', folders), { code: 'too-large', message: /more than 100000 files/ });
    });

    it('refuses a compressed file that unpacks to thousands of times its size, and keeps nothing of it', async () => {
      // Frames of 30 MiB of zeros, each of 1 KB.
      const frame = zstdCompressSync(Buffer.alloc(30 << 20));
      await assert.rejects(open('oci-archive', Buffer.concat(Array(10).fill(frame))), {
        code: 'too-large',
        message: /unpacks to more than 268435456 bytes, which is the limit for a file of its size/,
      });
      assert.deepEqual(await readdir(path.join(folder, 'temporary')), []);
    });

    it('keeps sixteen archives open and opens older ones anew', async () => {
      const bytes = tarOfMembers(ociMembers());
      const file = (at: number): string => path.join(folder, `${at}.tar`);
      const stores = [];
      for (let at = 0; at < 17; at++) {
        await writeFile(file(at), bytes);
        stores.push(await archives.open('oci-archive', file(at), testIo()));
      }
      assert.equal(await archives.open('oci-archive', file(1), testIo()), stores[1]);
      assert.notEqual(await archives.open('oci-archive', file(0), testIo()), stores[0]);
    });

    it('leaves the file alone', async () => {
      const bytes = tarOfMembers(ociMembers());
      await readLayer(await open('oci-archive', bytes));
      assert.deepEqual(await readFile(path.join(folder, 'it.tar')), bytes);
    });
  });

  describe('ArchiveStore of bytes that nobody meant', () => {
    const forms = {
      'oci-archive': tarOfMembers(ociMembers()),
      'docker-archive': tarOfMembers(
        oldDockerSave(imageParts([tarOf('first', seededBytes(1, 700)), tarOf('second', seededBytes(2, 700))]), ['v1']),
      ),
    } as const;
    for (const [transport, bytes] of Object.entries(forms)) {
      it(`gives out nothing wrong of a ${transport} in which bytes were changed`, async () => {
        const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.uint8Array({ minLength: 1, maxLength: 20 }) });
        const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
          const changed = Buffer.from(bytes);
          for (const { at, to } of changes) changed.set(to.subarray(0, bytes.length - at), at);
          try {
            const store = await open(transport === 'oci-archive' ? 'oci-archive' : 'docker-archive', changed);
            const { manifest } = await resolveManifest(store, 'v1', testIo());
            for (const blob of successors(manifest)) await fetchBytes(store, blob, 1 << 20, testIo());
          } catch (error) {
            assert.ok(isOciError(error), String(error));
            assert.ok(!isOciError(error, 'unavailable'), error.message);
          }
        });
        await fc.assert(property, { numRuns: 150, seed: 7 });
      });
    }
  });
});
