import fc from 'fast-check';
import { byteText } from './oddTars.ts';
import { longName, paxHeader, tarEnd, tarEntry } from './tarWriter.ts';

const content = fc.nat(1500).map((length) => Buffer.alloc(length, 'content '));

/** An entry as it was meant. Texts are bytes as latin-1. */
export interface MeantEntry {
  readonly name: string;
  readonly type: '0' | '1' | '2' | '3' | '5' | '6';
  readonly linkname: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly content: Buffer;
}

const name = byteText(1, 260).map((bytes) => `n${bytes.replaceAll('/', '_')}`);
const target = byteText(1, 260).map((bytes) => bytes.replaceAll('/', '_'));
const owner = fc.oneof(fc.nat(0o7777777), fc.integer({ min: 0, max: 2 ** 31 }));

/** Entries that every reader should see alike. */
export const meantEntries: fc.Arbitrary<readonly MeantEntry[]> = fc.array(
  fc
    .record({
      name,
      type: fc.constantFrom(
        '0' as const,
        '0' as const,
        '1' as const,
        '2' as const,
        '3' as const,
        '5' as const,
        '6' as const,
      ),
      linkname: target,
      mode: fc.nat(0o7777),
      uid: owner,
      gid: owner,
      mtime: fc.oneof(fc.nat(2 ** 31), fc.integer({ min: 0, max: 2 ** 35 })),
      content,
    })
    .map((entry) => ({
      ...entry,
      linkname: entry.type === '1' || entry.type === '2' ? entry.linkname : '',
      content: entry.type === '0' ? entry.content : Buffer.alloc(0),
    })),
  { maxLength: 8 },
);

/** Writes entries in one of the ways there are to say what does not fit the header: PAX records, GNU long names and base 256. */
export function writeMeant(entries: readonly MeantEntry[], way: 'pax' | 'gnu'): Buffer {
  return Buffer.concat([...entries.map((entry) => (way === 'pax' ? inPax(entry) : inGnu(entry))), tarEnd]);
}

function inGnu({ content, ...entry }: MeantEntry): Buffer {
  const before = [
    entry.linkname.length > 100 ? [longName(entry.linkname, 'K')] : [],
    entry.name.length > 100 ? [longName(entry.name)] : [],
  ];
  return Buffer.concat([...before.flat(), tarEntry({ ...entry, format: 'gnu' }, content)]);
}

function inPax({ content, ...entry }: MeantEntry): Buffer {
  const records: [string, string][] = [];
  if (entry.name.length > 100) records.push(['path', entry.name]);
  if (entry.linkname.length > 100) records.push(['linkpath', entry.linkname]);
  for (const field of ['uid', 'gid', 'mtime'] as const) {
    if (entry[field] >= 8 ** (field === 'mtime' ? 11 : 7)) records.push([field, String(entry[field])]);
  }
  const small = { uid: entry.uid % 8 ** 7, gid: entry.gid % 8 ** 7, mtime: entry.mtime % 8 ** 11 };
  const own = tarEntry({ ...entry, ...small }, content);
  return records.length === 0 ? own : Buffer.concat([paxHeader(records), own]);
}
