import { LayerStack } from '../../src/archive/layerStack.ts';
import type { LayerIndex } from '../../src/archive/layerIndex.ts';
import { testIo } from '../support/io.ts';

/** The merged view of layers, lowest first. */
export async function stackOf(...layers: readonly LayerIndex[]): Promise<LayerStack> {
  const stack = new LayerStack();
  for (const layer of layers) await stack.apply(layer, testIo());
  return stack;
}
