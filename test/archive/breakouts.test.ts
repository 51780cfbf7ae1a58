import assert from 'node:assert/strict';
import { defaultLayerLimits, type LayerIndex } from '../../src/archive/layerIndex.ts';
import { scanLayer } from '../../src/archive/scanLayer.ts';
import { streamOf } from '../../src/content/bytes.ts';
import { breakouts } from '../support/breakouts.ts';
import { testIo } from '../support/io.ts';
import { tarOfSpecs } from '../support/layerTars.ts';
import { pathsOf, stackOf } from '../support/stacks.ts';

describe('LayerStack and scanLayer', () => {
  for (const { name, layers, paths } of breakouts) {
    it(`166 hold ${name} inside the root`, async () => {
      const indexes: LayerIndex[] = [];
      for (const layer of layers) {
        const tar = await tarOfSpecs(layer);
        indexes.push(await scanLayer(streamOf(tar), { limits: defaultLayerLimits }, testIo()));
      }
      const stack = await stackOf(...indexes);
      assert.deepEqual(pathsOf(stack), paths);
      for (const node of stack.walk()) {
        assert.equal(stack.get(node.path), node);
        assert.ok(!node.path.split('/').includes('..'));
      }
    });
  }
});
