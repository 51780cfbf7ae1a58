import type { Io } from '../../content/store.ts';
import { inTurns } from '../../operations/inTurns.ts';
import { type ByteSource, readPlace } from '../byteSource.ts';
import { Fields } from '../fields.ts';
import { type ZipEntry, ZipFile } from '../zipFile.ts';

/** The longest that the end of an archive can be: its record and a comment (APPNOTE 4.3.16). */
const maxEndBytes = 22 + 0xffff;
const maxDirectoryBytes = 64 << 20;
const maxNameBytes = 4096;

/** A file of an archive with its name. */
export interface NamedEntry extends ZipEntry {
  readonly name: string;
}

/** An archive with the entries that a caller wants; undefined for what is no ZIP archive. */
export interface ListedArchive {
  readonly zip: ZipFile;
  readonly entries: readonly NamedEntry[];
}

/**
 * Opens an archive and lists the entries whose names are wanted. Archives in ZIP64 form list none.
 * @throws OciError corrupt-archive; too-large
 */
export async function listArchive(
  source: ByteSource,
  isWanted: (name: string) => boolean,
  io: Io,
): Promise<ListedArchive | undefined> {
  const zip = await ZipFile.open(source, io);
  if (zip === undefined) return undefined;
  const directory = await readDirectory(source, io);
  const entries: NamedEntry[] = [];
  const look = (at: number): void => {
    const name = directory.part(at + 46, Math.min(directory.u16(at + 28), maxNameBytes));
    const text = new TextDecoder().decode(name.bytes);
    if (!isWanted(text)) return;
    const [method, stored, offset] = [directory.u16(at + 10), directory.u32(at + 20), directory.u32(at + 42)];
    entries.push({ name: text, method, stored, offset });
  };
  await inTurns(headersIn(directory), look, io);
  return { zip, entries };
}

async function readDirectory(source: ByteSource, io: Io): Promise<Fields> {
  const from = Math.max(0, source.size - maxEndBytes);
  const end = new Fields(await source.read(from, source.size, io));
  const at = Buffer.from(end.bytes).lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const size = at < 0 ? 0 : end.u32(at + 12);
  if (size === 0xffffffff || from + at < size) return new Fields(new Uint8Array());
  const place = { offset: from + at - size, size };
  return new Fields(await readPlace(source, place, maxDirectoryBytes, 'the directory of the archive', io));
}

/** Where the headers of a central directory are. */
function* headersIn(directory: Fields): Generator<number, void, undefined> {
  for (let at = 0; at + 46 <= directory.length && directory.u32(at) === 0x02014b50;) {
    yield at;
    at += 46 + directory.u16(at + 28) + directory.u16(at + 30) + directory.u16(at + 32);
  }
}
