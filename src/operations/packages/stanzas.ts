import { maxFieldBytes } from './packageRecord.ts';

/** The wanted fields of one stanza; `undefined` stands for one whose value is too long. */
export type Stanza = ReadonlyMap<string, string | undefined>;

/** Lines between two chances for others to run. */
const batch = 2000;
const newline = 0x0a;
const colon = 0x3a;

/**
 * The stanzas of a text of `name: value` lines with empty lines between them, as dpkg and apk write them; of each only the
 * wanted fields. Lines that go on with a value are passed over. Yields undefined every 2,000 lines.
 */
export function* stanzas(
  bytes: Uint8Array,
  wanted: ReadonlySet<string>,
): Generator<Stanza | undefined, void, undefined> {
  let fields = new Map<string, string | undefined>();
  let hasLines = false;
  let lines = 0;
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    const isBlank = end - start < 2 && [undefined, newline, 0x0d].includes(bytes[start]);
    if (!isBlank) readField(bytes, { start, end }, wanted, fields);
    else if (hasLines) {
      yield fields;
      fields = new Map();
    }
    hasLines = !isBlank;
    if (++lines % batch === 0) yield undefined;
    start = end + 1;
  }
  if (hasLines) yield fields;
}

function readField(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  wanted: ReadonlySet<string>,
  fields: Map<string, string | undefined>,
): void {
  const limit = Math.min(end, start + maxNameBytes);
  let at = start;
  while (at < limit && bytes[at] !== colon) at++;
  if (at === limit) return;
  const name = latin1(bytes, start, at);
  if (!wanted.has(name) || fields.has(name)) return;
  fields.set(name, end - at > maxFieldBytes ? undefined : utf8(bytes, at + 1, end).trim());
}

/** Longest name of a field that anybody wants. */
const maxNameBytes = 32;

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function utf8(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder().decode(bytes.subarray(start, end));
}
