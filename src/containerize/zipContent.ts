import { inflate } from '../archive/inflate.ts';
import { inflateRaw, summed } from '../archive/inflateRaw.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { type ByteSource, type Place, readPlace } from './byteSource.ts';
import { Fields } from './fields.ts';
import type { ZipEntry, ZipMember } from './zipDirectory.ts';

const pieceBytes = 256 << 10;
/** Files up to this many bytes are unpacked at once: a stream costs more than they do. */
const smallBytes = 128 << 10;
const what = 'a file of the archive';

type Pieces = AsyncGenerator<Uint8Array, void, undefined>;

/** The content of a file of at most `limit` bytes, stored and unpacked. @throws OciError corrupt-archive; too-large; unsupported-media-type */
export async function readEntry(source: ByteSource, entry: ZipEntry, limit: number, io: Io): Promise<Uint8Array> {
  const bytes = await readPlace(source, await placeOf(source, entry, io), limit, what, io);
  return entry.method === 0 ? bytes : inflate(bytes, limit);
}

/**
 * The content of a file, in pieces. The directory of the archive is not read again.
 * @throws OciError corrupt-archive, at the end where size or CRC-32 differ; unsupported-media-type for other methods than deflate
 */
export function memberStream(source: ByteSource, member: ZipMember, io: Io): Pieces {
  const isSmall = member.stored <= smallBytes && member.size <= smallBytes;
  const content = isSmall ? whole(source, member, io) : streamed(source, member, io);
  return summed(content, member, `${escapeText(member.name)} of the archive`);
}

async function* whole(source: ByteSource, member: ZipMember, io: Io): Pieces {
  const bytes = await readEntry(source, member, smallBytes, io);
  if (bytes.length > 0) yield bytes;
}

async function* streamed(source: ByteSource, member: ZipMember, io: Io): Pieces {
  const stored = pieces(source, await placeOf(source, member, io), io);
  yield* member.method === 0 ? stored : inflateRaw(stored);
}

async function* pieces(source: ByteSource, { offset, size }: Place, io: Io): Pieces {
  for (let done = 0; done < size;) {
    io.signal.throwIfAborted();
    const piece = { offset: offset + done, size: Math.min(pieceBytes, size - done) };
    yield await readPlace(source, piece, pieceBytes, what, io);
    done += piece.size;
  }
}

/** Where the content of a file is stored. */
async function placeOf(source: ByteSource, { method, stored, offset }: ZipEntry, io: Io): Promise<Place> {
  if (method !== 0 && method !== 8) {
    const text = `a file of the archive is packed by method ${method}: only 0 and 8 are supported.`;
    throw new OciError('unsupported-media-type', text);
  }
  const head = offset < 0 ? undefined : new Fields(await readPlace(source, { offset, size: 30 }, 30, what, io));
  if (head?.u32(0) !== 0x04034b50) {
    throw new OciError('corrupt-archive', 'the directory of the archive points to what is no file of it.');
  }
  return { offset: offset + 30 + head.u16(26) + head.u16(28), size: stored };
}
