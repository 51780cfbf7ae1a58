/** A whole number of variable length, and where the next byte is. */
export interface Varint {
  readonly value: number;
  readonly next: number;
}

/** A value of a row: its serial type (sqlite.org/fileformat2.html, section 2.1), and its bytes. */
export interface RecordValue {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Reads a number of 1 to 9 bytes; large ones lose their last bits. Undefined where it does not end before `end`. */
export function readVarint(bytes: Uint8Array, start: number, end: number): Varint | undefined {
  let value = 0;
  for (let at = start; at < Math.min(end, start + 9); at++) {
    const byte = bytes[at] ?? 0;
    if (at === start + 8) return { value: value * 256 + byte, next: at + 1 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return undefined;
}

/** Bytes of the values of serial types 0 to 9. */
const fixedBytes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;
/** More columns than any table that is read has. */
const maxColumns = 8;

/** The first values of a row, in the order of the columns; undefined where it is damaged. */
export function readRecord(row: Uint8Array): readonly RecordValue[] | undefined {
  const header = readVarint(row, 0, row.length);
  if (header === undefined || header.value > row.length) return undefined;
  const values: RecordValue[] = [];
  let value = header.value;
  for (let at = header.next; at < header.value && values.length < maxColumns;) {
    const type = readVarint(row, at, header.value);
    if (type === undefined || type.value === 10 || type.value === 11) return undefined;
    const end = value + (fixedBytes[type.value] ?? Math.floor((type.value - 12) / 2));
    if (end > row.length) return undefined;
    values.push({ type: type.value, bytes: row.subarray(value, end) });
    value = end;
    at = type.next;
  }
  return values;
}

/** The bytes of a blob; undefined for any other value. */
export function blobOf(value: RecordValue | undefined): Uint8Array | undefined {
  return value !== undefined && value.type >= 12 && value.type % 2 === 0 ? value.bytes : undefined;
}

/** A text in UTF-8; undefined for any other value. */
export function textOf(value: RecordValue | undefined): string | undefined {
  return value !== undefined && value.type >= 13 && value.type % 2 === 1
    ? new TextDecoder().decode(value.bytes)
    : undefined;
}

/** A whole number from 0 to 2^32 - 1; undefined for any other value. */
export function naturalOf(value: RecordValue | undefined): number | undefined {
  if (value === undefined || value.type === 0 || value.type === 7 || value.type > 9) return undefined;
  if (value.type > 7) return value.type - 8;
  const { bytes } = value;
  const isNegative = (bytes[0] ?? 0) >= 0x80;
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return isNegative || number > 0xffff_ffff ? undefined : number;
}
