import type { Io } from '../../content/store.ts';
import { Fields } from '../fields.ts';
import type { ElfFile } from './elfFile.ts';
import { segmentTypes } from './elfHeader.ts';

/** What the dynamic section asks of the loader. */
export interface ElfDynamic {
  readonly needed: readonly string[];
  readonly soname?: string;
  /** As written, `$ORIGIN` and the like not replaced. Absent where there is a RUNPATH: loaders then leave it out. */
  readonly rpath?: string;
  readonly runpath?: string;
  /** DF_1_PIE: a program, though its type is that of a library. */
  readonly isProgram: boolean;
  /** Every symbol is bound when the program starts, not at its first use. */
  readonly bindsNow: boolean;
  /** DF_1_NODEFLIB: libraries are not looked for in the default directories. */
  readonly noDefaultDirectories: boolean;
  /** Values of all other tags, by tag. */
  readonly tags: ReadonlyMap<number, number>;
  /** The table of its strings. */
  readonly strings: Fields;
}

/** Tags (gABI, d_tag) that are looked at. */
export const dynamicTags = {
  needed: 1,
  hash: 4,
  strings: 5,
  symbols: 6,
  stringBytes: 10,
  soname: 14,
  rpath: 15,
  bindNow: 24,
  runpath: 29,
  flags: 30,
  gnuHash: 0x6ffffef5,
  flags1: 0x6ffffffb,
  versionDefinitions: 0x6ffffffc,
  versionDefinitionCount: 0x6ffffffd,
  versionNeeds: 0x6ffffffe,
  versionNeedCount: 0x6fffffff,
} as const;

const maxDynamicBytes = 1 << 20;
const maxNeeded = 4096;

/** The dynamic section; undefined for a file that has none. @throws OciError corrupt-archive */
export async function readDynamic(elf: ElfFile, io: Io): Promise<ElfDynamic | undefined> {
  const segment = elf.segment(segmentTypes.dynamic);
  if (segment === undefined) return undefined;
  const size = Math.min(segment.size, maxDynamicBytes);
  const { tags, needed } = readTags(await elf.read({ offset: segment.offset, size }, 'the dynamic section', io));
  const [address, bytes] = [tags.get(dynamicTags.strings), tags.get(dynamicTags.stringBytes)];
  const strings =
    address === undefined || bytes === undefined
      ? new Fields(new Uint8Array())
      : await elf.readAddress(address, bytes, 'the table of dynamic strings', io);
  const text = (tag: number): string | undefined => {
    const at = tags.get(tag);
    return at === undefined ? undefined : strings.text(at);
  };
  const [soname, rpath, runpath] = [text(dynamicTags.soname), text(dynamicTags.rpath), text(dynamicTags.runpath)];
  const [flags, flags1] = [tags.get(dynamicTags.flags) ?? 0, tags.get(dynamicTags.flags1) ?? 0];
  return {
    needed: needed.map((at) => strings.text(at)),
    ...(soname === undefined ? {} : { soname }),
    ...(rpath === undefined || runpath !== undefined ? {} : { rpath }),
    ...(runpath === undefined ? {} : { runpath }),
    isProgram: hasBit(flags1, 27),
    bindsNow: tags.has(dynamicTags.bindNow) || hasBit(flags, 3) || hasBit(flags1, 0),
    noDefaultDirectories: hasBit(flags1, 11),
    tags,
    strings,
  };
}

function readTags(fields: Fields): { tags: ReadonlyMap<number, number>; needed: readonly number[] } {
  const word = fields.format.bits / 8;
  const tags = new Map<number, number>();
  const needed: number[] = [];
  for (let at = 0; at + 2 * word <= fields.length; at += 2 * word) {
    const [tag, value] = [fields.word(at), fields.word(at + word)];
    if (tag === 0) break;
    if (tag === dynamicTags.needed && needed.length < maxNeeded) needed.push(value);
    else tags.set(tag, value);
  }
  return { tags, needed };
}

function hasBit(flags: number, bit: number): boolean {
  return Math.floor(flags / 2 ** bit) % 2 === 1;
}
