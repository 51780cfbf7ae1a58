import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { type ByteSource, readPlace } from '../byteSource.ts';
import { Fields, type NumberFormat } from '../fields.ts';

/** Types of files (gABI, e_type). */
export const elfTypes = { object: 1, executable: 2, shared: 3 } as const;

/** Types of segments (gABI, p_type) that are looked at. */
export const segmentTypes = { load: 1, dynamic: 2, interpreter: 3, note: 4 } as const;

/** A table of a file: equal entries, one after the other. */
interface Table {
  readonly offset: number;
  readonly count: number;
}

export interface ElfHeader {
  readonly format: NumberFormat;
  readonly osAbi: number;
  readonly type: number;
  readonly machine: number;
  readonly flags: number;
  readonly entry: number;
  readonly segments: Table;
  readonly sections: Table & { readonly names: number };
}

export interface ElfSegment {
  readonly type: number;
  /** 1 execute, 2 write, 4 read. */
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  /** Bytes in the file. */
  readonly size: number;
}

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

/** Linux runs no program with more bytes of program headers. */
const maxSegmentBytes = 65_536;
/** More sections have only object files, whose sections nobody asks for. */
const maxSections = 8192;

export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/** The header, from the first 64 bytes. @throws OciError corrupt-archive */
export function elfHeader(head: Uint8Array): ElfHeader {
  const [, , , , wide, order] = head;
  if (!isElf(head) || (wide !== 1 && wide !== 2) || (order !== 1 && order !== 2)) {
    throw new OciError('corrupt-archive', 'this is no ELF file, or its header is damaged.');
  }
  const format: NumberFormat = { bits: wide === 2 ? 64 : 32, endian: order === 2 ? 'big' : 'little' };
  const fields = new Fields(head, format);
  const word = format.bits / 8;
  const after = 24 + 3 * word;
  return {
    format,
    osAbi: fields.u8(7),
    type: fields.u16(16),
    machine: fields.u16(18),
    entry: fields.word(24),
    flags: fields.u32(after),
    segments: { offset: fields.word(24 + word), count: fields.u16(after + 8) },
    sections: {
      offset: fields.word(24 + 2 * word),
      count: fields.u16(after + 12),
      names: fields.u16(after + 14),
    },
  };
}

/** The program headers. @throws OciError corrupt-archive */
export async function readSegments(
  source: ByteSource,
  { format, segments: { offset, count } }: ElfHeader,
  io: Io,
): Promise<readonly ElfSegment[]> {
  const wide = format.bits === 64;
  const entry = wide ? 56 : 32;
  const place = { offset, size: count * entry };
  const fields = new Fields(await readPlace(source, place, maxSegmentBytes, 'the program header table', io), format);
  return Array.from({ length: count }, (_, index) => {
    const at = index * entry;
    return {
      type: fields.u32(at),
      flags: fields.u32(at + (wide ? 4 : 24)),
      offset: fields.word(at + (wide ? 8 : 4)),
      address: fields.word(at + (wide ? 16 : 8)),
      size: fields.word(at + (wide ? 32 : 16)),
    };
  });
}

/** The section headers with their names; none where they are removed, damaged or too many: no program needs them to run. */
export async function readSections(
  source: ByteSource,
  { format, sections: { offset, count, names } }: ElfHeader,
  io: Io,
): Promise<readonly ElfSection[]> {
  const wide = format.bits === 64;
  const entry = wide ? 64 : 40;
  if (count === 0 || count > maxSections || offset + count * entry > source.size) return [];
  const fields = new Fields(await source.read(offset, offset + count * entry, io), format);
  const places = Array.from({ length: count }, (_, index) => {
    const at = index * entry;
    return {
      name: fields.u32(at),
      type: fields.u32(at + 4),
      offset: fields.word(at + (wide ? 24 : 16)),
      size: fields.word(at + (wide ? 32 : 20)),
    };
  });
  const table = places[names];
  const fits = table !== undefined && table.size <= 1 << 20 && table.offset + table.size <= source.size;
  const texts = new Fields(fits ? await source.read(table.offset, table.offset + table.size, io) : new Uint8Array());
  return places.map((place) => ({ ...place, name: place.name < texts.length ? texts.text(place.name, 256) : '' }));
}
