import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import type { Fields } from '../fields.ts';
import type { ElfFile } from './elfFile.ts';
import { segmentTypes } from './elfHeader.ts';

/** What the notes of an ELF file say. */
export interface ElfNotes {
  /** The operating system, where one is named. */
  readonly os?: string;
  /** The oldest Linux that the C library in it runs on, such as `3.2.0`. */
  readonly oldestKernel?: string;
  /** In hex. */
  readonly buildId?: string;
  /** x86-64: the level of instructions that it needs, 1 to 4; absent where it says nothing. */
  readonly x86Level?: number;
}

const maxNoteBytes = 1 << 20;
const maxNotes = 1000;
/** Of the GNU note NT_GNU_ABI_TAG (LSB, note section). */
const abiSystems = ['linux', 'hurd', 'solaris', 'freebsd', 'netbsd'];
/** Names that only one system's tools write. */
const systems: Readonly<Record<string, string>> = {
  FreeBSD: 'freebsd',
  NetBSD: 'netbsd',
  OpenBSD: 'openbsd',
  DragonFly: 'dragonfly',
  Android: 'android',
};
/** GNU_PROPERTY_X86_ISA_1_NEEDED (x86-64 psABI, program property). */
const isaNeeded = 0xc0008002;

/** The notes of all segments; those that are damaged are left out. */
export async function readNotes(elf: ElfFile, io: Io): Promise<ElfNotes> {
  let found: ElfNotes = {};
  for (const segment of elf.segments.filter(({ type }) => type === segmentTypes.note).slice(0, 64)) {
    try {
      const size = Math.min(segment.size, maxNoteBytes);
      const fields = await elf.read({ offset: segment.offset, size }, 'a note', io);
      for (const note of notesOf(fields)) found = { ...found, ...meaning(note) };
    } catch (cause) {
      if (!isOciError(cause, 'corrupt-archive')) throw cause;
    }
  }
  return found;
}

interface Note {
  readonly owner: string;
  readonly type: number;
  readonly content: Fields;
}

function* notesOf(fields: Fields): Generator<Note, void, undefined> {
  for (let at = 0, seen = 0; at + 12 <= fields.length && seen < maxNotes; seen++) {
    const [nameBytes, bytes, type] = [fields.u32(at), fields.u32(at + 4), fields.u32(at + 8)];
    const content = at + 12 + align(nameBytes, 4);
    const owner = nameBytes === 0 ? '' : fields.part(at + 12, nameBytes).text(0, 64);
    yield { owner, type, content: fields.part(content, bytes) };
    at = align(content + bytes, owner === 'GNU' && type === 5 ? fields.format.bits / 8 : 4);
  }
}

function meaning({ owner, type, content }: Note): ElfNotes {
  const os = systems[owner];
  if (os !== undefined && type === 1) return { os };
  if (owner !== 'GNU') return {};
  if (type === 1) {
    const named = abiSystems[content.u32(0)];
    const kernel = [4, 8, 12].map((at) => content.u32(at)).join('.');
    return named === undefined ? {} : { os: named, ...(named === 'linux' ? { oldestKernel: kernel } : {}) };
  }
  if (type === 3) return { buildId: Buffer.from(content.bytes.subarray(0, 64)).toString('hex') };
  return type === 5 ? properties(content) : {};
}

function properties(content: Fields): ElfNotes {
  const alignment = content.format.bits / 8;
  for (let at = 0; at + 8 <= content.length;) {
    const [type, size] = [content.u32(at), content.u32(at + 4)];
    if (type === isaNeeded && size === 4) {
      const levels = content.u32(at + 8) & 0xf;
      return levels === 0 ? {} : { x86Level: 32 - Math.clz32(levels) };
    }
    at = align(at + 8 + size, alignment);
  }
  return {};
}

function align(at: number, alignment: number): number {
  return Math.ceil(at / alignment) * alignment;
}
