import assert from 'node:assert/strict';
import type { LayerIndex } from '../../src/archive/layerIndex.ts';
import { layerBytes, storedFiles } from '../../src/operations/storedFiles.ts';
import { testIo } from '../support/io.ts';
import { layerOf } from '../support/layers.ts';
import { stackOf } from './stackOf.ts';

/** Bytes and names of the files that are seen, and bytes of the layers that are not. */
async function measure(...layers: readonly LayerIndex[]): Promise<readonly [number, number, number]> {
  const { bytes, names, files } = await storedFiles((await stackOf(...layers)).root, testIo());
  const sizes = await Promise.all(layers.map((layer) => layerBytes(layer, testIo())));
  const places = new Set(files.map(({ content: { layer, entry } }) => `${layer} ${entry.path}`));
  assert.equal(places.size, files.length);
  return [bytes, names, sizes.reduce((sum, size) => sum + size, 0) - bytes];
}

describe('storedFiles', () => {
  it('is nothing for one layer, and for layers that only add', async () => {
    assert.deepEqual(await measure(), [0, 0, 0]);
    assert.deepEqual(await measure(layerOf({ path: 'a', size: 5 }), layerOf({ path: 'b', size: 7 })), [12, 2, 0]);
  });

  it('counts only the versions that are not seen: not the last one, as dive does', async () => {
    const layers = [10, 20, 30].map((size) => layerOf({ path: 'a', size }));
    assert.deepEqual(await measure(...layers), [30, 1, 30]);
  });

  it('counts what is in a removed folder, which dive does not', async () => {
    const below = layerOf({ path: 'd', type: 'directory' }, { path: 'd/x', size: 30 }, { path: 'd/y', size: 50 });
    assert.deepEqual(await measure(below, layerOf({ path: '.wh.d' })), [0, 0, 80]);
  });

  it('counts what an opaque folder hides, which dive does not', async () => {
    const upper = layerOf({ path: 'd/.wh..wh..opq' }, { path: 'd/z', size: 1 });
    assert.deepEqual(await measure(layerOf({ path: 'd/x', size: 30 }), upper), [1, 1, 30]);
  });

  it('counts the earlier of two entries of one path in one layer', async () => {
    assert.deepEqual(await measure(layerOf({ path: 'a', size: 95 }, { path: 'a', size: 5 })), [5, 1, 95]);
  });

  it('counts a hard-linked file once, and as a file by each of its names', async () => {
    const link = { path: 'b', type: 'hardlink', linkname: 'a' } as const;
    assert.deepEqual(await measure(layerOf({ path: 'a', size: 40 }, link)), [40, 2, 0]);
  });

  it('counts a file as seen while a hard link to it is left', async () => {
    const link = { path: 'b', type: 'hardlink', linkname: 'a' } as const;
    assert.deepEqual(await measure(layerOf({ path: 'a', size: 40 }, link), layerOf({ path: '.wh.a' })), [40, 1, 0]);
  });

  it('counts a layer that is there twice, even where both are one index', async () => {
    const layer = layerOf({ path: 'a', size: 40 });
    const link = layerOf({ path: 'b', type: 'hardlink', linkname: 'a' });
    assert.deepEqual(await measure(layer, layer), [40, 1, 40]);
    // b is the first layer's file, a the third's.
    assert.deepEqual(await measure(layer, link, layer), [80, 2, 0]);
  });
});
