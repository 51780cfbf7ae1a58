import { cleanName } from '../archive/tarNames.ts';
import { readAll } from '../content/bytes.ts';
import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import type { ArchiveFile } from './archiveFile.ts';
import { type ArchiveMember, walkMembers } from './walkMembers.ts';

const maxHops = 16;

/** The files of a tar by name, read from where they lie in it. */
export class ArchiveMembers {
  readonly shown: string;
  readonly #file: ArchiveFile;
  readonly #members: ReadonlyMap<string, ArchiveMember>;
  /** Names that stand more than once, of which the last counts. */
  readonly #twice: ReadonlySet<string>;

  private constructor(file: ArchiveFile, members: ReadonlyMap<string, ArchiveMember>, twice: ReadonlySet<string>) {
    this.shown = file.shown;
    this.#file = file;
    this.#members = members;
    this.#twice = twice;
  }

  /** Reads the headers. @throws OciError corrupt-archive where it is no tar or is cut, naming the member; too-large */
  static async read(file: ArchiveFile, io: Io): Promise<ArchiveMembers> {
    const members = new Map<string, ArchiveMember>();
    const twice = new Set<string>();
    for await (const member of walkMembers(await file.tar(io), io)) {
      if (members.has(member.name)) twice.add(member.name);
      members.set(member.name, member);
    }
    return new ArchiveMembers(file, members, twice);
  }

  /** The bytes of the file; undefined where there is none of that name. Links are followed inside the archive. */
  size(name: string): number | undefined {
    return this.#find(name)?.size;
  }

  get names(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** A part of a file. @throws OciError content-mismatch where the archive has changed */
  read(name: string, range: ByteRange, io: Io): ByteStream {
    const member = this.#find(name);
    if (member === undefined) throw this.missing(name);
    return this.#file.read({ start: member.offset + range.start, end: member.offset + range.end }, io);
  }

  /**
   * The whole of a small file; undefined where there is none.
   * @throws OciError too-large; corrupt-archive where there are several of that name, which tools take differently
   */
  async readSmall(name: string, limit: number, io: Io): Promise<Uint8Array | undefined> {
    const end = this.size(name);
    if (end === undefined) return undefined;
    const what = `${escapeText(name)} of ${this.shown}`;
    if (this.#twice.has(name)) {
      throw new OciError('corrupt-archive', `${what} stands in the archive more than once. Write the archive anew.`);
    }
    if (end > limit) throw new OciError('too-large', `${what} is larger than the limit of ${limit} bytes.`);
    return readAll(this.read(name, { start: 0, end }, io), limit, what);
  }

  /** The error for a file that something in the archive names and that is not there. */
  missing(name: string): OciError {
    return new OciError(
      'corrupt-archive',
      `${escapeText(name)} is missing in ${this.shown}: it was not written to its end, or is no image archive. Save the image again.`,
    );
  }

  #find(name: string): ArchiveMember | undefined {
    const { path, leaves } = cleanName(name);
    let member = leaves ? undefined : this.#members.get(path);
    for (let hops = 0; hops <= maxHops; hops++) {
      if (member?.link === undefined) return member;
      member = this.#members.get(member.link);
    }
    return undefined;
  }
}
