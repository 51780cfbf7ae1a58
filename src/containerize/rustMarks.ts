import type { Io } from '../content/store.ts';
import type { ByteSource } from './byteSource.ts';

const pieceBytes = 1 << 20;
/** Of a program; its read-only data are at the start. */
const maxSearchedBytes = 16 << 20;
/** The standard library's sources in messages of panics: `/rustc/COMMIT/library/…`. */
const mark = Buffer.from('/rustc/');

/** What shows that a program is Rust: the compiler's signature, or paths of its standard library; undefined for others. */
export async function findRust(
  source: ByteSource,
  tools: readonly string[],
  io: Io,
): Promise<{ readonly version: string | null } | undefined> {
  const signed = tools.find((tool) => tool.startsWith('rustc version '));
  if (signed !== undefined) return { version: /^rustc version ([\w.-]{1,40})/.exec(signed)?.[1] ?? null };
  const end = Math.min(source.size, maxSearchedBytes);
  for (let from = 0; from < end; from += pieceBytes) {
    const piece = Buffer.from(await source.read(from, from + pieceBytes + 64, io));
    for (let at = piece.indexOf(mark); at >= 0; at = piece.indexOf(mark, at + 1)) {
      if (/^\/rustc\/[0-9a-f]{40}[/\\]/.test(piece.toString('latin1', at, at + 48))) return { version: null };
    }
  }
  return undefined;
}
