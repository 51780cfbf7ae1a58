import assert from 'node:assert/strict';
import type { DuplicateFiles } from '../../src/api.ts';
import type { LayerStack } from '../../src/archive/layerStack.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { findDuplicates } from '../../src/operations/duplicates.ts';
import { storedFiles } from '../../src/operations/storedFiles.ts';
import { testIo } from '../support/io.ts';
import { entry, type EntrySpec, layerOf } from '../support/layers.ts';
import { stackOf } from './stackOf.ts';

const [one, two] = ['one', 'two'].map((text) => digestOf(Buffer.from(text)));
const file = (path: string, size: number, digest = one): EntrySpec =>
  digest === undefined ? { path, size } : { path, size, digest };

async function duplicatesOf({ root }: LayerStack): Promise<readonly DuplicateFiles[]> {
  return findDuplicates((await storedFiles(root, testIo())).files, testIo());
}

describe('findDuplicates', () => {
  it('groups files of equal content over all layers, the most wasteful first', async () => {
    const stack = await stackOf(
      layerOf(file('a', 10), file('big/x', 90, two), file('c', 10)),
      layerOf(file('b', 10), file('y', 90, two), file('other', 90, digestOf(Buffer.from('3')))),
    );
    assert.deepEqual(await duplicatesOf(stack), [
      { digest: two, size: 90, paths: ['/big/x', '/y'], wastedBytes: 90 },
      { digest: one, size: 10, paths: ['/a', '/b', '/c'], wastedBytes: 20 },
    ]);
  });

  it('leaves out hard links, empty files, and versions that are not seen', async () => {
    const stack = await stackOf(
      layerOf(file('a', 10), { path: 'b', type: 'hardlink', linkname: 'a' }, file('e1', 0), file('e2', 0)),
      layerOf(file('a', 10, two), file('old', 10, two)),
      layerOf({ path: '.wh.old' }),
    );
    assert.deepEqual(await duplicatesOf(stack), []);
  });

  it('leaves out files whose digest is not known', async () => {
    const stack = await stackOf(layerOf({ path: 'a', size: 7 }, { path: 'b', size: 7 }));
    assert.deepEqual(await duplicatesOf(stack), []);
  });

  it('gives back at most 1,000 groups', async () => {
    const entries = Array.from({ length: 2400 }, (_, at) =>
      entry(file(`f${at}`, 1 + (at >> 1), digestOf(Buffer.from(String(at >> 1))))),
    );
    const found = await duplicatesOf(await stackOf({ ...layerOf(), entries }));
    assert.equal(found.length, 1000);
    assert.equal(found[0]?.size, 1200);
    assert.equal(found.at(-1)?.size, 201);
  });
});
