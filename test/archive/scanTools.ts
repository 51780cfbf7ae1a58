import assert from 'node:assert/strict';
import { defaultLayerLimits, type LayerEntry, type LayerIndex } from '../../src/archive/layerIndex.ts';
import { scanLayer, type ScanOptions } from '../../src/archive/scanLayer.ts';
import { testIo } from '../support/io.ts';
import { inPieces, tarEnd } from '../support/tarWriter.ts';

/** A stream that knows whether it was read to its end. */
export class Source {
  ended = false;
  closed = false;
  readonly #bytes: Uint8Array;
  readonly #length: number;
  readonly #failure: Error | undefined;

  constructor(bytes: Uint8Array, { length = 1000, failure }: { length?: number; failure?: Error } = {}) {
    this.#bytes = bytes;
    this.#length = length;
    this.#failure = failure;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* inPieces(this.#bytes, this.#length);
      if (this.#failure !== undefined) throw this.#failure;
      this.ended = true;
    } finally {
      this.closed = true;
    }
  }
}

/** Lists a layer, the stream of which must be read to its end. */
export async function scan(bytes: Uint8Array, options: Partial<ScanOptions> = {}): Promise<LayerIndex> {
  const source = new Source(bytes);
  const index = await scanLayer(source, { limits: defaultLayerLimits, ...options }, testIo());
  assert.ok(source.ended, 'the stream was not read to its end');
  return index;
}

/** The entries of a tar that is whole. */
export async function entriesOf(...parts: readonly Uint8Array[]): Promise<readonly LayerEntry[]> {
  const { entries, damage } = await scan(Buffer.concat([...parts, tarEnd]));
  assert.equal(damage, undefined);
  return entries;
}

export function pathsOf({ entries }: Pick<LayerIndex, 'entries'>): readonly string[] {
  return entries.map(({ path }) => path);
}
