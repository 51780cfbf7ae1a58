import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import type { Fields } from './fields.ts';

/** Where a file of a ZIP archive is. */
export interface ZipEntry {
  readonly method: number;
  /** Bytes as stored. */
  readonly stored: number;
  /** Where its local header is in the file. */
  readonly offset: number;
}

/** A file or folder of a ZIP archive, as the central directory says (APPNOTE 4.3.12): only its name is checked. */
export interface ZipMember extends ZipEntry {
  /** Relative, with `/`, without one at the end. */
  readonly name: string;
  readonly isDirectory: boolean;
  /** Bytes as unpacked. */
  readonly size: number;
  readonly crc: number;
  /** Permission bits; undefined where the archive was made without. */
  readonly mode: number | undefined;
}

const all32 = 0xffffffff;
const unix = 3;
const zip64Extra = 1;
const encrypted = 1;

/** Where the entries of a central directory are. */
export function* entryPlaces(fields: Fields): Generator<number, void, undefined> {
  for (let at = 0; at + 46 <= fields.length && fields.u32(at) === 0x02014b50;) {
    yield at;
    at += 46 + fields.u16(at + 28) + fields.u16(at + 30) + fields.u16(at + 32);
  }
}

/** The entry at a place of a central directory, with `before` bytes before the archive. @throws OciError corrupt-archive */
export function entryAt(fields: Fields, at: number, before: number): ZipEntry & { readonly size: number } {
  const method = fields.u16(at + 10);
  const [stored, size, offset] = [fields.u32(at + 20), fields.u32(at + 24), fields.u32(at + 42)];
  if (stored !== all32 && size !== all32 && offset !== all32) return { method, stored, size, offset: before + offset };
  const wide = zip64Fields(fields.part(at + 46 + fields.u16(at + 28), fields.u16(at + 30)));
  let next = 0;
  // The extra field holds only what did not fit, in this order (APPNOTE 4.5.3).
  const [wideSize, wideStored, wideOffset] = [size, stored, offset].map((value) =>
    value === all32 ? (wide?.u64(8 * next++) ?? value) : value,
  );
  return { method, stored: wideStored ?? stored, size: wideSize ?? size, offset: before + (wideOffset ?? offset) };
}

/** The same with its name. @throws OciError corrupt-archive; unsupported-media-type for encrypted ones */
export function memberAt(fields: Fields, at: number, before: number): ZipMember {
  const bytes = fields.part(at + 46, fields.u16(at + 28)).bytes;
  const full = memberName(bytes);
  const isDirectory = full.endsWith('/');
  const name = isDirectory ? full.slice(0, -1) : full;
  if (!isSafe(name)) {
    const text = `the archive has an entry ${escapeText(full)}, which is no path inside of it`;
    throw new OciError('corrupt-archive', `${text}. Do not trust the archive.`);
  }
  if ((fields.u16(at + 8) & encrypted) !== 0) {
    throw new OciError('unsupported-media-type', `${escapeText(name)} of the archive is encrypted.`);
  }
  const mode = fields.u16(at + 40) & 0o777;
  const hasMode = fields.u8(at + 5) === unix && mode !== 0;
  return {
    ...entryAt(fields, at, before),
    name,
    isDirectory,
    crc: fields.u32(at + 16),
    mode: hasMode ? mode : undefined,
  };
}

/** Java takes every name for UTF-8, whatever the flag says. */
function memberName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new OciError('corrupt-archive', 'the name of an entry of the archive is not UTF-8.', { cause });
  }
}

function isSafe(name: string): boolean {
  if (/[\\\0]/.test(name) || /^[A-Za-z]:/.test(name)) return false;
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function zip64Fields(extra: Fields): Fields | undefined {
  for (let at = 0; at + 4 <= extra.length;) {
    const size = extra.u16(at + 2);
    if (extra.u16(at) === zip64Extra) return extra.part(at + 4, size);
    at += 4 + size;
  }
  return undefined;
}
