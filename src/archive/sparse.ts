import type { ByteStream } from '../content/store.ts';
import type { Fragment } from './layerIndex.ts';
import { malformed, numeric } from './tarHeader.ts';
import { integerOf, type PaxRecords, sparseMapKey } from './paxRecords.ts';

/** More pieces than this are refused: a map may state millions in a few bytes (CVE-2025-58183). */
const maxFragments = 65_536;
const pieceBytes = 256 << 10;

/** What PAX records say of a sparse file (GNU formats 0.0, 0.1 and 1.0). */
export interface PaxSparse {
  readonly name?: string;
  readonly size?: number;
  /** Undefined where the map stands before the content (1.0). */
  readonly fragments?: readonly Fragment[];
}

/** Reads the sparse records; undefined where the file is none. @throws OciError corrupt-archive */
export function paxSparse(records: PaxRecords): PaxSparse | undefined {
  const major = records.get('GNU.sparse.major') ?? '';
  const minor = records.get('GNU.sparse.minor') ?? '';
  const isMapBefore = major === '1' && minor === '0';
  const isMapHere = major === '0' && (minor === '0' || minor === '1');
  if (!isMapBefore && !isMapHere && (major !== '' || minor !== '')) return undefined;
  if (!isMapBefore && !isMapHere && (records.get(sparseMapKey) ?? '') === '') return undefined;
  const name = records.get('GNU.sparse.name') ?? '';
  const size = [records.get('GNU.sparse.size'), records.get('GNU.sparse.realsize')].find((text) => (text ?? '') !== '');
  return {
    ...(name === '' ? {} : { name }),
    ...(size === undefined ? {} : { size: whole(size) }),
    ...(isMapBefore ? {} : { fragments: listedMap(records) }),
  };
}

function listedMap(records: PaxRecords): readonly Fragment[] {
  const count = whole(records.get('GNU.sparse.numblocks') ?? '');
  const text = records.get(sparseMapKey) ?? '';
  const numbers = text === '' ? [] : text.split(',', 2 * maxFragments + 2);
  checkCount(count);
  if (numbers.length !== 2 * count) throw malformed('its sparse map is not as long as it says');
  return pairs(numbers.map(whole));
}

function pairs(numbers: readonly number[]): readonly Fragment[] {
  const fragments: Fragment[] = [];
  for (let at = 0; at + 1 < numbers.length; at += 2)
    fragments.push({ offset: numbers[at] ?? 0, size: numbers[at + 1] ?? 0 });
  return fragments;
}

function whole(text: string): number {
  const value = integerOf(text) ?? -1;
  if (value < 0 || !Number.isSafeInteger(value)) throw malformed('a number of its sparse map is none');
  return value;
}

/** Reads the map of format 1.0, which stands in the first blocks of the content: a count, then pairs, a line each. */
export class SparseMap {
  #numbers: number[] = [];
  #digits = '';

  /** Takes a block. @returns the map once it is whole. @throws OciError corrupt-archive */
  push(bytes: Uint8Array): readonly Fragment[] | undefined {
    for (const byte of bytes) {
      if (byte !== 0x0a) {
        this.#digits += String.fromCharCode(byte);
        if (this.#digits.length > 20) throw malformed('a number of its sparse map is none');
        continue;
      }
      this.#numbers.push(whole(this.#digits));
      this.#digits = '';
      const count = this.#numbers[0] ?? 0;
      checkCount(count);
      if (this.#numbers.length === 1 + 2 * count) return pairs(this.#numbers.slice(1));
    }
    return undefined;
  }
}

/** The pieces of an old GNU header (from 386, four) or of a block that goes on with them (from 0, twenty-one). */
export function oldGnuPieces(bytes: Buffer, from: number, count: number): readonly Fragment[] {
  const pieces: Fragment[] = [];
  for (let at = 0; at < count; at++) {
    const start = from + at * 24;
    if (bytes[start] === 0) break;
    pieces.push({ offset: numeric(bytes, start, start + 12), size: numeric(bytes, start + 12, start + 24) });
  }
  return pieces;
}

/** @throws OciError corrupt-archive for more pieces than can be true */
export function checkCount(pieces: number): void {
  if (pieces > maxFragments) throw malformed(`its sparse map has more than ${maxFragments} pieces`);
}

/**
 * The pieces, where they lie in order within `size` bytes, do not overlap and are the `stored` bytes.
 * @throws OciError corrupt-archive
 */
export function checkedFragments(
  fragments: readonly Fragment[],
  { size, stored }: { readonly size: number; readonly stored: number },
): readonly Fragment[] {
  if (size < 0 || !Number.isSafeInteger(size)) throw malformed('its sparse size is none');
  checkCount(fragments.length);
  let end = 0;
  for (const { offset, size: length } of fragments) {
    if (offset < end || length < 0 || offset + length > size)
      throw malformed('the pieces of its sparse map overlap or lie outside');
    end = offset + length;
  }
  const said = storedBytes(fragments);
  if (said !== stored) throw malformed(`its sparse map says ${said} bytes, ${stored} are stored`);
  return fragments;
}

/** Bytes that the pieces have together. */
export function storedBytes(fragments: readonly Fragment[]): number {
  return fragments.reduce((sum, { size }) => sum + size, 0);
}

/** A sparse file's content of `size` bytes: its stored pieces with zeros between them. */
export async function* expand(
  fragments: readonly Fragment[],
  size: number,
  packed: ByteStream,
): AsyncGenerator<Uint8Array, void, undefined> {
  const zeros = new Uint8Array(pieceBytes);
  const hole = function* (length: number): Generator<Uint8Array, void, undefined> {
    for (let left = length; left > 0; left -= pieceBytes) yield left < pieceBytes ? zeros.subarray(0, left) : zeros;
  };
  let at = 0;
  const stored = fragments.filter((fragment) => fragment.size > 0);
  let next = 0;
  let left = stored[0]?.size ?? 0;
  for await (const chunk of packed) {
    for (let from = 0; from < chunk.length && next < stored.length;) {
      const fragment = stored[next];
      if (fragment === undefined) break;
      if (left === fragment.size) {
        yield* hole(fragment.offset - at);
        at = fragment.offset;
      }
      const length = Math.min(left, chunk.length - from);
      yield chunk.subarray(from, from + length);
      [from, at, left] = [from + length, at + length, left - length];
      if (left === 0) left = stored[++next]?.size ?? 0;
    }
  }
  if (next < stored.length) throw malformed('a sparse file stores less than its map says');
  yield* hole(size - at);
}
