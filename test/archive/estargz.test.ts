import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultLayerLimits } from '../../src/archive/layerIndex.ts';
import { scanLayer } from '../../src/archive/scanLayer.ts';
import { streamOf } from '../../src/content/bytes.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { estargzOf, writeEstargz } from '../support/estargz.ts';
import { testIo } from '../support/io.ts';
import { seededBytes } from '../support/seededImage.ts';
import { withTempDir } from '../support/tempDir.ts';
import { contentOf, entryAt, indexOf, readToc, reasonOf, someFiles, storeOf, withoutPlaces } from './tocContent.ts';

describe('readTocOrReason of eStargz layers', () => {
  it('lists every kind of entry', async () => {
    const { entries, ...rest } = await indexOf(await estargzOf(someFiles, { chunkBytes: 100_000 }));
    assert.deepEqual(rest, { compression: 'gzip', problems: [] });
    assert.deepEqual(withoutPlaces(entries).slice(0, 12), [
      { path: 'etc', type: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0, mtime: 1_700_000_000 },
      {
        path: 'etc/motd',
        type: 'file',
        size: 6,
        mode: 0o644,
        uid: 7,
        gid: 8,
        mtime: 1_700_000_001,
        digest: 'sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
      },
      { path: 'etc/empty', type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0 },
      { path: 'etc/link', type: 'symlink', size: 0, mode: 0o777, uid: 0, gid: 0, mtime: 0, linkname: '../etc/motd' },
      { path: 'etc/hard', type: 'hardlink', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0, linkname: 'etc/motd' },
      { path: 'bin', type: 'directory', size: 0, mode: 0o1777, uid: 0, gid: 0, mtime: 0 },
      {
        path: 'bin/ping',
        type: 'file',
        size: 3000,
        mode: 0o4755,
        uid: 0,
        gid: 0,
        mtime: 0,
        digest: digestOf(Buffer.alloc(3000, 'ping')),
        xattrs: { 'user.a': '796573', 'user.ä': 'c3bc' },
      },
      { path: 'bin/.wh.old', type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0 },
      { path: 'bin/.wh..wh..opq', type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0 },
      {
        path: 'dev/null',
        type: 'char',
        size: 0,
        mode: 0o666,
        uid: 0,
        gid: 0,
        mtime: 0,
        device: { major: 1, minor: 3 },
      },
      {
        path: 'dev/sda',
        type: 'block',
        size: 0,
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: 0,
        device: { major: 8, minor: 0 },
      },
      { path: 'dev/pipe', type: 'fifo', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0 },
    ]);
    assert.equal(entries[12]?.path, 'lib/größe "x"\\y');
  });

  it('lists what scanning the layer lists', async () => {
    const layer = await estargzOf(someFiles);
    const scanned = await scanLayer(streamOf(layer.blob), { limits: defaultLayerLimits }, testIo());
    const files = scanned.entries.filter((entry) => entry.path !== 'stargz.index.json');
    assert.deepEqual(withoutPlaces((await indexOf(layer)).entries), withoutPlaces(files));
  });

  for (const [what, options] of [
    ['one chunk', {}],
    ['several chunks', { chunkBytes: 1000 }],
    ['chunks that fit exactly', { chunkBytes: 1500 }],
    ['several chunks in a member', { chunkBytes: 1000, memberBytes: 2500 }],
    ['all files in one member', { memberBytes: 1 << 30 }],
  ] as const) {
    it(`finds the content of files of ${what}`, async () => {
      const { blob, descriptor } = await estargzOf(someFiles, options);
      const index = await indexOf({ blob, descriptor });
      for (const { name, content = new Uint8Array() } of someFiles) {
        if (content.length === 0) continue;
        assert.deepEqual(contentOf(blob, index, name), Buffer.from(content));
        assert.equal(entryAt(index, name).digest, digestOf(content));
      }
    });
  }

  it('says where each chunk of a large file is, with its digest', async () => {
    const content = seededBytes(1, 2500);
    const index = await indexOf(await estargzOf([{ name: 'large', content }], { chunkBytes: 1000 }));
    const { offset, chunks = [] } = entryAt(index, 'large');
    assert.equal(offset, -1);
    assert.deepEqual(
      chunks.map(({ start, end, ...rest }) => ({ ...rest, follows: end > start })),
      [0, 1000, 2000].map((at) => ({
        skip: 0,
        offset: at,
        size: Math.min(1000, 2500 - at),
        digest: digestOf(content.subarray(at, at + 1000)),
        follows: true,
      })),
    );
    assert.equal(chunks[0]?.end, chunks[1]?.start);
    assert.equal(chunks[1]?.end, chunks[2]?.start);
  });

  it('takes two requests and a small part of the layer', async () => {
    const files = Array.from({ length: 50 }, (_, at) => ({ name: `file-${at}`, content: seededBytes(at, 10_000) }));
    const layer = await estargzOf(files);
    const { source, ranges } = await storeOf(layer);
    assert.equal((await readToc(source, layer.descriptor, testIo()))?.entries.length, 50);
    assert.equal(ranges.length, 2);
    const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    assert.ok(bytes < layer.blob.length * 0.05, `${bytes} of ${layer.blob.length}`);
  });

  it('reads the footer of stargz, its forerunner, too', async () => {
    const layer = await estargzOf(someFiles, { footer: 'stargz' });
    assert.equal((await indexOf(layer)).entries.length, someFiles.length);
  });

  it('leaves out the files that belong to the format', async () => {
    const landmark = { content: Buffer.of(0xf) };
    const files = [
      { name: '.no.prefetch.landmark', ...landmark },
      { name: '.prefetch.landmark', ...landmark },
      { name: 'etc/.prefetch.landmark', ...landmark },
    ];
    const index = await indexOf(await estargzOf(files));
    assert.deepEqual(
      index.entries.map((entry) => entry.path),
      ['etc/.prefetch.landmark'],
    );
  });

  it('lists a layer without files', async () => {
    assert.deepEqual((await indexOf(await estargzOf([]))).entries, []);
  });

  it('asks for nothing where the manifest vouches for no table of contents', async () => {
    const layer = await estargzOf(someFiles);
    const { source, ranges } = await storeOf(layer);
    for (const annotations of [
      {},
      { 'org.example': 'x' },
      { 'containerd.io/snapshot/stargz/toc.digest': '' },
      { 'containerd.io/snapshot/stargz/toc.digest': 'sha256:short' },
    ]) {
      assert.equal(await readToc(source, { ...layer.descriptor, annotations }, testIo()), undefined);
    }
    assert.equal(await readToc(source, describeBytes(layer.blob, 'application/x'), testIo()), undefined);
    assert.deepEqual(ranges, []);
  });

  it('does not use a table of contents that is not the one the manifest vouches for', async () => {
    const { blob, descriptor } = await estargzOf(someFiles);
    const annotations = { 'containerd.io/snapshot/stargz/toc.digest': digestOf(Buffer.from('another')) };
    assert.match(
      await reasonOf({ blob, descriptor: { ...descriptor, annotations } }),
      /^the table of contents is not used: digest mismatch: expected sha256:[0-9a-f]{64}, got sha256:[0-9a-f]{64}\./,
    );
  });

  it('does not use one where the layer is no eStargz', async () => {
    const { descriptor } = await estargzOf(someFiles);
    for (const blob of [seededBytes(1, 10_000), Buffer.alloc(51), Buffer.alloc(10)]) {
      const layer = { blob, descriptor: { ...descriptor, digest: digestOf(blob), size: blob.length } };
      assert.match(await reasonOf(layer), /^the table of contents is not used: the layer is (labelled|too small)/);
    }
  });

  it('writes large layers to files', async () => {
    await withTempDir(async (directory) => {
      const file = path.join(directory, 'layer');
      const descriptor = await writeEstargz(file, someFiles);
      const blob = await readFile(file);
      assert.deepEqual({ blob, descriptor }, await estargzOf(someFiles));
    });
  });
});
