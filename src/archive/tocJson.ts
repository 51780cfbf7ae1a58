import type { ByteStream } from '../content/store.ts';
import { isObject, type JsonObject } from '../oci/json.ts';
import { unfitToc } from './tocPlace.ts';

/** Most bytes of one entry; and of all that is no entry, most of it commas and white space. */
const maxEntryBytes = 1 << 20;
const maxOutline = 16 << 20;

/** How deep the objects lie that stand in an array of the outermost object. */
const entryDepth = 3;
const [quote, backslash, openBrace, closeBrace] = [0x22, 0x5c, 0x7b, 0x7d];
const [openBracket, closeBracket] = [0x5b, 0x5d];

/** What the bytes so far say of the next one. */
interface Cursor {
  depth: number;
  inString: boolean;
  escaped: boolean;
}

/**
 * The entries of a table of contents, `{"version": 1, "entries": [{…}, …]}`, as its bytes come: the whole may have hundreds of
 * megabytes, and JSON.parse would hold everything up for seconds.
 * @throws OciError corrupt-archive, at the latest at the end
 */
export async function* tocEntries(json: ByteStream): AsyncGenerator<readonly JsonObject[], void, undefined> {
  const splitter = new EntrySplitter();
  for await (const chunk of json) yield splitter.push(chunk);
  splitter.end();
}

/** Cuts out the objects in the arrays of the outermost object, and checks at the end that these were its entries. */
class EntrySplitter {
  readonly #cursor: Cursor = { depth: 0, inString: false, escaped: false };
  /** The entry that has begun. */
  #parts: Uint8Array[] = [];
  #bytes = 0;
  /** The JSON with 0 in the place of each entry. */
  #outline = '';
  #count = 0;

  push(chunk: Uint8Array): readonly JsonObject[] {
    const found: JsonObject[] = [];
    for (let at = 0; at < chunk.length;) {
      const wasInEntry = isInEntry(this.#cursor);
      const end = advance(chunk, at, this.#cursor);
      const part = chunk.subarray(at, end);
      at = end;
      if (!wasInEntry) this.#sketch(part);
      else {
        this.#keep(part);
        if (!isInEntry(this.#cursor)) found.push(this.#entry());
      }
    }
    return found;
  }

  end(): void {
    const toc = parse(this.#outline, 'it');
    const entries = toc['entries'];
    if (toc['version'] !== 1) throw unfitToc('it is of a version that is not known');
    if (!Array.isArray(entries) || entries.length !== this.#count || !entries.every((entry) => entry === 0)) {
      throw unfitToc('it is no list of entries');
    }
  }

  /** Takes what stands before an entry, with its first byte where that came. */
  #sketch(part: Uint8Array): void {
    const first = isInEntry(this.#cursor) ? part.subarray(-1) : new Uint8Array();
    if (first.length > 0 && first[0] !== openBrace) throw unfitToc('there is a list in its list of entries');
    this.#outline += Buffer.from(part.subarray(0, part.length - first.length)).toString('latin1');
    if (this.#outline.length > maxOutline) throw unfitToc('there is more in it than entries');
    this.#keep(first);
  }

  #keep(part: Uint8Array): void {
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes > maxEntryBytes) throw unfitToc(`an entry has more than ${maxEntryBytes} bytes`);
  }

  #entry(): JsonObject {
    const bytes = Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    this.#outline += '0';
    this.#count++;
    return parse(bytes.toString('utf8'), `entry ${this.#count}`);
  }
}

function isInEntry({ depth }: Cursor): boolean {
  return depth >= entryDepth;
}

/** Goes on until an entry begins or ends, or the chunk does. The cursor is copied, because most time goes here. */
function advance(chunk: Uint8Array, from: number, cursor: Cursor): number {
  let { depth, inString, escaped } = cursor;
  const inEntry = depth >= entryDepth;
  let at = from;
  for (; at < chunk.length && depth >= entryDepth === inEntry; at++) {
    const byte = chunk[at];
    if (inString) {
      if (escaped) escaped = false;
      else if (byte === backslash) escaped = true;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  Object.assign(cursor, { depth, inString, escaped });
  return at;
}

function parse(text: string, what: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw unfitToc(`${what} is not valid JSON`, cause);
  }
  throw unfitToc(`${what} is not an object`);
}
