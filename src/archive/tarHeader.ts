import { OciError } from '../errors.ts';
import { isAscii } from './tarNames.ts';

/** A block of a tar, in bytes. */
export const block = 512;

/** What a header block says, before extended headers change it. Texts are bytes as latin-1. */
export interface RawHeader {
  readonly format: 'v7' | 'ustar' | 'star' | 'gnu';
  readonly name: string;
  readonly linkname: string;
  readonly typeflag: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly devmajor: number;
  readonly devminor: number;
}

/** Entry types that have no content, whatever size their header states. */
export function isHeaderOnly(typeflag: string): boolean {
  return typeflag >= '1' && typeflag <= '6';
}

/** True for a block of zeros. */
export function isZeroBlock(bytes: Buffer): boolean {
  for (let at = 0; at < block; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** Reads a header block by the rules of Go's archive/tar. @throws OciError corrupt-archive where it is none */
export function parseHeader(bytes: Buffer): RawHeader {
  if (!isChecked(bytes)) throw malformed('its checksum is wrong');
  const format = formatOf(bytes);
  const name = text(bytes, 0, 100);
  const prefix = prefixOf(bytes, format);
  const extended = format !== 'v7';
  return {
    format,
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkname: text(bytes, 157, 257),
    typeflag: String.fromCharCode(bytes[156] ?? 0),
    mode: numeric(bytes, 100, 108),
    uid: numeric(bytes, 108, 116),
    gid: numeric(bytes, 116, 124),
    size: numeric(bytes, 124, 136),
    mtime: numeric(bytes, 136, 148),
    devmajor: extended ? numeric(bytes, 329, 337) : 0,
    devminor: extended ? numeric(bytes, 337, 345) : 0,
  };
}

/** The sum of all bytes, the checksum's own as blanks; some old writers counted bytes as signed. */
function isChecked(bytes: Buffer): boolean {
  const stated = octal(bytes, 148, 156);
  const sum = sumOf(bytes, 0, 148) + sumOf(bytes, 156, block) + 8 * 0x20;
  if (stated === sum) return true;
  const negative = bytes.reduce((count, byte, at) => count + (byte > 0x7f && (at < 148 || at >= 156) ? 1 : 0), 0);
  return stated === sum - negative * 256;
}

function sumOf(bytes: Buffer, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += bytes[at] ?? 0;
  return sum;
}

function formatOf(bytes: Buffer): RawHeader['format'] {
  const magic = bytes.toString('latin1', 257, 265);
  if (magic === 'ustar  \0') return 'gnu';
  if (!magic.startsWith('ustar\0')) return 'v7';
  return bytes.toString('latin1', 508, 512) === 'tar\0' ? 'star' : 'ustar';
}

/** The folder that stands behind the name. @throws OciError corrupt-archive where there are times instead that are none */
function prefixOf(bytes: Buffer, format: RawHeader['format']): string {
  switch (format) {
    case 'v7':
      return '';
    case 'ustar':
      return text(bytes, 345, 500);
    case 'star':
      numeric(bytes, 476, 488);
      numeric(bytes, 488, 500);
      return text(bytes, 345, 476);
    case 'gnu':
      return mistakenPrefix(bytes);
  }
}

/** GNU headers have times there; Go before 1.8 wrote a prefix over them. */
function mistakenPrefix(bytes: Buffer): string {
  const isTime = (at: number): boolean => bytes[at] === 0 || parseNumber(bytes, at, at + 12) !== undefined;
  if (isTime(345) && isTime(357)) return '';
  const prefix = text(bytes, 345, 500);
  return isAscii(prefix) ? prefix : '';
}

/** Text up to the first NUL. */
function text(bytes: Buffer, from: number, to: number): string {
  const end = bytes.indexOf(0, from);
  return bytes.toString('latin1', from, end < 0 || end > to ? to : end);
}

/** A number in octal digits or, with the first bit set, in base 256. @throws OciError corrupt-archive */
export function numeric(bytes: Buffer, from: number, to: number): number {
  const value = parseNumber(bytes, from, to);
  if (value === undefined) throw malformed('a number in it is none');
  return value;
}

function parseNumber(bytes: Buffer, from: number, to: number): number | undefined {
  return ((bytes[from] ?? 0) & 0x80) === 0 ? octal(bytes, from, to) : base256(bytes, from, to);
}

/** Digits between blanks and NULs; nothing at all is 0; undefined where there is something else. */
function octal(bytes: Buffer, from: number, to: number): number | undefined {
  let [start, end] = [from, to];
  while (start < end && isFiller(bytes[start])) start++;
  while (end > start && isFiller(bytes[end - 1])) end--;
  let value = 0;
  for (let at = start; at < end && bytes[at] !== 0; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}

function isFiller(byte: number | undefined): boolean {
  return byte === 0 || byte === 0x20;
}

/** Two's complement, big-endian, of 63 bits at most. */
function base256(bytes: Buffer, from: number, to: number): number | undefined {
  const isNegative = ((bytes[from] ?? 0) & 0x40) !== 0;
  let value = 0n;
  for (let at = from; at < to; at++) {
    const byte = (bytes[at] ?? 0) ^ (isNegative ? 0xff : 0);
    value = (value << 8n) | BigInt(at === from ? byte & 0x7f : byte);
  }
  if (value >= 1n << 63n) return undefined;
  return Number(isNegative ? -1n - value : value);
}

/** @param reason ends a sentence that begins with where the header is */
export function malformed(reason: string): OciError {
  return new OciError('corrupt-archive', reason);
}
