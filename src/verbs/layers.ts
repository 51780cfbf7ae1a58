/** What reads layers: loaded together, when the first is looked into. */
export { defaultLayerLimits } from '../archive/layerIndex.ts';
export { Layers } from '../archive/layers.ts';
