import type { Io } from '../content/store.ts';
import { type ByteSource, readPlace } from './byteSource.ts';
import { type Described, goDescription } from './described.ts';
import { Fields, type NumberFormat } from './fields.ts';
import { readGoBuild } from './goBuild.ts';
import { findRust } from './rustMarks.ts';

/** CPU types (mach/machine.h). */
const architectures: Readonly<Record<number, string>> = {
  7: '386',
  0x01000007: 'amd64',
  12: 'arm',
  0x0100000c: 'arm64',
  18: 'ppc',
  0x01000012: 'ppc64',
};
/** LC_BUILD_VERSION platforms that are not the Mac's. */
const systems: Readonly<Record<number, string>> = { 2: 'ios', 3: 'tvos', 4: 'watchos', 7: 'ios', 11: 'visionos' };
/** LC_VERSION_MIN commands of systems that are not the Mac's. */
const versionCommands: Readonly<Record<number, string>> = { 0x25: 'ios', 0x2f: 'tvos', 0x30: 'watchos' };
const maxCommandBytes = 4 << 20;
const maxCommands = 10_000;
const maxArchitectures = 30;
const maxGoBytes = 1 << 20;

/** True for a Mach-O file, or several in a universal one (a Java class begins like that, but has no so small number next). */
export function isMachO(head: Uint8Array): boolean {
  if (head.length < 32) return false;
  const fields = new Fields(head, { endian: 'big', bits: 32 });
  return isUniversal(fields) || formatOf(fields.u32(0)) !== undefined;
}

/** @throws OciError corrupt-archive */
export async function describeMachO(source: ByteSource, io: Io): Promise<Described> {
  const head = new Fields(await source.read(0, 4096, io), { endian: 'big', bits: 32 });
  const slices = isUniversal(head) ? universalSlices(head) : [0];
  const parts = [];
  for (const offset of slices) parts.push(await readSlice(source, offset, io));
  const [first] = parts;
  const go = first?.go;
  const rust = go === undefined ? await findRust(source, [], io) : undefined;
  return {
    format: 'mach-o',
    kind: first?.kind ?? 'other',
    platforms: [...new Set(parts.flatMap(({ platform }) => platform))],
    tools: [],
    libraries: first?.libraries ?? [],
    ...(go === undefined ? {} : { go }),
    ...(rust === undefined ? {} : { rust }),
    problems: [],
  };
}

function isUniversal(fields: Fields): boolean {
  const magic = fields.u32(0);
  return (magic === 0xcafebabe || magic === 0xcafebabf) && fields.u32(4) > 0 && fields.u32(4) <= maxArchitectures;
}

function universalSlices(fields: Fields): readonly number[] {
  const wide = fields.u32(0) === 0xcafebabf;
  return Array.from({ length: fields.u32(4) }, (_, at) =>
    wide ? fields.u64(8 + at * 32 + 8) : fields.u32(8 + at * 20 + 8),
  );
}

function formatOf(magic: number): NumberFormat | undefined {
  if (magic === 0xfeedface) return { endian: 'big', bits: 32 };
  if (magic === 0xfeedfacf) return { endian: 'big', bits: 64 };
  if (magic === 0xcefaedfe) return { endian: 'little', bits: 32 };
  return magic === 0xcffaedfe ? { endian: 'little', bits: 64 } : undefined;
}

interface Slice {
  readonly platform: readonly string[];
  readonly kind: Described['kind'];
  readonly libraries: readonly string[];
  readonly go: Described['go'];
}

async function readSlice(source: ByteSource, offset: number, io: Io): Promise<Slice> {
  const head = await readPlace(source, { offset, size: 32 }, 32, 'a Mach-O header', io);
  const format = formatOf(new Fields(head, { endian: 'big', bits: 32 }).u32(0));
  const fields = new Fields(head, format ?? { endian: 'little', bits: 64 });
  const place = { offset: offset + (fields.format.bits === 64 ? 32 : 28), size: fields.u32(20) };
  const bytes = await readPlace(source, place, maxCommandBytes, 'the load commands', io);
  const commands = loadCommands(new Fields(bytes, fields.format), fields.u32(16));
  const architecture = architectures[fields.u32(4)];
  const type = fields.u32(12);
  return {
    platform: architecture === undefined ? [] : [`${commands.system}/${architecture}`],
    kind: type === 2 ? 'program' : type === 1 ? 'object' : type === 6 || type === 8 ? 'library' : 'other',
    libraries: commands.libraries,
    go: commands.go === undefined ? undefined : await readGo(source, offset, commands.go, io),
  };
}

interface Commands {
  system: string;
  readonly libraries: string[];
  /** Where Go's build is, from the start of the slice. */
  go?: { readonly offset: number; readonly size: number };
}

function loadCommands(fields: Fields, count: number): Commands {
  const found: Commands = { system: 'darwin', libraries: [] };
  for (let at = 0, seen = 0; seen < count && at + 8 <= fields.length && found.libraries.length < 512; seen++) {
    const [command, size] = [fields.u32(at), fields.u32(at + 4)];
    if (size < 8 || seen > maxCommands) break;
    if (command === 0xc || command === 0x80000018) found.libraries.push(fields.text(at + fields.u32(at + 8)));
    if (command === 0x32) found.system = systems[fields.u32(at + 8)] ?? 'darwin';
    found.system = versionCommands[command] ?? found.system;
    if (command === 0x19) goSection(fields, at, size, found);
    at += size;
  }
  return found;
}

/** LC_SEGMENT_64: Go's build has a section of its own. */
function goSection(fields: Fields, at: number, size: number, found: Commands): void {
  const sections = Math.min(fields.u32(at + 64), Math.floor((size - 72) / 80));
  for (let section = at + 72, seen = 0; seen < sections; seen++, section += 80) {
    if (fields.text(section, 16) !== '__go_buildinfo') continue;
    found.go = { offset: fields.u32(section + 48), size: Math.min(fields.u64(section + 40), maxGoBytes) };
  }
}

async function readGo(
  source: ByteSource,
  slice: number,
  { offset, size }: { readonly offset: number; readonly size: number },
  io: Io,
): Promise<Described['go']> {
  const content = await readPlace(source, { offset: slice + offset, size }, maxGoBytes, "Go's build", io);
  const build = await readGoBuild(new Fields(content));
  return build === undefined ? undefined : goDescription(build);
}
