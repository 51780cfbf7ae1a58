import type { ByteStream, Io } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isDigest } from '../oci/digest.ts';
import { decompress } from './decompress.ts';
import { checkTocSize, type RangeSource, type TocPlace, unfitToc } from './tocPlace.ts';

/** The annotations' names begin with one of these: containers/storage; its first versions and stargz-snapshotter. */
const prefixes = ['io.github.containers.zstd-chunked.', 'io.containers.zstd-chunked.'] as const;
/** Of the skippable frame (RFC 8878, 3.1.2) that holds the table. */
const frameHeaderBytes = 8;
const knownType = 1;

/**
 * The table of contents of a zstd:chunked layer (containers/storage, pkg/chunked); undefined where the manifest vouches for none, or
 * for one of a type that is not known.
 * @throws OciError corrupt-archive where the blob cannot be what its annotations say
 */
export async function findZstdChunkedToc(
  source: RangeSource,
  descriptor: Descriptor,
  io: Io,
): Promise<TocPlace | undefined> {
  const { annotations = {}, size } = descriptor;
  const prefix = prefixes.find((each) => annotations[`${each}manifest-position`] !== undefined);
  const digest = annotations[`${prefix}manifest-checksum`];
  const position = /^(\d{1,15}):(\d{1,15}):(\d{1,15}):(\d{1,15})$/.exec(
    annotations[`${prefix}manifest-position`] ?? '',
  );
  const [start = 0, length = 0, jsonBytes = 0, type] = position?.slice(1).map(Number) ?? [];
  if (type !== knownType || !isDigest(digest)) return undefined;
  const end = start + length;
  if (start < frameHeaderBytes || length === 0 || end > size) throw unfitToc('it is said to be outside the layer');
  checkTocSize(length, jsonBytes);
  const frame = await source.fetchRange(descriptor, { start, end }, io);
  const table = verified(frame, { mediaType: '', digest, size: length });
  const json = exactly(jsonBytes, decompress(table, 'zstd'));
  return { compression: 'zstd', contentEnd: start - frameHeaderBytes, markers: new Set(), json };
}

async function* exactly(size: number, stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  let left = size;
  for await (const chunk of stream) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) throw unfitToc('it has another size than its annotation says');
}
