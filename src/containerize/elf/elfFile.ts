import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { type ByteSource, readPlace } from '../byteSource.ts';
import { Fields } from '../fields.ts';
import {
  type ElfHeader,
  elfHeader,
  type ElfSection,
  type ElfSegment,
  readSections,
  readSegments,
} from './elfHeader.ts';

/** The most that is read of one part of an ELF file, in bytes. */
const maxPartBytes = 32 << 20;

/** An ELF file of which parts are read as they are needed (System V gABI, chapters 4 and 5). */
export class ElfFile {
  readonly source: ByteSource;
  readonly header: ElfHeader;
  readonly segments: readonly ElfSegment[];
  /** None where they were removed. */
  readonly sections: readonly ElfSection[];

  private constructor(
    source: ByteSource,
    header: ElfHeader,
    segments: readonly ElfSegment[],
    sections: readonly ElfSection[],
  ) {
    this.source = source;
    this.header = header;
    this.segments = segments;
    this.sections = sections;
  }

  /** @throws OciError corrupt-archive where header or segments are damaged */
  static async open(source: ByteSource, io: Io): Promise<ElfFile> {
    const header = elfHeader(await source.read(0, 64, io));
    const segments = await readSegments(source, header, io);
    return new ElfFile(source, header, segments, await readSections(source, header, io));
  }

  segment(type: number): ElfSegment | undefined {
    return this.segments.find((each) => each.type === type);
  }

  section(name: string): ElfSection | undefined {
    return this.sections.find((each) => each.name === name);
  }

  /** @throws OciError corrupt-archive for what is not in the file; too-large */
  async read(place: { readonly offset: number; readonly size: number }, what: string, io: Io): Promise<Fields> {
    return new Fields(await readPlace(this.source, place, maxPartBytes, what, io), this.header.format);
  }

  /** What is loaded at an address: `size` bytes, or what there is up to `limit`. @throws OciError corrupt-archive */
  async readAddress(address: number, size: number | { readonly limit: number }, what: string, io: Io): Promise<Fields> {
    const segment = this.segments.find(
      (each) => each.type === 1 && address >= each.address && address < each.address + each.size,
    );
    if (segment === undefined) {
      throw new OciError('corrupt-archive', `${what} is at an address where the file has nothing.`);
    }
    const skipped = address - segment.address;
    const bytes = typeof size === 'number' ? size : Math.min(size.limit, segment.size - skipped);
    return this.read({ offset: segment.offset + skipped, size: bytes }, what, io);
  }
}
