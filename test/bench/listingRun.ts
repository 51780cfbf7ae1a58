import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LayerIndex } from '../../src/archive/layerIndex.ts';
import { fetchManifest } from '../../src/content/bytes.ts';
import type { Io, LayerSource } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { testLayers } from '../support/layers.ts';
import type { ListingJob, ListingRun } from './listing.ts';

const resolution = 10;
const io: Io = { signal: AbortSignal.timeout(600_000) };

/** Lists the first layer of an image, in this session and in one that finds it on the disk, and opens a file of it. */
async function measure({ warmUp, image, cache, cacheBytes, file }: ListingJob): Promise<ListingRun> {
  const [small, smallLayer] = await open(warmUp);
  await testLayers(cache, cacheBytes).index(small, smallLayer, {}, io);
  const [source, layer] = await open(image);
  const before = process.memoryUsage.rss();
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  const start = performance.now();
  let [firstByte, firstEntry] = [0, 0];
  const options = {
    onBytes: () => void (firstByte ||= performance.now()),
    onEntries: () => void (firstEntry ||= performance.now()),
  };
  const layers = testLayers(cache, cacheBytes);
  const index = await layers.index(source, layer, options, io);
  const listed = performance.now() - start;
  histogram.disable();
  const memory = Math.max(0, process.resourceUsage().maxRSS * 1024 - before);
  // The histogram holds the time between two ticks of its own timer.
  const delay = Math.max(0, histogram.percentile(95) / 1e6 - resolution);
  const again = await timed(async () => testLayers(cache, cacheBytes).index(source, layer, {}, io));
  const opened = await timed(async () => read(index, file, (entry) => layers.read(source, layer, entry, io)));
  const first = Math.max(0, firstEntry - firstByte);
  return { entries: index.entries.length, listed, first, again, opened, memory, delay };
}

async function open(image: string): Promise<readonly [LayerSource, Descriptor]> {
  const stores = new Stores({
    registries: () => [],
    network: () => defaultNetwork,
    credentials: { find: () => Promise.resolve(undefined) },
  });
  const { store, identifier } = await stores.source(image, io);
  const manifest = await fetchManifest(store, await store.resolve(identifier, io), io);
  const layer = manifest.kind === 'image' ? manifest.layers[0] : undefined;
  if (layer === undefined) throw new Error(`${image} has no layer`);
  return [store, layer];
}

type ReadEntry = (entry: LayerIndex['entries'][number]) => Promise<AsyncIterable<Uint8Array>>;

async function read(index: LayerIndex, file: string, readEntry: ReadEntry): Promise<void> {
  const entry = index.entries.find(({ path }) => path === file);
  if (entry === undefined) throw new Error(`${file} is not in the layer`);
  let size = 0;
  for await (const chunk of await readEntry(entry)) size += chunk.length;
  if (size !== entry.size) throw new Error(`${file}: ${size} of ${entry.size} bytes`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const run = await measure(JSON.parse(process.argv[2] ?? '') as ListingJob);
process.stdout.write(JSON.stringify(run), () => process.exit(0));
