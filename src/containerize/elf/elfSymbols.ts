import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { inTurns } from '../../operations/inTurns.ts';
import type { Fields } from '../fields.ts';
import { dynamicTags, type ElfDynamic } from './elfDynamic.ts';
import type { ElfFile } from './elfFile.ts';

/** A symbol of the dynamic symbol table that others can see. */
export interface ElfSymbol {
  readonly name: string;
  readonly isDefined: boolean;
  readonly isWeak: boolean;
}

const maxSymbols = 400_000;
const dynamicSymbolSection = 11;
const s390 = 22;

/**
 * Calls `action` for each symbol that this file offers to others or wants from them.
 * @throws OciError corrupt-archive; too-large
 */
export async function eachSymbol(
  elf: ElfFile,
  dynamic: ElfDynamic,
  action: (symbol: ElfSymbol) => void,
  io: Io,
): Promise<void> {
  const table = dynamic.tags.get(dynamicTags.symbols);
  if (table === undefined) return;
  const wide = elf.header.format.bits === 64;
  const entry = wide ? 24 : 16;
  const count = await symbolCount(elf, dynamic, entry, io);
  if (count === 0) return;
  if (count > maxSymbols) {
    throw new OciError('too-large', `the file has ${count} symbols, more than the limit of ${maxSymbols}.`);
  }
  const fields = await elf.readAddress(table, count * entry, 'the table of symbols', io);
  const look = (index: number): void => {
    const at = index * entry;
    const [binding, section] = [fields.u8(at + (wide ? 4 : 12)) >> 4, fields.u16(at + (wide ? 6 : 14))];
    if (binding === 0) return;
    const name = dynamic.strings.text(fields.u32(at), 512);
    action({ name, isDefined: section !== 0, isWeak: binding === 2 });
  };
  await inTurns(indexes(count), look, io);
}

function* indexes(count: number): Generator<number, void, undefined> {
  for (let index = 1; index < count; index++) yield index;
}

/** No tag says how many there are: the section does, or the table that finds them by hash. */
async function symbolCount(elf: ElfFile, { tags }: ElfDynamic, entry: number, io: Io): Promise<number> {
  const section = elf.sections.find(({ type }) => type === dynamicSymbolSection);
  if (section !== undefined) return Math.floor(section.size / entry);
  const hash = tags.get(dynamicTags.hash);
  // s390x has words of 8 bytes here.
  if (hash !== undefined && elf.header.machine !== s390)
    return (await elf.readAddress(hash, 8, 'the hash table', io)).u32(4);
  const gnu = tags.get(dynamicTags.gnuHash);
  if (gnu === undefined) return 0;
  return gnuCount(await elf.readAddress(gnu, { limit: 8 * maxSymbols }, 'the hash table', io));
}

/** The end of the last chain of a GNU hash table. */
function gnuCount(fields: Fields): number {
  const [buckets, first, bloomWords] = [fields.u32(0), fields.u32(4), fields.u32(8)];
  const from = 16 + (bloomWords * fields.format.bits) / 8;
  let last = 0;
  for (let bucket = 0; bucket < Math.min(buckets, maxSymbols); bucket++) {
    last = Math.max(last, fields.u32(from + 4 * bucket));
  }
  if (last < first) return first;
  for (let at = from + 4 * (buckets + last - first); ; at += 4, last++) if (fields.u32(at) % 2 === 1) return last + 1;
}
