import type { ByteStream, OpenContent } from '../../src/content/store.ts';

/** Sources that stop and never notice a cancellation; `begun` is called when they do. */
export const hangingSources: Readonly<Record<string, (first: Uint8Array, begun: () => void) => OpenContent>> = {
  'does not open': (_first, begun) => () => {
    begun();
    return new Promise(() => undefined);
  },
  'stops in the middle': (first, begun) => () => Promise.resolve(stopping(first, begun)),
};

async function* stopping(first: Uint8Array, begun: () => void): ByteStream & AsyncGenerator<Uint8Array> {
  yield first;
  begun();
  await new Promise(() => undefined);
}
