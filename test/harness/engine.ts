import type { GantryApi } from '../../src/api.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { testLayers } from '../support/layers.ts';
import { outDirectory } from './paths.ts';

/** The engine as a program uses it: no settings, no credentials. */
export function createEngine(): GantryApi {
  const stores = new Stores({
    registries: () => [],
    network: () => defaultNetwork,
    credentials: { find: () => Promise.resolve(undefined) },
  });
  return createGantry({
    stores,
    layers: testLayers(outDirectory('cache')),
    platforms: () => ['linux/amd64'],
    compression: () => 'gzip',
    temporary: outDirectory('temporary'),
    epoch: 0,
  });
}
