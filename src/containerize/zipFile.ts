import { inflate } from '../archive/inflate.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { inTurns } from '../operations/inTurns.ts';
import { type ByteSource, readPlace } from './byteSource.ts';
import { Fields } from './fields.ts';

/** A file of a ZIP archive. */
export interface ZipEntry {
  readonly method: number;
  /** Bytes as stored. */
  readonly stored: number;
  /** Where its local header is. */
  readonly offset: number;
}

const maxDirectoryBytes = 64 << 20;
/** The record at the end, with the longest comment there can be, and ZIP64's before it. */
const maxEndBytes = 22 + 0xffff + 20;
const all32 = 0xffffffff;

/** Files of a ZIP archive, found by its central directory (APPNOTE 4.3). */
export class ZipFile {
  readonly #source: ByteSource;
  readonly #directory: Fields;
  /** Bytes before the archive, such as a shell script: offsets do not count them. */
  readonly #before: number;

  private constructor(source: ByteSource, directory: Fields, before: number) {
    this.#source = source;
    this.#directory = directory;
    this.#before = before;
  }

  /** Undefined for what is no ZIP archive. @throws OciError corrupt-archive; too-large */
  static async open(source: ByteSource, io: Io): Promise<ZipFile | undefined> {
    const from = Math.max(0, source.size - maxEndBytes);
    const end = new Fields(await source.read(from, source.size, io));
    const at = Buffer.from(end.bytes).lastIndexOf('PK\x05\x06', undefined, 'latin1');
    if (at < 0) return undefined;
    let { size, offset, stop } = { size: end.u32(at + 12), offset: end.u32(at + 16), stop: from + at };
    const isWide = size === all32 || offset === all32 || end.u16(at + 10) === 0xffff;
    if (isWide && at >= 20 && end.u32(at - 20) === 0x07064b50) {
      stop = end.u64(at - 12);
      const wide = new Fields(await readPlace(source, { offset: stop, size: 56 }, 56, 'the end of the archive', io));
      [size, offset] = [wide.u64(40), wide.u64(48)];
    }
    const place = { offset: stop - size, size };
    if (place.offset < 0) throw new OciError('corrupt-archive', 'the directory of the archive is outside of it.');
    const directory = await readPlace(source, place, maxDirectoryBytes, 'the directory of the archive', io);
    return new ZipFile(source, new Fields(directory), place.offset - offset);
  }

  /** The last file of a name, as Java takes it; undefined where there is none. @throws OciError corrupt-archive */
  async find(name: string, io: Io): Promise<ZipEntry | undefined> {
    const wanted = Buffer.from(name);
    const fields = this.#directory;
    let found: ZipEntry | undefined;
    const look = (at: number): void => {
      const bytes = fields.u16(at + 28);
      if (bytes === wanted.length && wanted.equals(fields.part(at + 46, bytes).bytes)) found = entryAt(fields, at);
    };
    await inTurns(entries(fields), look, io);
    return found;
  }

  /** The content of a file. @throws OciError corrupt-archive; too-large; unsupported-media-type for other methods than deflate */
  async read({ method, stored, offset }: ZipEntry, limit: number, io: Io): Promise<Uint8Array> {
    const from = this.#before + offset;
    const head = new Fields(await readPlace(this.#source, { offset: from, size: 30 }, 30, 'a file of the archive', io));
    const place = { offset: from + 30 + head.u16(26) + head.u16(28), size: stored };
    const bytes = await readPlace(this.#source, place, limit, 'a file of the archive', io);
    if (method === 0) return bytes;
    if (method === 8) return inflate(bytes, limit);
    throw new OciError(
      'unsupported-media-type',
      `a file of the archive is packed by method ${method}: only 0 and 8 are.`,
    );
  }
}

/** Where the entries of a central directory are. */
function* entries(fields: Fields): Generator<number, void, undefined> {
  for (let at = 0; at + 46 <= fields.length && fields.u32(at) === 0x02014b50;) {
    yield at;
    at += 46 + fields.u16(at + 28) + fields.u16(at + 30) + fields.u16(at + 32);
  }
}

function entryAt(fields: Fields, at: number): ZipEntry {
  return { method: fields.u16(at + 10), stored: fields.u32(at + 20), offset: fields.u32(at + 42) };
}
