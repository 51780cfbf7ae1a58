import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readFilePart, readRange } from '../../src/content/readFilePart.ts';
import { testIo } from '../support/io.ts';
import { bytesOf } from '../support/layerBlobs.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const bytes = seededBytes(1, 1 << 20);

describe('readFilePart', () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await newTempDir();
    file = path.join(directory, 'file');
    await writeFile(file, bytes);
  });
  afterEach(() => removeTempDir(directory));

  it('gives a part, and fewer bytes where the file ends before', async () => {
    for (const [start, end] of [
      [0, 0],
      [5, 7],
      [100, 600_000],
      [1_000_000, 2_000_000],
      [2_000_000, 2_000_001],
    ] as const) {
      assert.ok((await bytesOf(readFilePart(file, { start, end }, testIo()))).equals(bytes.subarray(start, end)));
    }
  });

  it('throws a failure of what it reads ahead when its turn comes, and not before', async () => {
    const handle = await open(file);
    const reading = readRange(handle, { start: 0, end: bytes.length }, testIo());
    await reading.next();
    await handle.close();
    assert.equal((await reading.next()).done, false);
    await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(reading.next(), { code: 'EBADF' });
  });

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController();
    const reading = readFilePart(file, { start: 0, end: bytes.length }, controller);
    await reading.next();
    controller.abort(new Error('enough'));
    await assert.rejects(reading.next(), { message: 'enough' });
  });
});
