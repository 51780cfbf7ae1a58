import type { ElfDescription, GoDescription } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import type { ByteSource } from '../byteSource.ts';
import { readGoBuild } from '../goBuild.ts';
import { type Described, goDescription } from '../described.ts';
import { findRust } from '../rustMarks.ts';
import { armVariant } from './armVariant.ts';
import { type ElfDynamic, readDynamic } from './elfDynamic.ts';
import { ElfFile } from './elfFile.ts';
import { elfTypes, segmentTypes } from './elfHeader.ts';
import { type ElfNotes, readNotes } from './elfNotes.ts';
import { elfArchitecture, elfSystem } from './elfPlatform.ts';
import { eachSymbol } from './elfSymbols.ts';
import { readVersionNeeds } from './elfVersions.ts';
import { oldestMusl } from './muslVersions.ts';
import { newestVersions } from './newestVersions.ts';

const maxTextBytes = 4096;
const maxGoBytes = 1 << 20;
const symbolSection = 2;

/** Everything that is known of one ELF file. */
interface ElfFacts {
  readonly elf: ElfFile;
  readonly dynamic: ElfDynamic | undefined;
  readonly interpreter: string | undefined;
  readonly notes: ElfNotes;
  readonly go: GoDescription | undefined;
  readonly variant: string | undefined;
}

/** What an ELF file is. What is damaged in it is named in `problems`, and the rest is told. @throws OciError corrupt-archive */
export async function describeElf(source: ByteSource, io: Io): Promise<Described> {
  const elf = await ElfFile.open(source, io);
  const problems: string[] = [];
  const read = async <T>(part: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await part();
    } catch (cause) {
      if (!isOciError(cause, 'corrupt-archive', 'too-large')) throw cause;
      problems.push(cause.message);
      return undefined;
    }
  };
  const dynamic = await read(() => readDynamic(elf, io));
  const facts: ElfFacts = {
    elf,
    dynamic,
    interpreter: await read(() => readInterpreter(elf, io)),
    notes: await readNotes(elf, io),
    go: await read(() => readGo(elf, io)),
    variant: await read(() => readArmVariant(elf, io)),
  };
  const [names, functions] = [new Set<string>(), new Set<string>()];
  if (dynamic !== undefined) {
    await read(async () => {
      for (const { version } of await readVersionNeeds(elf, dynamic, io)) names.add(version);
    });
    const note = ({ name, isDefined }: { name: string; isDefined: boolean }): unknown =>
      isDefined ? undefined : functions.add(name);
    if (libcOf(facts.interpreter) === 'musl') await read(() => eachSymbol(elf, dynamic, note, io));
  }
  const tools = (await read(() => readTools(elf, io))) ?? [];
  const rust = facts.go === undefined ? await findRust(source, tools, io) : undefined;
  const { platform, open } = platformOf(facts);
  if (open !== undefined) problems.push(open);
  return {
    format: 'elf',
    kind: kindOf(facts),
    platforms: platform === undefined ? [] : [platform],
    tools,
    elf: elfDescription(facts, newestVersions(names), oldestMusl(functions)),
    ...(facts.go === undefined ? {} : { go: facts.go }),
    ...(rust === undefined ? {} : { rust }),
    problems,
  };
}

/** The C library whose loader a path is: by its name, which is part of each architecture's ABI. */
export function libcOf(interpreter: string | undefined): 'glibc' | 'musl' | null {
  const name = interpreter?.slice(interpreter.lastIndexOf('/') + 1) ?? '';
  if (name.startsWith('ld-musl-')) return 'musl';
  return /^ld(?:-linux.*|64)?\.so\.\d+$/.test(name) ? 'glibc' : null;
}

/** The path that PT_INTERP names. @throws OciError corrupt-archive */
export async function readInterpreter(elf: ElfFile, io: Io): Promise<string | undefined> {
  const segment = elf.segment(segmentTypes.interpreter);
  if (segment === undefined) return undefined;
  const size = Math.min(segment.size, maxTextBytes);
  return (await elf.read({ offset: segment.offset, size }, 'the name of the interpreter', io)).text(0);
}

function elfDescription(
  facts: ElfFacts,
  newest: Readonly<Record<string, string>>,
  musl: string | null,
): ElfDescription {
  const { elf, dynamic, interpreter, notes } = facts;
  return {
    ...elf.header.format,
    machine: elf.header.machine,
    linkage: interpreter === undefined && (dynamic?.needed ?? []).length === 0 ? 'static' : 'dynamic',
    interpreter: interpreter ?? null,
    libc: libcOf(interpreter),
    needed: dynamic?.needed ?? [],
    soname: dynamic?.soname ?? null,
    rpath: dynamic?.rpath ?? null,
    runpath: dynamic?.runpath ?? null,
    newestVersions: newest,
    oldestMusl: musl,
    stripped: !elf.sections.some(({ name, type }) => type === symbolSection || name === '.debug_info'),
    oldestKernel: notes.oldestKernel ?? null,
    buildId: notes.buildId ?? null,
  };
}

function kindOf({ elf: { header }, dynamic, interpreter }: ElfFacts): Described['kind'] {
  if (header.type === elfTypes.object) return 'object';
  if (header.type === elfTypes.executable) return 'program';
  if (header.type !== elfTypes.shared) return 'other';
  const isProgram = interpreter !== undefined || dynamic?.isProgram === true;
  return isProgram || (header.entry !== 0 && dynamic?.soname === undefined) ? 'program' : 'library';
}

/** The platform, and what about it is open. */
function platformOf(facts: ElfFacts): { readonly platform?: string; readonly open?: string } {
  const { elf, notes, go, interpreter } = facts;
  const architecture = elfArchitecture(elf.header);
  if (architecture === undefined) {
    return { open: `It is for the machine ${elf.header.machine} of the ELF specification, which no image is for.` };
  }
  const [named = notes.os ?? elfSystem(elf.header)] = /^[a-z][a-z\d]{0,31}$/.exec(go?.settings['GOOS'] ?? '') ?? [];
  const os = named ?? (libcOf(interpreter) === null ? undefined : 'linux');
  const parts = [os ?? 'linux', architecture, variantOf(facts)];
  const platform = parts.filter((part) => part !== undefined).join('/');
  const isOpen = os === undefined && kindOf(facts) === 'program';
  return { platform, ...(isOpen ? { open: 'Nothing in it names a system: it is taken for Linux.' } : {}) };
}

/** arm: the architecture's version; amd64: the level of instructions above the first (x86-64 psABI). */
function variantOf({ elf, notes, go, variant }: ElfFacts): string | undefined {
  const { machine } = elf.header;
  if (machine === 40) return variant ?? /^[5-7]/.exec(go?.settings['GOARM'] ?? '')?.[0].replace(/^/, 'v');
  if (machine !== 62) return undefined;
  const level = /^v([2-4])$/.exec(go?.settings['GOAMD64'] ?? '')?.[1] ?? String(notes.x86Level ?? 1);
  return level === '1' ? undefined : `v${level}`;
}

async function readArmVariant(elf: ElfFile, io: Io): Promise<string | undefined> {
  const section = elf.section('.ARM.attributes');
  if (section === undefined || elf.header.machine !== 40) return undefined;
  return armVariant(await elf.read({ ...section, size: Math.min(section.size, maxTextBytes) }, 'a section', io));
}

/** `.comment`: what each tool wrote. */
async function readTools(elf: ElfFile, io: Io): Promise<readonly string[]> {
  const section = elf.section('.comment');
  if (section === undefined) return [];
  const { bytes } = await elf.read({ ...section, size: Math.min(section.size, maxTextBytes) }, 'a section', io);
  return [...new Set(new TextDecoder().decode(bytes).split('\0'))].filter((each) => each !== '').slice(0, 16);
}

async function readGo(elf: ElfFile, io: Io): Promise<GoDescription | undefined> {
  const section = elf.section('.go.buildinfo');
  const place = section ?? elf.segments.find(({ type, flags }) => type === segmentTypes.load && (flags & 3) === 2);
  if (place === undefined) return undefined;
  const content = await elf.read({ offset: place.offset, size: Math.min(place.size, maxGoBytes) }, 'a section', io);
  const build = await readGoBuild(content, (address, size) => elf.readAddress(address, size, 'the Go build', io));
  return build === undefined ? undefined : goDescription(build);
}
