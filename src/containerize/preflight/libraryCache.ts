import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { inTurns } from '../../operations/inTurns.ts';
import { Fields, type NumberFormat } from '../fields.ts';
import type { BaseFiles } from './baseFiles.ts';

const magic = 'glibc-ld.so.cache1.1';
const maxLibraries = 20_000;
const maxNameBytes = 512;

/** Libraries by name as ldconfig wrote them to /etc/ld.so.cache: all that glibc's loader knows of /etc/ld.so.conf. */
export async function readLibraryCache(
  base: BaseFiles,
  { endian }: NumberFormat,
  io: Io,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const libraries = new Map<string, string[]>();
  const node = base.find('/etc/ld.so.cache');
  if (node?.content === undefined) return libraries;
  try {
    const source = base.source(node);
    const bytes = await source.read(0, source.size, io);
    // Before it may be a table in the format of before 2.2.
    const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(magic);
    if (start < 0) return libraries;
    const fields = new Fields(bytes.subarray(start), { endian, bits: 64 });
    await inTurns(entries(fields), (at) => readEntry(fields, at, libraries), io);
  } catch (cause) {
    // The loader takes no notice of a cache that it cannot read.
    if (!isOciError(cause, 'corrupt-archive', 'too-large')) throw cause;
  }
  return libraries;
}

/** dl-cache.h, `struct cache_file_new`: a header of 48 bytes, entries of 24, texts. */
function* entries(fields: Fields): Generator<number, void, undefined> {
  const count = Math.min(fields.u32(20), maxLibraries);
  for (let at = 48; at < 48 + 24 * count; at += 24) yield at;
}

function readEntry(fields: Fields, at: number, libraries: Map<string, string[]>): void {
  const name = fields.text(fields.u32(at + 4), maxNameBytes);
  const file = fields.text(fields.u32(at + 8), maxNameBytes);
  // Made for better processors only; a version for all of them stands beside.
  if (fields.u64(at + 16) !== 0 || file.includes('/glibc-hwcaps/')) return;
  const known = libraries.get(name);
  if (known === undefined) libraries.set(name, [file]);
  else known.push(file);
}
