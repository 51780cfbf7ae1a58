import type { BlobCache } from '../content/blobCache.ts';
import type { ByteStream, Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import { contentOf, storedRange } from './entryContent.ts';
import type { LayerEntry } from './layerIndex.ts';
import type { OpenLayer } from './openLayer.ts';
import { StreamSlices } from './streamSlices.ts';
import { unpacked } from './unpacked.ts';

/** A file of a layer and its content, verified where its digest is known; what is not taken of it is passed over. */
export interface FileContent {
  readonly entry: LayerEntry;
  readonly content: ByteStream;
}

/** Reads one file by itself. */
export type ReadFile = (entry: LayerEntry) => Promise<ByteStream>;

type Contents = AsyncGenerator<FileContent, void, undefined>;

/**
 * Files of one layer, its stream read once from the start to the last of them. Where a table of contents says where they are,
 * `read` takes them one by one, from a copy of the blob where most of it is asked for. Each content before the next is asked for.
 * @throws OciError corrupt-archive, content-mismatch; errors of the source
 */
export async function* filesInOrder(
  layer: OpenLayer,
  entries: readonly LayerEntry[],
  { cache, read }: { readonly cache: BlobCache; readonly read: ReadFile },
  io: Io,
): Contents {
  // An empty file has no place in a table of contents, and needs none.
  const isApart = ({ chunks, size }: LayerEntry): boolean => chunks !== undefined || size === 0;
  const [apart, inTar] = [entries.filter(isApart), entries.filter((entry) => !isApart(entry))];
  if (isMost(apart, layer)) await keepWhole(layer, cache, io);
  for (const entry of apart) yield { entry, content: await read(entry) };
  if (inTar.length > 0) yield* filesOfTar(inTar, await cache.fetch(layer.source, layer.descriptor, io));
}

async function* filesOfTar(entries: readonly LayerEntry[], blob: ByteStream): Contents {
  const slices = new StreamSlices(unpacked(blob));
  try {
    for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
      yield { entry, content: contentOf(entry, slices.slice(storedRange(entry))) };
    }
  } finally {
    await slices.close();
  }
}

/** One transfer instead of one for each file. */
async function keepWhole({ source, descriptor }: OpenLayer, cache: BlobCache, io: Io): Promise<void> {
  if (!cache.keeps(descriptor)) return;
  try {
    await new StreamSlices(await cache.fetch(source, descriptor, io)).drain();
  } catch (error) {
    // Chunks have digests of their own: what can be read of the blob is read.
    if (!isOciError(error, 'content-mismatch')) throw error;
  }
}

function isMost(entries: readonly LayerEntry[], { descriptor }: OpenLayer): boolean {
  let bytes = 0;
  for (const { chunks = [] } of entries) for (const { start, end } of chunks) bytes += end - start;
  return bytes > descriptor.size / 4;
}
