import type { ByteRange, ByteStream } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import { OciError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import type { ContentChunk, LayerEntry } from './layerIndex.ts';
import { expand, storedBytes } from './sparse.ts';
import { StreamSlices } from './streamSlices.ts';
import { unpacked } from './unpacked.ts';

type Content = AsyncGenerator<Uint8Array, void, undefined>;

/** Chunks whose blob bytes follow each other, those of one gzip member or zstd frame together. */
interface Run {
  readonly range: ByteRange;
  readonly members: readonly (readonly ContentChunk[])[];
}

/** Where a file's content is stored in the uncompressed tar, in bytes: without the holes of a sparse file. */
export function storedRange({ offset, size, fragments }: LayerEntry): ByteRange {
  const stored = fragments === undefined ? size : storedBytes(fragments);
  return { start: offset, end: offset + stored };
}

/**
 * The content of a file of an uncompressed tar that is read from its start up to the end of the file.
 * @throws OciError content-mismatch where it is not what the entry's digest says, corrupt-archive
 */
export async function* contentInTar(entry: LayerEntry, tar: ByteStream): Content {
  const slices = new StreamSlices(tar);
  try {
    yield* contentOf(entry, slices.slice(storedRange(entry)));
  } finally {
    await slices.close();
  }
}

/** The content of a file of which just the stored range is given. @throws OciError content-mismatch, corrupt-archive */
export async function* contentOf(entry: LayerEntry, stored: ByteStream): Content {
  const { fragments, size, digest } = entry;
  const content = fragments === undefined ? stored : expand(fragments, size, stored);
  yield* digest === undefined ? content : verified(content, octets(digest, size));
}

/**
 * The content of a file whose chunks are known, read with one call of `openRange` for chunks that follow each other.
 * @throws OciError content-mismatch where it is not what the digests say, or there are none; corrupt-archive
 */
export async function* contentInChunks(
  entry: LayerEntry,
  openRange: (range: ByteRange) => Promise<ByteStream>,
): Content {
  const { size, digest } = entry;
  const chunks = checkedChunks(entry);
  const content = readRuns(runsOf(chunks), openRange);
  if (chunks.every((chunk) => chunk.digest !== undefined)) yield* content;
  else if (digest !== undefined) yield* verified(content, octets(digest, size));
  else throw new OciError('content-mismatch', 'no digest of its content is known.');
}

async function* readRuns(runs: readonly Run[], openRange: (range: ByteRange) => Promise<ByteStream>): Content {
  for (const { range, members } of runs) {
    const blob = new StreamSlices(await openRange(range));
    try {
      for (const member of members) yield* readMember(member, range.start, blob);
    } finally {
      await blob.close();
    }
  }
}

async function* readMember(chunks: readonly ContentChunk[], from: number, blob: StreamSlices): Content {
  const { start, end } = chunks[0] ?? { start: from, end: from };
  const content = new StreamSlices(unpacked(blob.slice({ start: start - from, end: end - from })));
  try {
    for (const { skip, size, digest } of chunks) {
      const part = content.slice({ start: skip, end: skip + size });
      yield* digest === undefined ? part : verified(part, octets(digest, size));
    }
  } finally {
    // What follows in the member may be without end. Waited for, so that nothing reads on in it when the next begins.
    await content.close();
  }
}

/** The chunks, where they are the whole file from its start. */
function checkedChunks({ chunks = [], size }: LayerEntry): readonly ContentChunk[] {
  let end = 0;
  for (const chunk of chunks) {
    if (chunk.offset !== end) break;
    end += chunk.size;
  }
  if (end === size) return chunks;
  throw new OciError('corrupt-archive', `its table of contents says where ${end} of ${size} bytes are.`);
}

function runsOf(chunks: readonly ContentChunk[]): readonly Run[] {
  const runs: { range: ByteRange; readonly members: ContentChunk[][] }[] = [];
  let before: ContentChunk | undefined;
  for (const chunk of chunks) {
    const { start, end } = chunk;
    const run = runs.at(-1);
    if (run !== undefined && before?.start === start && before.end === end) run.members.at(-1)?.push(chunk);
    else if (run !== undefined && run.range.end === start) {
      run.range = { start: run.range.start, end };
      run.members.push([chunk]);
    } else runs.push({ range: { start, end }, members: [[chunk]] });
    before = chunk;
  }
  return runs;
}

function octets(digest: Digest, size: number): { mediaType: string; digest: Digest; size: number } {
  return { mediaType: mediaTypes.octetStream, digest, size };
}
