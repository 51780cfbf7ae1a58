import path from 'node:path';
import { defaultNetwork } from '../../src/registry/options.ts';
import { Stores } from '../../src/verbs/stores.ts';
import type { VerbContext } from '../../src/verbs/verb.ts';
import { testLayers } from './layers.ts';

/** What verbs need, with all that they keep in one folder. */
export interface TestContext {
  /** Only between `open` and `close`. */
  readonly value: VerbContext;
  open(folder: string): Promise<void>;
  close(): Promise<void>;
}

/** A context without settings: for linux/amd64, gzip, dated 1970, nobody signed in. */
export function testContext(): TestContext {
  let opened: { readonly value: VerbContext; readonly stores: Stores } | undefined;
  return {
    get value() {
      if (opened === undefined) throw new Error('the context is not open');
      return opened.value;
    },
    open: async (folder) => {
      const temporary = path.join(folder, 'temporary');
      const credentials = { find: () => Promise.resolve(undefined) };
      const stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials, temporary });
      const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
      opened = { stores, value: { stores, layers: testLayers(path.join(folder, 'cache')), ...settings } };
    },
    close: async () => opened?.stores.close(),
  };
}
