import { OciError } from '../errors.ts';

/** PAX records of one header that mean something here, name to value, as bytes in latin-1: the last of a name counts. */
export type PaxRecords = ReadonlyMap<string, string>;

/** What stands before the name of an extended attribute. */
export const xattrPrefix = 'SCHILY.xattr.';

/** The one record that the pairs of GNU's sparse format 0.0 become: `offset,size,offset,size,…`. */
export const sparseMapKey = 'GNU.sparse.map';

const texts: ReadonlySet<string> = new Set(['path', 'linkpath', 'uname', 'gname']);
const numbers: ReadonlySet<string> = new Set(['size', 'uid', 'gid', 'mtime', 'atime', 'ctime']);
const sparsePrefix = 'GNU.sparse.';
const offsetKey = 'GNU.sparse.offset';
const bytesKey = 'GNU.sparse.numbytes';
const [blank, equals, plus, lineEnd, zero] = [0x20, 0x3d, 0x2b, 0x0a, 0x30];

/**
 * Reads the records of a PAX header by the rules of Go's archive/tar: `LENGTH NAME=VALUE\n`, one after the other.
 * @throws OciError corrupt-archive
 */
export function parsePax(content: Uint8Array): PaxRecords {
  const records = new Map<string, string>();
  const sparse: string[] = [];
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  for (let at = 0; at < bytes.length;) {
    const { start, end } = recordAt(bytes, at);
    const middle = bytes.indexOf(equals, start);
    if (middle <= start || middle >= end) throw malformed();
    const name = bytes.toString('latin1', start, middle);
    if (isWanted(name)) {
      const value = bytes.toString('latin1', middle + 1, end);
      if (texts.has(name) && value.includes('\0')) throw malformed();
      if (name === offsetKey || name === bytesKey) addSparse(sparse, name, value);
      else records.set(name, value);
    }
    at = end + 1;
  }
  if (sparse.length > 0) records.set(sparseMapKey, sparse.join(','));
  return records;
}

/** A whole number of 64 bits in decimal digits; undefined where a text is none. */
export function integerOf(text: string): number | undefined {
  if (!/^[+-]?0*\d{1,19}$/.test(text)) return undefined;
  const isShort = text.length < 19;
  const value = isShort ? 0n : BigInt(text.replace('+', ''));
  if (value !== BigInt.asIntN(64, value)) return undefined;
  // 0 added to -0 is 0.
  return Number(text) + 0;
}

/** Where the record that begins at `at` has its name, and its line end. The length counts its own digits and the blank. */
function recordAt(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const digits = bytes[at] === plus ? at + 1 : at;
  let length = 0;
  let next = digits;
  for (; bytes[next] !== blank; next++) {
    const digit = (bytes[next] ?? 0) - zero;
    if (digit < 0 || digit > 9) throw malformed();
    length = length * 10 + digit;
    if (length > bytes.length) throw malformed();
  }
  const end = at + length - 1;
  if (next === digits || end <= next || length < 5 || bytes[end] !== lineEnd) throw malformed();
  return { start: next + 1, end };
}

/** True for a name that changes something. @throws OciError corrupt-archive for one with a NUL */
function isWanted(name: string): boolean {
  if (texts.has(name) || numbers.has(name)) return true;
  if (name.includes('\0')) throw malformed();
  return name.startsWith(xattrPrefix) || name.startsWith(sparsePrefix);
}

function addSparse(sparse: string[], name: string, value: string): void {
  if ((sparse.length % 2 === 0) !== (name === offsetKey) || value.includes(',')) throw malformed();
  sparse.push(value);
}

function malformed(): OciError {
  return new OciError('corrupt-archive', 'a PAX record is malformed');
}
