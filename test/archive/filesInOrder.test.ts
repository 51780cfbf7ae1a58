import assert from 'node:assert/strict';
import type { Layers } from '../../src/archive/layers.ts';
import { readAll, streamOf } from '../../src/content/bytes.ts';
import type { LayerSource } from '../../src/content/store.ts';
import { type EstargzLayer, estargzOf } from '../support/estargz.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { withTempDir } from '../support/tempDir.ts';

const contents = new Map(Array.from({ length: 30 }, (_, at) => [`d/${at}`, `content ${at} `.repeat(50)] as const));

describe('filesInOrder', () => {
  it('takes files of a table of contents from one transfer of the blob', async () => {
    const { seen, found } = await readThrough(1 << 30, () => true);
    assert.deepEqual(found, Object.fromEntries(contents));
    assert.equal(seen.fetches, 1);
    assert.equal(seen.afterIndex, 0);
  });

  it('takes a few files by their ranges, and all of them where nothing can be kept', async () => {
    const few = await readThrough(1 << 30, (path) => path === 'd/7');
    assert.deepEqual([few.seen.fetches, few.seen.afterIndex], [0, 1]);
    assert.deepEqual(few.found, { 'd/7': contents.get('d/7') });
    const all = await readThrough(0, () => true);
    assert.deepEqual(all.found, Object.fromEntries(contents));
  });

  it('asks for nothing of an empty file of a table of contents', async () => {
    const { seen, found } = await readThrough(1 << 30, (path) => path === 'empty', { empty: '' });
    assert.deepEqual([found, seen.fetches, seen.afterIndex], [{ empty: '' }, 0, 0]);
  });
});

interface Requests {
  /** Of the whole blob. */
  fetches: number;
  /** Of ranges. */
  ranges: number;
  /** Of ranges, once the index was known. */
  afterIndex: number;
}

async function readThrough(
  maxBytes: number,
  wanted: (path: string) => boolean,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly seen: Requests; readonly found: Readonly<Record<string, string>> }> {
  const files = [...contents, ...Object.entries(more)].map(([name, text]) => ({ name, content: Buffer.from(text) }));
  const layer = await estargzOf(files);
  return withTempDir(async (directory) => {
    const seen = { fetches: 0, ranges: 0, afterIndex: 0 };
    const layers = testLayers(directory, maxBytes);
    const found = await readWanted(layers, sourceOf(layer, seen), layer, { seen, wanted });
    return { seen, found };
  });
}

async function readWanted(
  layers: Layers,
  source: LayerSource,
  { descriptor }: EstargzLayer,
  { seen, wanted }: { readonly seen: Requests; readonly wanted: (path: string) => boolean },
): Promise<Readonly<Record<string, string>>> {
  const { entries } = await layers.index(source, descriptor, {}, testIo());
  const before = seen.ranges;
  const chosen = entries.filter(({ path, type }) => type === 'file' && wanted(path));
  const found: Record<string, string> = {};
  for await (const { entry, content } of layers.readAll(source, descriptor, chosen, testIo())) {
    found[entry.path] = Buffer.from(await readAll(content, 1 << 20, entry.path)).toString();
  }
  seen.afterIndex = seen.ranges - before;
  return found;
}

function sourceOf({ blob }: EstargzLayer, seen: Requests): LayerSource {
  return {
    fetch: () => {
      seen.fetches++;
      return Promise.resolve(streamOf(blob));
    },
    fetchRange: (_, { start, end }) => {
      seen.ranges++;
      return Promise.resolve(streamOf(blob.subarray(start, end)));
    },
  };
}
