import { readVarint } from './sqliteRecord.ts';
import type { Steps } from './steps.ts';

/** Takes a row, undefined for one that is too large to be read; a result ends the reading of the table. */
export type TakeRow<Result> = (row: Uint8Array | undefined) => Result | undefined;

/** How the rows of a table are read. */
export interface RowOptions<Result> {
  /** Bytes of the largest row that is read. */
  readonly maxBytes: number;
  readonly take: TakeRow<Result>;
}

/** Bytes of the header of the file, which stand at the start of page 1. */
const headerBytes = 100;
const magic = 'SQLite format 3\0';
const minPageBytes = 512;
/** Fewest bytes of a page that SQLite lets itself use. */
const minUsable = 480;
/** Pages from the top of a tree to a leaf, as in SQLite itself. */
const maxDepth = 20;

/** Pages of the trees of tables. */
const pageTypes = { interior: 5, leaf: 13 } as const;

/** A page of a tree. */
interface TreePage {
  /** Where it begins in the file, and where what SQLite uses of it ends. */
  readonly start: number;
  readonly end: number;
  readonly isInterior: boolean;
  readonly cells: number;
  /** Where the offsets of its cells begin. */
  readonly pointers: number;
}

/**
 * A file of an SQLite database (sqlite.org/fileformat2.html). Each page is read once, so that the time grows with the size of
 * the file only, whatever it says; what is in a log beside the file is not seen.
 */
export class SqliteFile {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #pageBytes: number;
  /** Bytes of a page that SQLite uses. */
  readonly #usable: number;
  /** By number from 1. */
  readonly #seen: Uint8Array;
  /** Bytes that cells say they have. */
  #claimed = 0;

  private constructor(bytes: Uint8Array, pageBytes: number, usable: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#pageBytes = pageBytes;
    this.#usable = usable;
    this.#seen = new Uint8Array(Math.floor(bytes.length / pageBytes) + 1);
  }

  /** A text says why it is none. */
  static open(bytes: Uint8Array): SqliteFile | string {
    const begins = new TextDecoder('latin1').decode(bytes.subarray(0, magic.length)) === magic;
    if (bytes.length < minPageBytes || !begins) return 'it does not begin as SQLite databases do';
    const written = ((bytes[16] ?? 0) << 8) | (bytes[17] ?? 0);
    const pageBytes = written === 1 ? 65_536 : written;
    const usable = pageBytes - (bytes[20] ?? 0);
    const isPowerOf2 = (pageBytes & (pageBytes - 1)) === 0;
    if (pageBytes < minPageBytes || !isPowerOf2 || usable < minUsable) return 'its header is damaged';
    return new SqliteFile(bytes, pageBytes, usable);
  }

  /**
   * Passes on the rows of a table, by the number of its top page (1: the table that lists all others). Gives the first result,
   * or a text that says why the table cannot be read; undefined where there is neither.
   */
  *readRows<Result>(top: number, options: RowOptions<Result>, depth = 1): Steps<Result | string | undefined> {
    yield;
    const found = this.#treePage(top);
    if (typeof found === 'string') return found;
    const { start, end, isInterior, cells, pointers } = found;
    if (isInterior && depth === maxDepth) return `its page ${top} is too deep in a tree`;
    for (let at = 0; at < cells; at++) {
      const cell = start + this.#view.getUint16(pointers + 2 * at);
      if (cell < pointers || cell + 4 > end) return damaged(top);
      const result = isInterior
        ? yield* this.readRows(this.#view.getUint32(cell), options, depth + 1)
        : yield* this.#readRow({ page: top, cell, end }, options);
      if (result !== undefined) return result;
    }
    return isInterior ? yield* this.readRows(this.#view.getUint32(pointers - 4), options, depth + 1) : undefined;
  }

  #treePage(page: number): TreePage | string {
    const problem = this.#visit(page);
    if (problem !== undefined) return problem;
    const start = (page - 1) * this.#pageBytes;
    const end = start + this.#usable;
    const head = page === 1 ? start + headerBytes : start;
    const type = this.#view.getUint8(head);
    const cells = this.#view.getUint16(head + 3);
    const isInterior = type === pageTypes.interior;
    const pointers = head + (isInterior ? 12 : 8);
    if ((!isInterior && type !== pageTypes.leaf) || pointers + 2 * cells > end) return damaged(page);
    return { start, end, isInterior, cells, pointers };
  }

  /** Says why a page cannot be read. */
  #visit(page: number): string | undefined {
    if (page < 1 || page >= this.#seen.length) return `it has no page ${page}`;
    if (this.#seen[page] === 1) return `its page ${page} is in two places`;
    this.#seen[page] = 1;
    return undefined;
  }

  *#readRow<Result>(
    { page, cell, end }: { readonly page: number; readonly cell: number; readonly end: number },
    { maxBytes, take }: RowOptions<Result>,
  ): Steps<Result | string | undefined> {
    yield;
    const size = readVarint(this.#bytes, cell, end);
    if (size === undefined) return damaged(page);
    this.#claimed += size.value;
    if (this.#claimed > this.#bytes.length) return 'its cells claim more bytes than it has';
    const rowId = readVarint(this.#bytes, size.next, end);
    const local = localBytes(size.value, this.#usable);
    if (rowId === undefined || rowId.next + local + (local < size.value ? 4 : 0) > end) return damaged(page);
    if (size.value > maxBytes) return take(undefined);
    const first = this.#bytes.subarray(rowId.next, rowId.next + local);
    const row = local === size.value ? first : yield* this.#readOverflow(first, rowId.next + local, size.value);
    return typeof row === 'string' ? row : take(row);
  }

  /** A row that goes on in other pages, the number of the first of which is at `next`. */
  *#readOverflow(first: Uint8Array, next: number, size: number): Steps<Uint8Array | string> {
    const row = new Uint8Array(size);
    row.set(first);
    for (let filled = first.length, at = next; filled < size;) {
      yield;
      const page = this.#view.getUint32(at);
      const problem = this.#visit(page);
      if (problem !== undefined) return problem;
      at = (page - 1) * this.#pageBytes;
      const part = this.#bytes.subarray(at + 4, at + Math.min(this.#usable, 4 + size - filled));
      row.set(part, filled);
      filled += part.length;
    }
    return row;
  }
}

function damaged(page: number): string {
  return `its page ${page} is damaged`;
}

/** Bytes of a row that stand in its page; the rest is on other pages. */
function localBytes(size: number, usable: number): number {
  const most = usable - 35;
  if (size <= most) return size;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const wanted = least + ((size - least) % (usable - 4));
  return wanted <= most ? wanted : least;
}
