import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BlobCache } from '../../src/content/blobCache.ts';
import { verified } from '../../src/content/verified.ts';
import type { ContentSource } from '../../src/content/store.ts';
import { type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { testIo } from '../support/io.ts';
import { type Blob, bytesOf, TestSource } from '../support/layerBlobs.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const MiB = 1 << 20;

function blobOf(bytes: Buffer): Blob {
  return { descriptor: describeBytes(bytes, mediaTypes.layer), bytes };
}

const small = blobOf(Buffer.from('the content of a layer'));
const large = blobOf(seededBytes(1, 2 * MiB));

function fileOf({ digest }: Descriptor, kind = 'blob'): string {
  return `${digest.replace(':', '-')}.${kind}`;
}

describe('BlobCache', () => {
  let directory: string;
  let maxBytes: number;
  let cache: BlobCache;
  let source: TestSource;

  beforeEach(async () => {
    directory = path.join(await newTempDir(), 'cache');
    maxBytes = 64 * MiB;
    cache = new BlobCache(() => ({ directory, maxBytes }));
    source = new TestSource([small, large]);
  });
  afterEach(() => removeTempDir(path.dirname(directory)));

  const read = async ({ descriptor }: Blob, from: ContentSource = source): Promise<Buffer> =>
    bytesOf(await cache.fetch(from, descriptor, testIo()));
  const files = async (): Promise<readonly string[]> => (await readdir(directory).catch(() => [])).sort();
  const change = async ({ descriptor }: Blob, at: number): Promise<void> => {
    const file = path.join(directory, fileOf(descriptor));
    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(file, bytes);
  };

  it('gives a blob out and asks the source for it once', async () => {
    for (const blob of [small, large]) {
      assert.ok((await read(blob)).equals(blob.bytes));
      assert.ok((await read(blob)).equals(blob.bytes));
    }
    assert.equal(source.fetches, 2);
    assert.deepEqual(await files(), [fileOf(small.descriptor), fileOf(large.descriptor)].sort());
  });

  it('gives out an empty blob', async () => {
    const empty = blobOf(Buffer.alloc(0));
    source = new TestSource([empty]);
    assert.equal((await read(empty)).length, 0);
    assert.equal((await read(empty)).length, 0);
    assert.equal(source.fetches, 1);
  });

  it('lets nobody but its user read what it keeps', async function () {
    if (process.platform === 'win32') this.skip();
    await read(small);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    assert.equal((await stat(path.join(directory, fileOf(small.descriptor)))).mode & 0o777, 0o600);
  });

  it('keeps nothing where its size is 0', async () => {
    maxBytes = 0;
    await read(small);
    await read(small);
    await cache.writeIndex(small.descriptor.digest, (write) => write(Buffer.from('x')));
    assert.equal(source.fetches, 2);
    assert.deepEqual(await files(), []);
  });

  it('does not keep a blob that takes more than half of it', async () => {
    maxBytes = 4 * MiB - 1;
    await read(large);
    assert.deepEqual(await files(), []);
    maxBytes = 4 * MiB;
    await read(large);
    assert.deepEqual(await files(), [fileOf(large.descriptor)]);
  });

  it('follows its settings while it is used', async () => {
    await read(small);
    const before = directory;
    directory = path.join(directory, 'other');
    await read(small);
    assert.equal(source.fetches, 2);
    assert.deepEqual(await readdir(before), ['other', fileOf(small.descriptor)].sort());
  });

  it('asks the source again where a small copy was damaged, and the reader does not notice', async () => {
    await read(small);
    await change(small, 3);
    assert.ok((await read(small)).equals(small.bytes));
    assert.equal(source.fetches, 2);
    assert.ok((await read(small)).equals(small.bytes));
    assert.equal(source.fetches, 2);
  });

  it('says so where a copy turns out to be damaged at its end, and fetches it anew the next time', async () => {
    await read(large);
    await change(large, 2 * MiB - 1);
    await assert.rejects(read(large), { code: 'content-mismatch', message: /the cache was damaged.*Try again/ });
    assert.deepEqual(await files(), []);
    assert.ok((await read(large)).equals(large.bytes));
  });

  it('replaces a copy that was cut short', async () => {
    await read(large);
    await writeFile(path.join(directory, fileOf(large.descriptor)), large.bytes.subarray(0, MiB));
    assert.ok((await read(large)).equals(large.bytes));
    assert.ok((await read(large)).equals(large.bytes));
    assert.equal(source.fetches, 2);
  });

  it('keeps a good copy when a manifest states a wrong size', async () => {
    await read(small);
    const honest: ContentSource = {
      fetch: async (descriptor, io) => verified(await source.fetch(descriptor, io), descriptor),
    };
    const lying = { ...small.descriptor, size: 7 };
    await assert.rejects(async () => bytesOf(await cache.fetch(honest, lying, testIo())), { code: 'content-mismatch' });
    const { fetches } = source;
    assert.ok((await read(small)).equals(small.bytes));
    assert.equal(source.fetches, fetches);
  });

  it('255 streams on where nothing can be written', async () => {
    await writeFile(directory, 'a file, no folder');
    assert.ok((await read(large)).equals(large.bytes));
    await cache.writeIndex(large.descriptor.digest, (write) => write(Buffer.from('x')));
    assert.equal(await cache.readIndex(large.descriptor.digest), undefined);
  });

  it('255 streams on where the copy cannot get its name, and leaves no file', async () => {
    await mkdir(path.join(directory, fileOf(large.descriptor), 'in the way'), { recursive: true });
    assert.ok((await read(large)).equals(large.bytes));
    assert.deepEqual(await files(), [fileOf(large.descriptor)]);
  });

  it('makes room by removing what was not used for longest', async () => {
    const blobs = [1, 2, 3].map((seed) => blobOf(seededBytes(seed, 2 * MiB)));
    const [first, second, third] = blobs as [Blob, Blob, Blob];
    source = new TestSource(blobs);
    maxBytes = 5 * MiB;
    await read(first);
    await read(second);
    for (const name of await files()) await utimes(path.join(directory, name), 1000, 1000);
    await read(first);
    await read(third);
    assert.deepEqual(await files(), [fileOf(first.descriptor), fileOf(third.descriptor)].sort());
  });

  it('counts what was found out about blobs too', async () => {
    maxBytes = 5 * MiB;
    await read(large);
    await utimes(path.join(directory, fileOf(large.descriptor)), 1000, 1000);
    await cache.writeIndex(small.descriptor.digest, (write) => write(seededBytes(1, 2 * MiB)));
    await utimes(path.join(directory, fileOf(small.descriptor, 'index')), 2000, 2000);
    await cache.writeIndex(large.descriptor.digest, (write) => write(seededBytes(2, 2 * MiB)));
    assert.deepEqual(await files(), [small, large].map(({ descriptor }) => fileOf(descriptor, 'index')).sort());
  });

  it('gives an index back as it was written, and none where there is none', async () => {
    const { digest } = small.descriptor;
    assert.equal(await cache.readIndex(digest), undefined);
    await cache.writeIndex(digest, (write) => write(Buffer.from('first')));
    await cache.writeIndex(digest, (write) => write(Buffer.from('second')));
    assert.equal(Buffer.from((await cache.readIndex(digest)) ?? []).toString(), 'second');
  });

  it('keeps no index that takes more than half of it', async () => {
    maxBytes = 2 * MiB;
    await cache.writeIndex(small.descriptor.digest, (write) => write(seededBytes(1, MiB + 1)));
    assert.deepEqual(await files(), []);
  });

  it('gives out a part of what it has', async () => {
    const part = async (): Promise<string | undefined> => {
      const stream = await cache.readRange(small.descriptor, { start: 4, end: 11 }, testIo());
      return stream === undefined ? undefined : (await bytesOf(stream)).toString();
    };
    assert.equal(await part(), undefined);
    await read(small);
    assert.equal(await part(), 'content');
    await cache.forget(small.descriptor.digest);
    assert.equal(await part(), undefined);
  });

  it('removes everything of its own when it is cleared, and says how many bytes that were', async () => {
    await read(small);
    await cache.writeIndex(small.descriptor.digest, (write) => write(Buffer.from('index')));
    await writeFile(path.join(directory, 'letter.txt'), 'of somebody else');
    assert.equal(await cache.clear(), small.bytes.length + 5);
    assert.deepEqual(await files(), ['letter.txt']);
    assert.equal(await cache.clear(), 0);
  });

  it('removes what a program left that was killed a day ago', async () => {
    await mkdir(directory);
    const [old, young] = ['a'.repeat(32), 'b'.repeat(32)].map((name) => `${name}.part`) as [string, string];
    for (const name of [old, young]) await writeFile(path.join(directory, name), 'half of it');
    const longAgo = Date.now() / 1000 - 25 * 3600;
    await utimes(path.join(directory, old), longAgo, longAgo);
    await read(small);
    assert.deepEqual(await files(), [fileOf(small.descriptor), young].sort());
  });

  it('makes no path of a digest that is none', async () => {
    const digest = 'sha256:../../x' as Descriptor['digest'];
    await assert.rejects(cache.fetch(source, { ...small.descriptor, digest }, testIo()), { code: 'invalid-digest' });
  });
});
