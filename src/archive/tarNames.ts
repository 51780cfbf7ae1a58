import { entryLimits } from './layerIndex.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ascii = /^[\0-\x7f]*$/;
const escaped = /[\udc80-\udcff]/;

/** Bytes of a tar as text: UTF-8; a byte that is not part of it is a lone surrogate (byte + 0xDC00), so none is lost. */
export function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (isAscii(text)) return text;
  try {
    return strict.decode(bytes);
  } catch {
    return withEscapes(bytes);
  }
}

/** The same for bytes that stand in a text as latin-1. */
export function textOfLatin(bytes: string): string {
  return isAscii(bytes) ? bytes : textOf(Buffer.from(bytes, 'latin1'));
}

export function isAscii(text: string): boolean {
  return ascii.test(text);
}

/** The bytes that `textOf` made a text of. */
export function bytesOfText(text: string): Buffer {
  if (!escaped.test(text)) return Buffer.from(text, 'utf8');
  const pieces: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    pieces.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(pieces);
}

function withEscapes(bytes: Uint8Array): string {
  const units = Buffer.alloc(bytes.length * 2);
  let end = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    const code = length === 0 ? 0xdc00 + (bytes[at] ?? 0) : codePoint(bytes, at, length);
    if (code > 0xffff) end = units.writeUInt16LE(0xd800 + ((code - 0x10000) >> 10), end);
    end = units.writeUInt16LE(code > 0xffff ? 0xdc00 + (code & 0x3ff) : code, end);
    at += Math.max(1, length);
  }
  return units.toString('utf16le', 0, end);
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at] ?? 0;
  let code = length === 1 ? first : first & (0x7f >> length);
  for (let next = at + 1; next < at + length; next++) code = (code << 6) | ((bytes[next] ?? 0) & 0x3f);
  return code;
}

/** How many bytes the character at `at` has; 0 where there is none (RFC 3629, 4). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 || first > 0xf4 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const second = bytes[at + 1] ?? 0;
  // Longer forms than needed, surrogates, and what is above U+10FFFF.
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  for (let next = at + 1; next < at + length; next++) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Where an unpacker puts an entry. */
export interface CleanName {
  /** Without slashes at the ends, `.`, `..` or empty names; `''` is the root. */
  readonly path: string;
  /** True where a `..` of the name led above the root. */
  readonly leaves: boolean;
}

/** Cleans a name as Go's `path.Clean("/" + name)` does: what leads out of the root ends at the root. */
export function cleanName(name: string): CleanName {
  if (!unclean.test(name)) return { path: name, leaves: false };
  const names: string[] = [];
  let leaves = false;
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') names.push(part);
    else if (names.pop() === undefined) leaves = true;
  }
  return { path: names.join('/'), leaves };
}

/** An empty part, `.` or `..` somewhere. */
const unclean = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** True for a path that is too long or too deep to be kept. */
export function isOversize(path: string): boolean {
  return isLong(path) || (path.length > entryLimits.depth && path.split('/').length > entryLimits.depth);
}

/** True for a path or the target of a link that is too long to be kept. */
export function isLong(text: string): boolean {
  const { pathBytes } = entryLimits;
  // A unit of UTF-16 is one to three bytes.
  if (text.length > pathBytes || text.length * 3 <= pathBytes) return text.length > pathBytes;
  return bytesOfText(text).length > pathBytes;
}
