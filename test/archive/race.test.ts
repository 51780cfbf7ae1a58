import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { isOciError } from '../../src/errors.ts';
import { bytesOf, withLayer } from '../support/layerTools.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

/** Puts a link in the place of a folder and the folder back, as fast as it can, until told to stop or its time is over. */
const swapper = `
const fs = require('node:fs');
const { workerData, parentPort } = require('node:worker_threads');
const { folder, away, outside, stop } = workerData;
const flag = new Int32Array(stop);
const end = Date.now() + 8000;
let swaps = 0;
while (Atomics.load(flag, 0) === 0 && Date.now() < end) {
  fs.renameSync(folder, away);
  fs.symlinkSync(outside, folder);
  Atomics.wait(flag, 0, 0, swaps % 3);
  fs.unlinkSync(folder);
  fs.renameSync(away, folder);
  Atomics.wait(flag, 0, 0, swaps % 2);
  swaps++;
}
parentPort.postMessage(swaps);
`;

let root = '';

describe('packLayer', () => {
  beforeEach(async () => void (root = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(root));

  // Elsewhere the paths are checked before and after only.
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('278: never packs what a folder is swapped for by another thread meanwhile', async function () {
    this.timeout(30_000);
    const [tree, outside] = [path.join(root, 'tree'), path.join(root, 'outside')];
    for (const [at, content] of [
      [path.join(tree, 'sub'), 'public'],
      [outside, 'PRIVATE'],
    ] as const) {
      fs.mkdirSync(at, { recursive: true });
      for (let file = 0; file < 40; file++) fs.writeFileSync(path.join(at, `f${file}`), content.repeat(3));
    }
    fs.writeFileSync(path.join(outside, 'hidden-name'), '');
    const stop = new SharedArrayBuffer(4);
    const workerData = { folder: path.join(tree, 'sub'), away: path.join(root, 'away'), outside, stop };
    const worker = new Worker(swapper, { eval: true, workerData });
    const swaps = new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const seen = { packed: 0, refused: 0 };
    const end = Date.now() + 5000;
    try {
      while (seen.packed + seen.refused < 400 && Date.now() < end) {
        try {
          await withLayer([{ from: tree, to: '/app' }], { compression: 'none' }, async (layer) => {
            const tar = (await bytesOf(await layer.open())).toString('latin1');
            assert.equal(/PRIVATE|hidden-name/.test(tar), false, 'what lies outside was packed');
          });
          seen.packed++;
        } catch (error) {
          if (!isOciError(error, 'content-mismatch', 'not-found')) throw error;
          assert.doesNotMatch(error.message, /hidden-name/);
          seen.refused++;
        }
      }
    } finally {
      Atomics.store(new Int32Array(stop), 0, 1);
    }
    assert.ok((await swaps) > 20 && seen.packed + seen.refused > 20, JSON.stringify(seen));
  });
});
