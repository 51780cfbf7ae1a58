import { setImmediate } from 'node:timers/promises';
import type { Io, LayerSource } from '../content/store.ts';
import { isOciError, type OciErrorCode } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { findEstargzToc } from './estargz.ts';
import type { LayerIndex } from './layerIndex.ts';
import { tocEntries } from './tocJson.ts';
import { TocLayer } from './tocLayer.ts';
import type { RangeSource, TocPlace } from './tocPlace.ts';
import { findZstdChunkedToc } from './zstdChunked.ts';

/** Failures that reading the layer as a whole may not meet, or will tell of better. */
const unusable: readonly OciErrorCode[] = ['corrupt-archive', 'content-mismatch', 'too-large'];

/**
 * What a layer's table of contents says it holds: eStargz and zstd:chunked have one. Undefined where it has none that the manifest
 * vouches for, or the store gives out whole blobs only; a sentence where it has one that cannot be used. The layer has to be scanned
 * then.
 */
export async function readTocOrReason(
  source: LayerSource,
  descriptor: Descriptor,
  io: Io,
): Promise<LayerIndex | string | undefined> {
  io.signal.throwIfAborted();
  if (!canReadRanges(source)) return undefined;
  try {
    const place = (await findZstdChunkedToc(source, descriptor, io)) ?? (await findEstargzToc(source, descriptor, io));
    return place === undefined ? undefined : await indexOf(place, io);
  } catch (error) {
    if (isOciError(error, 'unsupported-media-type')) return undefined;
    if (!isOciError(error, ...unusable)) throw error;
    return `the table of contents is not used: ${error.message}`;
  }
}

async function indexOf(place: TocPlace, io: Io): Promise<LayerIndex> {
  const layer = new TocLayer(place.contentEnd, place.markers);
  for await (const batch of tocEntries(place.json)) {
    for (const json of batch) layer.add(json);
    await setImmediate();
    io.signal.throwIfAborted();
  }
  return { compression: place.compression, entries: layer.end(), problems: [] };
}

function canReadRanges(source: LayerSource): source is RangeSource {
  return source.fetchRange !== undefined;
}
