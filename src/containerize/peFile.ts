import type { Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import { type ByteSource, readPlace } from './byteSource.ts';
import { type Described, goDescription } from './described.ts';
import { targetFramework } from './dotnet.ts';
import { Fields } from './fields.ts';
import { readGoBuild } from './goBuild.ts';
import { findRust } from './rustMarks.ts';

/** Machines (PE format, Machine Types). */
const architectures: Readonly<Record<number, string>> = {
  0x14c: '386',
  0x1c4: 'arm',
  0x8664: 'amd64',
  0xaa64: 'arm64',
  0x5064: 'riscv64',
  0x6264: 'loong64',
};
const maxHeaderBytes = 64 << 10;
const maxPartBytes = 1 << 20;
const maxLibraries = 512;

interface PeSection {
  readonly address: number;
  readonly virtualSize: number;
  readonly offset: number;
  readonly size: number;
  readonly isData: boolean;
}

interface PeFile {
  readonly machine: number;
  readonly isLibrary: boolean;
  /** 10 to 13: for the firmware, before a system runs. */
  readonly subsystem: number;
  /** Addresses of the data directories. */
  readonly directories: readonly number[];
  readonly sections: readonly PeSection[];
}

/** @throws OciError corrupt-archive for what begins with MZ and is no PE file */
export async function describePe(source: ByteSource, io: Io): Promise<Described> {
  const head = new Fields(await source.read(0, maxHeaderBytes, io));
  const pe = readHeaders(head);
  const architecture = architectures[pe.machine];
  const isManaged = (pe.directories[14] ?? 0) !== 0;
  const problems: string[] = [];
  const found = { libraries: (await attempt(() => libraries(source, pe, io), problems)) ?? [] };
  if (isManaged) {
    const framework = await targetFramework(source, io);
    return { ...described(pe, []), ...found, format: 'dotnet', dotnet: { framework }, problems };
  }
  const go = await attempt(() => readGo(source, pe, io), problems);
  const rust = go === undefined ? await findRust(source, [], io) : undefined;
  const system = pe.subsystem >= 10 && pe.subsystem <= 13 ? 'efi' : 'windows';
  return {
    ...described(pe, architecture === undefined ? [] : [`${system}/${architecture}`]),
    ...found,
    ...(go === undefined ? {} : { go }),
    ...(rust === undefined ? {} : { rust }),
    problems,
  };
}

function described(
  pe: PeFile,
  platforms: readonly string[],
): Pick<Described, 'format' | 'kind' | 'platforms' | 'tools'> {
  return { format: 'pe', kind: pe.isLibrary ? 'library' : 'program', platforms, tools: [] };
}

async function attempt<T>(part: () => Promise<T>, problems: string[]): Promise<T | undefined> {
  try {
    return await part();
  } catch (cause) {
    if (!isOciError(cause, 'corrupt-archive', 'too-large')) throw cause;
    problems.push(cause.message);
    return undefined;
  }
}

function readHeaders(head: Fields): PeFile {
  const at = head.u32(0x3c);
  if (head.u32(at) !== 0x4550) head.part(head.length, 1);
  const optional = at + 24;
  const isWide = head.u16(optional) === 0x20b;
  const directories = optional + (isWide ? 112 : 96);
  const sections = optional + head.u16(at + 20);
  const count = Math.min(head.u32(directories - 4), 16);
  return {
    machine: head.u16(at + 4),
    isLibrary: (head.u16(at + 22) & 0x2000) !== 0,
    subsystem: head.u16(optional + 68),
    directories: Array.from({ length: count }, (_, each) => head.u32(directories + each * 8)),
    sections: Array.from({ length: Math.min(head.u16(at + 6), 96) }, (_, each) => {
      const section = sections + each * 40;
      return {
        virtualSize: head.u32(section + 8),
        address: head.u32(section + 12),
        size: head.u32(section + 16),
        offset: head.u32(section + 20),
        isData: (head.u32(section + 36) & 0xc0000040) >>> 0 === 0xc0000040,
      };
    }),
  };
}

/** What is loaded at an address, up to the end of its section. @throws OciError corrupt-archive */
async function readAddress(source: ByteSource, pe: PeFile, address: number, limit: number, io: Io): Promise<Fields> {
  const section = pe.sections.find((each) => address >= each.address && address < each.address + each.size);
  const skipped = address - (section?.address ?? 0);
  const place =
    section === undefined
      ? { offset: source.size, size: 1 }
      : { offset: section.offset + skipped, size: Math.min(limit, section.size - skipped) };
  return new Fields(await readPlace(source, place, maxPartBytes, 'a part of the program', io));
}

async function libraries(source: ByteSource, pe: PeFile, io: Io): Promise<readonly string[]> {
  const table = pe.directories[1] ?? 0;
  if (table === 0) return [];
  const fields = await readAddress(source, pe, table, 20 * maxLibraries, io);
  const names: string[] = [];
  for (let at = 0; at + 20 <= fields.length && fields.u32(at + 12) !== 0; at += 20) {
    names.push((await readAddress(source, pe, fields.u32(at + 12), 256, io)).text(0));
  }
  return names;
}

async function readGo(source: ByteSource, pe: PeFile, io: Io): Promise<Described['go']> {
  const data = pe.sections.find(({ isData, size }) => isData && size > 0);
  if (data === undefined) return undefined;
  const content = await readAddress(source, pe, data.address, maxPartBytes, io);
  const build = await readGoBuild(content);
  return build === undefined ? undefined : goDescription(build);
}
