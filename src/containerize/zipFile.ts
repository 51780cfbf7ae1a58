import type { ByteStream, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { inTurns } from '../operations/inTurns.ts';
import { type ByteSource, readPlace } from './byteSource.ts';
import { Fields } from './fields.ts';
import { memberStream, readEntry } from './zipContent.ts';
import { entryAt, entryPlaces, memberAt, type ZipEntry, type ZipMember } from './zipDirectory.ts';

export type { ZipEntry, ZipMember } from './zipDirectory.ts';

/** Most bytes that one file of an archive may unpack to. */
export const maxMemberBytes = 2 * 2 ** 30;
const maxArchiveBytes = 16 * 2 ** 30;
const maxMembers = 200_000;
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
      if (bytes === wanted.length && wanted.equals(fields.part(at + 46, bytes).bytes)) {
        found = entryAt(fields, at, this.#before);
      }
    };
    await inTurns(entryPlaces(fields), look, io);
    return found;
  }

  /**
   * All files and folders, sorted by name; of several of one name the last, as Java takes it.
   * @throws OciError corrupt-archive, such as for names that lead out of the archive; unsupported-media-type for encrypted
   * files; too-large above 200,000 entries, 2 GiB a file and 16 GiB in all
   */
  async list(io: Io): Promise<readonly ZipMember[]> {
    const members = new Map<string, ZipMember>();
    let count = 0;
    const add = (at: number): void => {
      if (++count > maxMembers) throw tooLarge(`more than ${maxMembers} entries`);
      const member = memberAt(this.#directory, at, this.#before);
      if (member.size > maxMemberBytes) throw tooLarge(`a file of ${member.size} bytes, ${escapeText(member.name)}`);
      members.set(member.name, member);
    };
    await inTurns(entryPlaces(this.#directory), add, io);
    const sorted = [...members.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const total = sorted.reduce((sum, { size }) => sum + size, 0);
    if (total > maxArchiveBytes) throw tooLarge(`files of ${total} bytes`);
    return sorted;
  }

  /** The content of a file. @throws OciError corrupt-archive; too-large; unsupported-media-type for other methods than deflate */
  async read(entry: ZipEntry, limit: number, io: Io): Promise<Uint8Array> {
    return readEntry(this.#source, entry, limit, io);
  }

  /** The content of a file, in pieces. @throws OciError as `read`; corrupt-archive at the end where size or CRC-32 differ */
  open(member: ZipMember, io: Io): ByteStream {
    return memberStream(this.#source, member, io);
  }
}

function tooLarge(what: string): OciError {
  return new OciError('too-large', `the archive has ${what}, more than is read of one.`);
}
