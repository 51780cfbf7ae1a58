import { isOciError } from '../../src/errors.ts';
import type { TarEntry } from '../../src/archive/tarEntry.ts';
import { TarReader } from '../../src/archive/tarReader.ts';
import { inPieces } from '../support/tarWriter.ts';

/** An entry with its content as stored. */
export interface EntryWithContent {
  readonly entry: TarEntry;
  readonly content: Buffer;
}

/** What the reader makes of a tar that comes in pieces. */
export interface ReadTar {
  /** Those whose content was whole. */
  readonly entries: readonly EntryWithContent[];
  /** Why it stopped. */
  readonly failure: string | undefined;
  readonly trailing: number;
}

/** Reads a tar; failures other than the reader's own are thrown. */
export function readTar(tar: Uint8Array, pieces = Infinity): ReadTar {
  const entries: EntryWithContent[] = [];
  let [open, chunks]: [TarEntry | undefined, Uint8Array[]] = [undefined, []];
  const reader = new TarReader({
    entry: (entry) => {
      [open, chunks] = [entry, []];
    },
    content: (chunk) => chunks.push(Uint8Array.from(chunk)),
    finish: () => {
      if (open !== undefined) entries.push({ entry: open, content: Buffer.concat(chunks) });
    },
  });
  let failure: string | undefined;
  try {
    for (const piece of inPieces(tar, Math.min(pieces, Math.max(1, tar.length)))) reader.push(piece);
    reader.end();
  } catch (error) {
    if (!isOciError(error, 'corrupt-archive', 'too-large')) throw error;
    failure = error.message;
  }
  return { entries, failure, trailing: reader.trailing };
}

/** The entries of a tar that is whole. */
export function entriesIn(...parts: readonly Uint8Array[]): readonly EntryWithContent[] {
  const { entries, failure } = readTar(Buffer.concat(parts));
  if (failure !== undefined) throw new Error(failure);
  return entries;
}
