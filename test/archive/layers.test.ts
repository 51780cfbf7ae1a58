import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { KeptIndexes } from '../../src/archive/keptIndexes.ts';
import { defaultLayerLimits, type LayerEntry, type LayerIndex } from '../../src/archive/layerIndex.ts';
import { Layers } from '../../src/archive/layers.ts';
import { BlobCache } from '../../src/content/blobCache.ts';
import type { ContentSource } from '../../src/content/store.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { type EstargzFile, estargzOf } from '../support/estargz.ts';
import { testIo } from '../support/io.ts';
import { Gate, layerBlob, TestRangeSource, TestSource } from '../support/layerBlobs.ts';
import { entry, testLayers } from '../support/layers.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const files: readonly EstargzFile[] = [
  { name: 'etc/', type: 'dir', mode: 0o755 },
  { name: 'etc/hosts', content: Buffer.from('127.0.0.1 localhost\n') },
  { name: 'etc/alias', type: 'symlink', linkname: 'hosts' },
];
const many: readonly EstargzFile[] = Array.from({ length: 1500 }, (_, at) => ({
  name: `f${at}`,
  content: seededBytes(at, 1000),
}));
const dead: ContentSource = { fetch: () => Promise.reject(new Error('the source was asked')) };

function namesOf(entries: readonly LayerEntry[]): readonly string[] {
  return entries.map(({ path }) => path);
}

describe('Layers.index', () => {
  let directory: string;
  let layers: Layers;

  beforeEach(async () => {
    directory = await newTempDir();
    layers = testLayers(directory);
  });
  afterEach(() => removeTempDir(directory));

  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    it(`lists a layer of compression ${compression}`, async () => {
      const blob = layerBlob(files, compression);
      const index = await layers.index(new TestSource([blob]), blob.descriptor, {}, testIo());
      assert.deepEqual(namesOf(index.entries), ['etc', 'etc/hosts', 'etc/alias']);
      assert.deepEqual([index.compression, index.tarSize, index.problems], [compression, blob.tar.length, []]);
    });
  }

  it('gives the same index again without reading', async () => {
    const { descriptor, bytes } = layerBlob(files);
    assert.equal(layers.known(descriptor.digest), undefined);
    const index = await layers.index(new TestSource([{ descriptor, bytes }]), descriptor, {}, testIo());
    assert.equal(await layers.index(dead, descriptor, {}, testIo()), index);
    assert.equal(layers.known(descriptor.digest), index);
  });

  it('finds it on the disk in the next session', async () => {
    const blob = layerBlob(files);
    const index = await layers.index(new TestSource([blob]), blob.descriptor, {}, testIo());
    assert.deepEqual(await testLayers(directory).index(dead, blob.descriptor, {}, testIo()), index);
  });

  it('tells of every entry and byte while it reads', async () => {
    const blob = layerBlob(many);
    const heard: LayerEntry[] = [];
    let bytes = 0;
    const options = {
      onEntries: (entries: readonly LayerEntry[]) => void heard.push(...entries),
      onBytes: (more: number) => void (bytes += more),
    };
    const index = await layers.index(new TestSource([blob]), blob.descriptor, options, testIo());
    assert.deepEqual(heard, index.entries);
    assert.equal(bytes, blob.bytes.length);
  });

  it('226 reads once for those who ask at the same time; who comes later hears first what was read', async () => {
    const blob = layerBlob(many);
    const gate = new Gate();
    const half = Math.floor(blob.bytes.length / 2 / 1024) * 1024;
    const source = new TestSource([blob], {
      chunkBytes: 1024,
      before: (position) => (position === half ? gate.pass() : undefined),
    });
    const first: LayerEntry[] = [];
    const reading = layers.index(source, blob.descriptor, { onEntries: (more) => void first.push(...more) }, testIo());
    await gate.reached;
    const heard: LayerEntry[][] = [];
    const asking = layers.index(source, blob.descriptor, { onEntries: (more) => void heard.push([...more]) }, testIo());
    const others = Array.from({ length: 200 }, () => layers.index(source, blob.descriptor, {}, testIo()));
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(first.length > 0);
    assert.deepEqual(heard, [first]);
    gate.open();
    const index = await reading;
    for (const other of [asking, ...others]) assert.equal(await other, index);
    assert.deepEqual(heard.flat(), index.entries);
    assert.equal(source.fetches, 1);
  });

  it('rejects one who is cancelled at once, and reads on for the others', async () => {
    const blob = layerBlob(many);
    const gate = new Gate();
    const source = new TestSource([blob], { before: () => gate.pass() });
    const controller = new AbortController();
    const cancelled = layers.index(source, blob.descriptor, {}, controller);
    const other = layers.index(source, blob.descriptor, {}, testIo());
    await gate.reached;
    controller.abort(new Error('changed my mind'));
    await assert.rejects(cancelled, { message: 'changed my mind' });
    gate.open();
    assert.equal((await other).entries.length, 1500);
  });

  it('stops reading when all are cancelled, and begins anew for the next', async () => {
    const blob = layerBlob(many);
    const gate = new Gate();
    let stopped: Promise<unknown> | undefined;
    const source = new TestSource([blob], {
      before: (position, { signal }) => {
        stopped ??= new Promise((resolve) => signal.addEventListener('abort', resolve));
        return position === 0 ? gate.pass() : undefined;
      },
    });
    const controllers = [new AbortController(), new AbortController()];
    const readings = controllers.map((io) => layers.index(source, blob.descriptor, {}, io));
    await gate.reached;
    for (const controller of controllers) controller.abort(new Error('enough'));
    for (const reading of readings) await assert.rejects(reading, { message: 'enough' });
    await stopped;
    gate.open();
    assert.equal((await layers.index(source, blob.descriptor, {}, testIo())).entries.length, 1500);
  });

  it('does not fail for one because the source of another does', async () => {
    const blob = layerBlob(many);
    const gate = new Gate();
    const failing = new TestSource([blob], {
      chunkBytes: 64 << 10,
      before: async (position) => {
        if (position < 640 << 10) return;
        await gate.pass();
        throw new Error('connection lost');
      },
    });
    const heard: LayerEntry[] = [];
    const first = layers.index(failing, blob.descriptor, {}, testIo());
    const options = { onEntries: (more: readonly LayerEntry[]) => void heard.push(...more) };
    const second = layers.index(new TestSource([blob]), blob.descriptor, options, testIo());
    await gate.reached;
    gate.open();
    await assert.rejects(first, { message: 'connection lost' });
    const index = await second;
    assert.equal(index.entries.length, 1500);
    assert.deepEqual(heard, index.entries);
  });

  it('195 says what a layer is where its label is wrong', async () => {
    const { bytes } = layerBlob(files, 'zstd');
    const descriptor = describeBytes(bytes, mediaTypes.layerGzip);
    const { problems } = await layers.index(new TestSource([{ descriptor, bytes }]), descriptor, {}, testIo());
    assert.deepEqual(problems, ['Declared gzip, is zstd.']);
  });

  it('reads tars of media types that it does not know', async () => {
    const { bytes } = layerBlob(files);
    const descriptor = describeBytes(bytes, 'application/x-backup');
    const { entries, problems } = await layers.index(new TestSource([{ descriptor, bytes }]), descriptor, {}, testIo());
    assert.deepEqual([entries.length, problems], [3, []]);
  });

  it('206 refuses an encrypted layer', async () => {
    const descriptor = describeBytes(Buffer.from('secret'), `${mediaTypes.layerGzip}+encrypted`);
    const expected = { code: 'unsupported-media-type', message: /is encrypted .* cannot be listed without its key/ };
    await assert.rejects(layers.index(dead, descriptor, {}, testIo()), expected);
  });

  it('199 shows what a damaged layer has, but reads it anew in the next session', async () => {
    const { tar } = layerBlob(files, 'none');
    const bytes = tar.subarray(0, 1024 + 7);
    const descriptor = describeBytes(bytes, mediaTypes.layer);
    const index = await layers.index(new TestSource([{ descriptor, bytes }]), descriptor, {}, testIo());
    assert.deepEqual(namesOf(index.entries), ['etc']);
    assert.match(index.damage ?? '', /cut short/);
    assert.equal(await layers.index(dead, descriptor, {}, testIo()), index);
    assert.deepEqual(
      (await readdir(directory)).filter((name) => name.endsWith('.index')),
      [],
    );
  });

  it('stops at the limits, and reads further when they are raised', async () => {
    const blob = layerBlob(files);
    const source = new TestSource([blob]);
    let limits = { ...defaultLayerLimits, entries: 2 };
    layers = new Layers({ cache: new BlobCache(() => ({ directory, maxBytes: 1 << 20 })), limits: () => limits });
    const expected = { code: 'too-large', message: /gantry\.inspect\.maxLayerEntries/ };
    await assert.rejects(layers.index(source, blob.descriptor, {}, testIo()), expected);
    limits = { ...limits, entries: 3 };
    assert.equal((await layers.index(source, blob.descriptor, {}, testIo())).entries.length, 3);
  });

  it('believes a table of contents instead of reading the layer', async () => {
    const { blob, descriptor } = await estargzOf(many);
    const source = new TestRangeSource([{ bytes: blob, descriptor }]);
    const { entries } = await layers.index(source, descriptor, {}, testIo());
    assert.deepEqual([entries.length, source.fetches], [1500, 0]);
    assert.deepEqual((await testLayers(directory).index(dead, descriptor, {}, testIo())).entries, entries);
  });

  it('believes it only where the manifest vouches for it', async () => {
    const lie = (toc: { readonly entries: readonly object[] }): unknown => ({
      version: 1,
      entries: toc.entries.slice(0, 1),
    });
    const { blob, descriptor } = await estargzOf(files, { change: lie });
    const plain = { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size };
    const source = new TestRangeSource([{ bytes: blob, descriptor }]);
    assert.equal((await layers.index(source, descriptor, {}, testIo())).entries.length, 1);
    const scanned = await layers.index(source, plain, {}, testIo());
    assert.deepEqual(namesOf(scanned.entries), ['etc', 'etc/hosts', 'etc/alias', 'stargz.index.json']);
    assert.deepEqual((await testLayers(directory).index(dead, plain, {}, testIo())).entries, scanned.entries);
  });

  it('reads the layer where its table of contents is damaged, and says so', async () => {
    const { blob, descriptor } = await estargzOf(files, { change: () => ({ version: 7, entries: [] }) });
    const source = new TestRangeSource([{ bytes: blob, descriptor }]);
    const { entries, problems } = await layers.index(source, descriptor, {}, testIo());
    assert.equal(entries[1]?.path, 'etc/hosts');
    assert.match(problems.join(), /table of contents is not used/);
  });
});

describe('KeptIndexes', () => {
  it('keeps a million entries in memory, and what was used last', async () => {
    const kept = new KeptIndexes(new BlobCache(() => ({ directory: '', maxBytes: 0 })));
    const index = (count: number): LayerIndex => {
      return {
        compression: 'none',
        entries: new Array<LayerEntry>(count).fill(entry({ path: 'a' })),
        problems: [],
        damage: 'x',
      };
    };
    const [a, b, c, huge] = ['a', 'b', 'c', 'd'].map((text) => describeBytes(Buffer.from(text), mediaTypes.layer));
    assert.ok(a !== undefined && b !== undefined && c !== undefined && huge !== undefined);
    await kept.keep(a, index(400_000), 'scan');
    await kept.keep(b, index(400_000), 'scan');
    assert.ok(kept.get(a));
    await kept.keep(c, index(400_000), 'scan');
    assert.deepEqual(
      [a, b, c].map((one) => kept.get(one) !== undefined),
      [true, false, true],
    );
    await kept.keep(huge, index(1_500_000), 'scan');
    assert.deepEqual(
      [a, c, huge].map((one) => kept.get(one) !== undefined),
      [false, false, true],
    );
  });

  it('counts long texts and chunks as several entries, for they take as much memory', async () => {
    const chunk = { start: 0, end: 1, skip: 0, offset: 0, size: 1 };
    const heavy: readonly LayerEntry[] = [
      entry({ path: 'a', xattrs: { 'user.a': '00'.repeat(100 << 20) } }),
      entry({ path: 'a', chunks: new Array<typeof chunk>(1_100_000).fill(chunk) }),
    ];
    for (const one of heavy) {
      const kept = new KeptIndexes(new BlobCache(() => ({ directory: '', maxBytes: 0 })));
      const index: LayerIndex = { compression: 'none', entries: [one], problems: [] };
      const [a, b] = ['a', 'b'].map((text) => describeBytes(Buffer.from(text), mediaTypes.layer));
      assert.ok(a !== undefined && b !== undefined);
      await kept.keep(a, index, 'scan');
      await kept.keep(b, index, 'scan');
      assert.ok(kept.get(a) === undefined && kept.get(b) === index);
    }
  });
});
