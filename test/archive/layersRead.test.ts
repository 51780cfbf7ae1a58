import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LayerEntry, LayerIndex } from '../../src/archive/layerIndex.ts';
import type { LayerDescriptor, Layers } from '../../src/archive/layers.ts';
import type { LayerSource } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { type EstargzFile, estargzOf } from '../support/estargz.ts';
import { testIo } from '../support/io.ts';
import { type Blob, bytesOf, layerBlob, TestRangeSource, TestSource } from '../support/layerBlobs.ts';
import { entry, testLayers } from '../support/layers.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const MiB = 1 << 20;
const small = seededBytes(1, 5000);
const large = seededBytes(2, 3 * MiB);
const files: readonly EstargzFile[] = [
  { name: 'small', content: small },
  { name: 'link', type: 'symlink', linkname: 'small' },
  { name: 'empty' },
  { name: 'large', content: large },
  { name: 'last', content: Buffer.from('the end\n') },
];
const dead: LayerSource = { fetch: () => Promise.reject(new Error('the source was asked')) };

describe('Layers.read', () => {
  let directory: string;
  let layers: Layers;
  let blob: Blob & { tar: Buffer };
  let source: TestSource;
  let index: LayerIndex;

  beforeEach(async () => {
    directory = await newTempDir();
    layers = testLayers(directory);
    blob = layerBlob(files);
    source = new TestSource([blob]);
    index = await layers.index(source, blob.descriptor, {}, testIo());
  });
  afterEach(() => removeTempDir(directory));

  const find = (name: string, within = index): LayerEntry => {
    const found = within.entries.find(({ path: one }) => one === name);
    assert.ok(found !== undefined);
    return found;
  };
  const read = async (name: string | LayerEntry, from: LayerSource, descriptor: LayerDescriptor = blob.descriptor) => {
    const file = typeof name === 'string' ? find(name) : name;
    return bytesOf(await layers.read(from, descriptor, file, testIo()));
  };
  const fileNames = async (): Promise<readonly string[]> => (await readdir(directory)).sort();
  const fileOf = (digest: string): string => path.join(directory, `${digest.replace(':', '-')}.blob`);
  const damage = async (digest: string, at: number): Promise<void> => {
    const bytes = await readFile(fileOf(digest));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x55, at);
    await writeFile(fileOf(digest), bytes);
  };

  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    it(`reads small and large files of compression ${compression} from the cache`, async () => {
      blob = layerBlob(files, compression);
      index = await layers.index(new TestSource([blob]), blob.descriptor, {}, testIo());
      assert.ok((await read('large', dead)).equals(large));
      assert.ok((await read('small', dead)).equals(small));
      assert.equal((await read('last', dead)).toString(), 'the end\n');
    });
  }

  it('does not ask for what an empty file holds', async () => {
    assert.equal((await read('empty', dead)).length, 0);
  });

  it('has no content for a link', async () => {
    const expected = {
      code: 'unsupported-media-type',
      message: '"/link" is no file: it has no content that could be read.',
    };
    await assert.rejects(read('link', source), expected);
  });

  it('200 takes no more of the blob than it needs where nothing is kept', async () => {
    layers = testLayers(directory, 0);
    source = new TestSource([blob], { chunkBytes: 16 << 10 });
    assert.ok((await read('small', source)).equals(small));
    assert.ok(source.bytes < MiB, `${source.bytes} bytes`);
    assert.equal(source.open, 0);
  });

  it('200 reads a file of 256 MiB that came in 260 KB without holding it', async () => {
    const size = 256 * MiB;
    const zeros = layerBlob([{ name: 'zeros', content: Buffer.alloc(size) }]);
    const file = entry({ path: 'zeros', size, offset: 512 });
    const before = process.memoryUsage().arrayBuffers;
    let [most, got] = [0, 0];
    for await (const chunk of await layers.read(new TestSource([zeros]), zeros.descriptor, file, testIo())) {
      got += chunk.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    assert.equal(got, size);
    assert.ok(most < 128 * MiB, `${most} bytes`);
  });

  it('207 rejects with its reason when it is cancelled in the middle', async () => {
    const controller = new AbortController();
    const stream = await layers.read(source, blob.descriptor, find('large'), controller);
    const reading = async (): Promise<void> => {
      for await (const chunk of stream) if (chunk.length > 0) controller.abort(new Error('enough'));
    };
    await assert.rejects(reading(), { message: 'enough' });
  });

  it('refuses content that has another digest, and says of what', async () => {
    const wrong = { ...find('small'), digest: digestOf(large) };
    const message = /^cannot read "\/small" of layer sha256:\w{12}: digest mismatch/;
    await assert.rejects(read(wrong, source), { code: 'content-mismatch', message });
  });

  it('passes a failure of the source on as it is', async () => {
    const gone: LayerSource = { fetch: () => Promise.reject(new OciError('not-found', 'the blob is gone')) };
    layers = testLayers(directory, 0);
    await assert.rejects(read('small', gone), { code: 'not-found', message: 'the blob is gone' });
  });

  it('takes a small file from the source where the copy in the cache is damaged', async () => {
    await damage(blob.descriptor.digest, 2000);
    assert.ok((await read('small', source)).equals(small));
    assert.equal(source.fetches, 2);
    assert.ok((await read('small', dead)).equals(small));
  });

  it('says so where the copy turns out to be damaged in the middle of a large file; trying again helps', async () => {
    await damage(blob.descriptor.digest, 2 * MiB);
    await assert.rejects(read('large', source), { code: 'content-mismatch', message: /in the cache .* Try again/ });
    assert.ok((await read('large', source)).equals(large));
  });

  it('226 fetches the blob once for 200 files that are read at the same time', async () => {
    layers = testLayers(path.join(directory, 'empty'));
    source = new TestSource([blob]);
    const reads = Array.from({ length: 200 }, (_, at) => read(at % 2 === 0 ? 'small' : 'last', source));
    assert.ok((await Promise.all(reads)).every((bytes) => bytes.equals(small) || bytes.toString() === 'the end\n'));
    assert.equal(source.fetches, 1);
  });

  it('unpacks a layer only once for all files after the first', async () => {
    const diffId = digestOf(blob.tar);
    const descriptor: LayerDescriptor = { ...blob.descriptor, diffId };
    await read('small', source, descriptor);
    await assert.rejects(readFile(fileOf(diffId)));
    assert.ok(
      (await Promise.all(['small', 'last', 'large'].map((name) => read(name, source, descriptor))))
        .at(2)
        ?.equals(large),
    );
    assert.ok((await readFile(fileOf(diffId))).equals(blob.tar));
    await writeFile(fileOf(blob.descriptor.digest), '');
    for (const name of ['last', 'small', 'large']) await read(name, dead, descriptor);
  });

  it('does without the unpacked copy where it is damaged', async () => {
    const diffId = digestOf(blob.tar);
    const descriptor: LayerDescriptor = { ...blob.descriptor, diffId };
    for (const name of ['last', 'small']) await read(name, source, descriptor);
    await damage(diffId, 600);
    assert.ok((await read('small', dead, descriptor)).equals(small));
  });

  it('reads on where the image states a wrong digest of the unpacked layer', async () => {
    const descriptor: LayerDescriptor = { ...blob.descriptor, diffId: digestOf(small) };
    for (const name of ['last', 'small', 'large']) await read(name, dead, descriptor);
    assert.ok((await read('small', dead, descriptor)).equals(small));
    assert.equal((await fileNames()).length, 2);
  });

  it('makes no unpacked copy that would take more than a quarter of the cache', async () => {
    layers = testLayers(directory, 4 * blob.tar.length - 1);
    await layers.index(dead, blob.descriptor, {}, testIo());
    const descriptor: LayerDescriptor = { ...blob.descriptor, diffId: digestOf(blob.tar) };
    for (const name of ['last', 'small', 'large']) await read(name, dead, descriptor);
    assert.equal((await fileNames()).length, 2);
  });

  describe('by a table of contents', () => {
    let chunked: TestRangeSource;
    let descriptor: LayerDescriptor;

    beforeEach(async () => {
      const made = await estargzOf(files, { chunkBytes: MiB });
      descriptor = made.descriptor;
      chunked = new TestRangeSource([{ bytes: made.blob, descriptor }]);
      index = await layers.index(chunked, descriptor, {}, testIo());
      chunked.ranges.splice(0);
    });

    it('fetches just the part of a small file', async () => {
      assert.ok((await read('small', chunked, descriptor)).equals(small));
      assert.deepEqual([chunked.ranges.length, chunked.fetches], [1, 0]);
      assert.ok(chunked.rangeBytes < 7000, `${chunked.rangeBytes} bytes`);
    });

    it('fetches the chunks of a large file at once', async () => {
      assert.ok((await read('large', chunked, descriptor)).equals(large));
      assert.equal(chunked.ranges.length, 1);
    });

    it('reads it of the whole blob where the source gives out no parts', async () => {
      const whole = new TestSource([{ bytes: await bytesOf(await chunked.fetch(descriptor, testIo())), descriptor }]);
      assert.ok((await read('large', whole, descriptor)).equals(large));
      assert.ok((await read('last', dead, descriptor)).equals(Buffer.from('the end\n')));
      const refusing = Object.assign(whole, {
        fetchRange: () => Promise.reject(new OciError('unsupported-media-type', 'no parts here')),
      });
      layers = testLayers(path.join(directory, 'other'));
      assert.ok((await read('small', refusing, descriptor)).equals(small));
    });

    it('takes it from the source where the copy in the cache is damaged', async () => {
      const { mediaType, digest, size } = descriptor;
      await layers.index(chunked, { mediaType, digest, size }, {}, testIo());
      await damage(descriptor.digest, (find('small').chunks?.[0]?.start ?? 0) + 100);
      assert.ok((await read('small', chunked, descriptor)).equals(small));
      assert.equal(chunked.ranges.length, 1);
    });

    it('refuses a part that has another digest', async () => {
      const [chunk] = find('small').chunks ?? [];
      assert.ok(chunk !== undefined);
      const lying = { ...find('small'), chunks: [{ ...chunk, digest: digestOf(large) }] };
      await assert.rejects(read(lying, chunked, descriptor), {
        code: 'content-mismatch',
        message: /^cannot read "\/small"/,
      });
    });
  });

  it('fetches just the file of an uncompressed layer that is not in the cache', async () => {
    blob = layerBlob(files, 'none');
    const ranged = new TestRangeSource([blob]);
    layers = testLayers(directory, 0);
    index = await layers.index(ranged, blob.descriptor, {}, testIo());
    assert.ok((await read('small', ranged)).equals(small));
    assert.deepEqual(ranged.ranges, [{ start: 512, end: 5512 }]);
  });
});
