import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { BlobCache } from '../../src/content/blobCache.ts';
import type { ByteStream, ContentSource, Io } from '../../src/content/store.ts';
import { type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { testIo } from '../support/io.ts';
import { type Blob, bytesOf, Gate, TestSource, type TestSourceOptions } from '../support/layerBlobs.ts';
import { seededBytes, seededNumbers } from '../support/seededImage.ts';
import { newTempDir, removeTempDir, withTempDir } from '../support/tempDir.ts';
import { findTool, needs } from '../support/tools.ts';

const MiB = 1 << 20;
const execute = promisify(execFile);

function blobOf(bytes: Buffer): Blob {
  return { descriptor: describeBytes(bytes, mediaTypes.layer), bytes };
}

const large = blobOf(seededBytes(1, 12 * MiB));

describe('BlobCache, read by several', () => {
  let directory: string;
  let cache: BlobCache;

  beforeEach(async () => {
    directory = path.join(await newTempDir(), 'cache');
    cache = new BlobCache(() => ({ directory, maxBytes: 1024 * MiB }));
  });
  afterEach(() => removeTempDir(path.dirname(directory)));

  const sourceOf = (options: TestSourceOptions = {}): TestSource => new TestSource([large], options);
  const open = (source: ContentSource, io: Io = testIo()): Promise<ByteStream> =>
    cache.fetch(source, large.descriptor, io);
  const whole = async (source: ContentSource, io: Io = testIo()): Promise<boolean> =>
    (await bytesOf(await open(source, io))).equals(large.bytes);
  const unnamed = async (): Promise<readonly string[]> =>
    (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.part'));

  it('226 fetches a blob once for 300 readers at the same time', async () => {
    const blob = blobOf(seededBytes(2, MiB));
    const source = new TestSource([blob]);
    const reads = Array.from({ length: 300 }, async () =>
      bytesOf(await cache.fetch(source, blob.descriptor, testIo())),
    );
    assert.ok((await Promise.all(reads)).every((read) => read.equals(blob.bytes)));
    assert.equal(source.fetches, 1);
    assert.deepEqual(await unnamed(), []);
  });

  it('lets a reader who pauses go on from what was written meanwhile', async () => {
    const source = sourceOf();
    const slow = (await open(source))[Symbol.asyncIterator]();
    const pieces = [(await slow.next()).value as Uint8Array];
    assert.ok(await whole(source));
    for (let next = await slow.next(); next.done !== true; next = await slow.next()) pieces.push(next.value);
    assert.ok(Buffer.concat(pieces).equals(large.bytes));
    assert.equal(source.fetches, 1);
  });

  it('lets a reader who comes in the middle read from the start', async () => {
    const source = sourceOf();
    const first = (await open(source))[Symbol.asyncIterator]();
    for (let count = 0; count < 120; count++) await first.next();
    assert.ok(await whole(source));
    await first.return?.();
    assert.equal(source.fetches, 1);
  });

  it('rejects one who is cancelled with his reason, and goes on for the others', async () => {
    const gate = new Gate();
    const source = sourceOf({ before: (position) => (position === 5 * MiB ? gate.pass() : undefined) });
    const controller = new AbortController();
    const [cancelled, other] = [whole(source, { signal: controller.signal }), whole(source)];
    await gate.reached;
    controller.abort(new Error('changed my mind'));
    await assert.rejects(cancelled, { message: 'changed my mind' });
    gate.open();
    assert.ok(await other);
    assert.equal(source.fetches, 1);
  });

  it('stops the source and leaves no file when all are cancelled', async () => {
    const source = sourceOf();
    const controllers = [new AbortController(), new AbortController()];
    const readers: AsyncIterator<Uint8Array>[] = [];
    for (const { signal } of controllers) readers.push((await open(source, { signal }))[Symbol.asyncIterator]());
    for (const reader of readers) await reader.next();
    for (const controller of controllers) controller.abort(new Error('enough'));
    for (const reader of readers) await assert.rejects(async () => reader.next(), { message: 'enough' });
    assert.equal(source.open, 0);
    assert.deepEqual(await readdir(directory), []);
  });

  it('leaves no file where the only reader stops and much is missing', async () => {
    const descriptor: Descriptor = { ...large.descriptor, size: 100 * MiB };
    const source = sourceOf();
    for await (const chunk of await cache.fetch(source, descriptor, testIo())) if (chunk.length > 0) break;
    assert.equal(source.open, 0);
    assert.deepEqual(await readdir(directory), []);
  });

  it('goes on alone where the only reader stops and little is missing', async () => {
    const source = sourceOf();
    for await (const chunk of await open(source)) if (chunk.length > 0) break;
    assert.ok(await whole(source));
    assert.equal(source.fetches, 1);
  });

  it('closes the source where a reader leaves before he began', async () => {
    const descriptor: Descriptor = { ...large.descriptor, size: 100 * MiB };
    const stream = await cache.fetch(sourceOf(), descriptor, testIo());
    await stream[Symbol.asyncIterator]().return?.();
    assert.deepEqual(await readdir(directory), []);
  });

  it('throws the failure of the source to all who read, leaves no file and asks again the next time', async () => {
    let fail = true;
    const source = sourceOf({
      before: (position) => (fail && position === 5 * MiB ? Promise.reject(new Error('connection lost')) : undefined),
    });
    const reads = [whole(source), whole(source)];
    for (const read of reads) await assert.rejects(read, { message: 'connection lost' });
    assert.deepEqual(await readdir(directory), []);
    fail = false;
    assert.ok(await whole(source));
    assert.equal(source.fetches, 2);
  });

  it('turns to the source of a reader where the one of another fails', async () => {
    const failing = sourceOf({
      before: (position) => (position === 5 * MiB ? Promise.reject(new Error('connection lost')) : undefined),
    });
    const good = sourceOf();
    const [first, second] = [whole(failing), whole(good)];
    await assert.rejects(first, { message: 'connection lost' });
    assert.ok(await second);
    assert.equal(good.fetches, 1);
  });

  it('turns to the source of a reader where the one of another does not answer', async () => {
    const dumb: ContentSource = { fetch: () => Promise.reject(new Error('not here')) };
    const good = sourceOf();
    const [first, second] = [whole(dumb), whole(good)];
    await assert.rejects(first, { message: 'not here' });
    assert.ok(await second);
  });

  it('255 streams on when the disk is full in the middle, and leaves no file', async function () {
    needs(this, 'prlimit');
    const script = path.join(import.meta.dirname, 'cacheProcess.ts');
    const limited = ['--fsize=600000', process.execPath, script, directory, String(64 * MiB), '1', '6'];
    const { stdout } = await execute(findTool('prlimit') ?? '', limited);
    const [said, ...files] = JSON.parse(stdout) as string[];
    assert.equal(said, 'ok');
    assert.deepEqual(
      files.filter((name) => !name.endsWith('.index')),
      [],
    );
  });

  it('255 lets a reader who falls behind fetch for himself where nothing can be written', async () => {
    await writeFile(directory, 'a file, no folder');
    const source = sourceOf();
    const slow = (await open(source))[Symbol.asyncIterator]();
    const pieces = [(await slow.next()).value as Uint8Array];
    assert.ok(await whole(source));
    for (let next = await slow.next(); next.done !== true; next = await slow.next()) pieces.push(next.value);
    assert.ok(Buffer.concat(pieces).equals(large.bytes));
    assert.equal(source.fetches, 2);
  });

  it('closes the source that a reader turned to where he is cancelled', async () => {
    await writeFile(directory, 'a file, no folder');
    const source = sourceOf();
    const controller = new AbortController();
    const slow = (await open(source, controller))[Symbol.asyncIterator]();
    await slow.next();
    assert.ok(await whole(source));
    // Some of what was held, then some of his own.
    while (source.fetches < 2) await slow.next();
    controller.abort(new Error('enough'));
    await assert.rejects(async () => slow.next(), { message: 'enough' });
    assert.equal(source.open, 0);
  });

  it('263 is shared by processes that read, write and make room at the same time', async () => {
    const script = path.join(import.meta.dirname, 'cacheProcess.ts');
    const run = (seed: number): Promise<{ stdout: string }> =>
      execute(process.execPath, [script, directory, String(3 * MiB), String(seed), '60']);
    for (const { stdout } of await Promise.all([run(1), run(2), run(3)])) assert.match(stdout, /^\["ok"/);
    assert.deepEqual(await unnamed(), []);
  });

  it('gives every reader the right bytes, whoever stops or is cancelled when', async () => {
    const reader = fc.record({
      begin: fc.nat(40),
      pause: fc.nat(3),
      end: fc.option(fc.record({ how: fc.constantFrom('stop', 'cancel'), after: fc.nat(60) }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(reader, { minLength: 1, maxLength: 6 }), fc.nat(1000), async (readers, seed) => {
        await withTempDir(async (folder) => {
          const blob = blobOf(seededBytes(seed, 3 * MiB));
          const small = new BlobCache(() => ({ directory: folder, maxBytes: 64 * MiB }));
          const random = seededNumbers(seed);
          const before = (): Promise<unknown> | undefined => (random() % 4 === 0 ? turns(1) : undefined);
          const source = new TestSource([blob], { chunkBytes: 1 + (random() % 200_000), before });
          const results = readers.map(async ({ begin, pause, end }) => {
            await turns(begin);
            const controller = new AbortController();
            const pieces: Uint8Array[] = [];
            try {
              for await (const piece of await small.fetch(source, blob.descriptor, controller)) {
                pieces.push(piece);
                await turns(pause);
                if (end === undefined || pieces.length <= end.after) continue;
                if (end.how === 'stop') break;
                controller.abort(new Error('cancelled'));
              }
            } catch (error) {
              assert.equal(controller.signal.aborted ? 'cancelled' : 'other', (error as Error).message);
            }
            const read = Buffer.concat(pieces);
            assert.ok(read.equals(blob.bytes.subarray(0, read.length)));
            if (end === undefined) assert.equal(read.length, blob.bytes.length);
          });
          await Promise.all(results);
          assert.ok((await bytesOf(await small.fetch(source, blob.descriptor, testIo()))).equals(blob.bytes));
          assert.deepEqual(
            (await readdir(folder)).filter((name) => name.endsWith('.part')),
            [],
          );
        });
      }),
      { numRuns: 40 },
    );
  });
});

/** Lets others run so many times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
