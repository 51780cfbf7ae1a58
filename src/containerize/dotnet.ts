import type { Io } from '../content/store.ts';
import type { ByteSource } from './byteSource.ts';

const pieceBytes = 1 << 20;
const maxSearchedBytes = 64 << 20;

/** What an assembly is built for, as its TargetFrameworkAttribute says; null where it has none. */
export async function targetFramework(source: ByteSource, io: Io): Promise<string | null> {
  const end = Math.min(source.size, maxSearchedBytes);
  for (let from = 0; from < end; from += pieceBytes) {
    const piece = Buffer.from(await source.read(from, from + pieceBytes + 64, io)).toString('latin1');
    const found = /\.NET(?:CoreApp|Framework|Standard),Version=v\d{1,3}\.\d{1,3}(?:\.\d{1,3})?/.exec(piece);
    if (found !== null) return found[0];
  }
  return null;
}
