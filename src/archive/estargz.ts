import { readAll } from '../content/bytes.ts';
import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import { verified } from '../content/verified.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { decompress } from './decompress.ts';
import { checkTocSize, type RangeSource, type TocPlace, unfitToc } from './tocPlace.ts';

const digestAnnotation = 'containerd.io/snapshot/stargz/toc.digest';
const tocName = 'stargz.index.json';
const markers: ReadonlySet<string> = new Set([tocName, '.prefetch.landmark', '.no.prefetch.landmark']);

/**
 * Footers: an empty gzip member whose extra field, `prefix` and 16 hex digits and `STARGZ`, says where the table begins. That of
 * stargz, its forerunner, is no valid extra field.
 */
const footers = [
  { bytes: 51, prefix: '\x1a\x00SG\x16\x00' },
  { bytes: 47, prefix: '\x16\x00' },
] as const;
const longestFooter = 51;
const gzipHeaderBytes = 10;
const tarHeaderBytes = 512;
/** What follows the table is read up to here, so that its connection can serve again. */
const restBytes = 64 << 10;

/**
 * The table of contents of an eStargz layer (stargz-snapshotter, docs/estargz.md); undefined where the manifest vouches for none.
 * @throws OciError corrupt-archive where the blob is not what its annotation says
 */
export async function findEstargzToc(
  source: RangeSource,
  descriptor: Descriptor,
  io: Io,
): Promise<TocPlace | undefined> {
  const digest = descriptor.annotations?.[digestAnnotation];
  if (!isDigest(digest)) return undefined;
  const range = await tocRange(source, descriptor, io);
  const member = await source.fetchRange(descriptor, range, io);
  return { compression: 'gzip', contentEnd: range.start, markers, json: tocOf(decompress(member, 'gzip'), digest) };
}

async function tocRange(source: RangeSource, descriptor: Descriptor, io: Io): Promise<ByteRange> {
  const { size } = descriptor;
  if (size <= longestFooter) throw unfitToc('the layer is too small for it');
  const stream = await source.fetchRange(descriptor, { start: size - longestFooter, end: size }, io);
  const tail = Buffer.from(await readAll(stream, longestFooter, 'the footer')).toString('latin1');
  for (const { bytes, prefix } of footers) {
    const extra = tail.slice(longestFooter - bytes + gzipHeaderBytes);
    const digits = /^([0-9a-f]{16})STARGZ/i.exec(extra.slice(prefix.length))?.[1];
    if (digits === undefined || !extra.startsWith(prefix)) continue;
    const [start, end] = [Number.parseInt(digits, 16), size - bytes];
    if (start >= end) throw unfitToc('it is said to be outside the layer');
    checkTocSize(end - start, 0);
    return { start, end };
  }
  throw unfitToc('the layer is labelled as eStargz but does not end like one');
}

/** The content of `stargz.index.json`, which is alone in a tar. */
async function* tocOf(tar: ByteStream, digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = tar[Symbol.asyncIterator]();
  try {
    const head = await headOf(chunks);
    const size = sizeOf(head.subarray(0, tarHeaderBytes));
    yield* verified(firstBytes(head.subarray(tarHeaderBytes), chunks, size), { mediaType: '', digest, size });
    let rest = 0;
    for (let next = await chunks.next(); next.done !== true && rest <= restBytes; next = await chunks.next()) {
      rest += next.value.length;
    }
  } finally {
    await chunks.return?.();
  }
}

/** At least the header. */
async function headOf(chunks: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let size = 0; size < tarHeaderBytes;) {
    const next = await chunks.next();
    if (next.done === true) throw unfitToc('it is cut short');
    parts.push(next.value);
    size += next.value.length;
  }
  return Buffer.concat(parts);
}

function sizeOf(header: Buffer): number {
  const digits = /^[0-7]{1,11}(?=[\0 ])/.exec(header.toString('latin1', 124, 136))?.[0];
  const name = header.toString('latin1', 0, 100).replace(/\0.*$/s, '');
  if (name !== tocName || digits === undefined) throw unfitToc(`${tocName} is not where it is said to be`);
  const size = Number.parseInt(digits, 8);
  checkTocSize(0, size);
  return size;
}

async function* firstBytes(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = size;
  for (let chunk = first; ;) {
    const wanted = chunk.subarray(0, left);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
    if (left === 0) return;
    const next = await rest.next();
    if (next.done === true) return;
    chunk = next.value;
  }
}
