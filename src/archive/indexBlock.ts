import type { Digest } from '../oci/digest.ts';
import { isObject } from '../oci/json.ts';
import type { ColumnReader, ColumnWriter } from './columns.ts';
import type { ContentChunk, EntryType, LayerEntry } from './layerIndex.ts';
import { textColumn, textsOf } from './textColumn.ts';

const types: readonly EntryType[] = ['file', 'directory', 'symlink', 'hardlink', 'char', 'block', 'fifo', 'other'];

/** Members that few entries have, or many the same: kept as JSON. */
type Rare = Pick<LayerEntry, 'fragments' | 'unsafe' | 'device' | 'xattrs' | 'typeflag'>;

/** What says how long the columns are that follow. */
interface BlockHead {
  readonly entries: number;
  readonly chunks: number;
  /** Different sets of rare members. */
  readonly rare: readonly Rare[];
  /** Units of each column of texts, and their encoding. */
  readonly texts: readonly (readonly [number, 'latin1' | 'utf16le'])[];
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Writes some entries as columns: a head as JSON, the numbers of entries, those of chunks, then the texts. */
export function writeBlock(entries: readonly LayerEntry[], file: ColumnWriter): void {
  const chunks = entries.flatMap((entry) => entry.chunks ?? []);
  const rare = new RareTable();
  const numbers = new EntryNumbers(entries.length);
  for (const [at, entry] of entries.entries()) numbers.set(at, entry, rare.add(entry));
  const texts = [
    textColumn(entries.map(({ path }) => path)),
    textColumn(entries.map(({ linkname }) => linkname)),
    textColumn(entries.map(({ digest }) => digest)),
    textColumn(chunks.map(({ digest }) => digest)),
  ];
  const sizes = texts.map(({ text, encoding }) => [text.length, encoding] as const);
  const head: BlockHead = { entries: entries.length, chunks: chunks.length, rare: rare.sets, texts: sizes };
  file.addJson(head);
  for (const column of numbers.columns) file.add(column);
  file.add(chunkNumbers(chunks));
  for (const { lengths, text, encoding } of texts) {
    file.add(lengths);
    file.addText(text, encoding);
  }
}

/** Reads what `writeBlock` wrote. @throws RangeError, SyntaxError for what it did not */
export function readBlock(file: ColumnReader): readonly LayerEntry[] {
  const head = file.json();
  if (!isHead(head)) throw new RangeError('this is no block');
  const numbers = new EntryNumbers(head.entries, file);
  const chunks = file.numbers(head.chunks * chunkColumns);
  const column = (at: number, count: number): readonly (string | undefined)[] => {
    const [units, encoding] = head.texts[at] ?? [0, 'latin1'];
    const lengths = file.words(count);
    return textsOf({ lengths, text: file.bytes(encoding === 'latin1' ? units : 2 * units).toString(encoding) });
  };
  const [paths, links, digests] = [column(0, head.entries), column(1, head.entries), column(2, head.entries)];
  const chunkReader = new ChunkReader(chunks, column(3, head.chunks));
  return paths.map((path, at) => {
    const digest = digests[at];
    const entry = isPresent(digest) ? numbers.withDigest(at, path ?? '', digest) : numbers.get(at, path ?? '');
    const linkname = links[at];
    if (linkname !== undefined) entry.linkname = linkname;
    const count = numbers.chunks[at] ?? 0;
    if (count > 0) entry.chunks = chunkReader.next(count - 1);
    const rare = numbers.rare[at] ?? 0;
    return rare === 0 ? entry : Object.assign(entry, head.rare[rare - 1]);
  });
}

/** What has the digest that was written with it is as it was written: only what tells versions apart is looked at. */
function isHead(head: unknown): head is BlockHead {
  return isObject(head) && Array.isArray(head['rare']) && Array.isArray(head['texts']);
}

/** The writer had digests. */
function isPresent(digest: string | undefined): digest is Digest {
  return digest !== undefined;
}

/** The numbers of entries, a column each. */
class EntryNumbers {
  readonly #sizes: Float64Array;
  readonly #uids: Float64Array;
  readonly #gids: Float64Array;
  readonly #mtimes: Float64Array;
  readonly #offsets: Float64Array;
  readonly #modes: Uint16Array;
  readonly #types: Uint8Array;
  /** The number of chunks and one more; 0: the entry has none. */
  readonly chunks: Uint32Array;
  /** The number of the set of rare members, from 1; 0: the entry has none. */
  readonly rare: Uint32Array;

  constructor(count: number, file?: ColumnReader) {
    const numbers = (): Float64Array => file?.numbers(count) ?? new Float64Array(count);
    const words = (): Uint32Array => file?.words(count) ?? new Uint32Array(count);
    [this.#sizes, this.#uids, this.#gids] = [numbers(), numbers(), numbers()];
    [this.#mtimes, this.#offsets] = [numbers(), numbers()];
    [this.chunks, this.rare] = [words(), words()];
    this.#modes = file?.shorts(count) ?? new Uint16Array(count);
    this.#types = file?.bytes(count) ?? new Uint8Array(count);
  }

  /** In the order in which the constructor reads them. */
  get columns(): readonly (Float64Array | Uint32Array | Uint16Array | Uint8Array)[] {
    const numbers = [this.#sizes, this.#uids, this.#gids, this.#mtimes, this.#offsets];
    return [...numbers, this.chunks, this.rare, this.#modes, this.#types];
  }

  set(at: number, entry: LayerEntry, rare: number): void {
    this.#sizes[at] = entry.size;
    this.#uids[at] = entry.uid;
    this.#gids[at] = entry.gid;
    this.#mtimes[at] = entry.mtime;
    this.#offsets[at] = entry.offset;
    this.#modes[at] = entry.mode;
    this.#types[at] = types.indexOf(entry.type);
    this.chunks[at] = entry.chunks === undefined ? 0 : entry.chunks.length + 1;
    this.rare[at] = rare;
  }

  /** The like for most entries, made in one piece: a digest that is added to an object takes a fifth more time and memory. */
  withDigest(at: number, path: string, digest: Digest): Writable<LayerEntry> {
    return {
      path,
      type: types[this.#types[at] ?? types.length] ?? 'other',
      size: this.#sizes[at] ?? 0,
      mode: this.#modes[at] ?? 0,
      uid: this.#uids[at] ?? 0,
      gid: this.#gids[at] ?? 0,
      mtime: this.#mtimes[at] ?? 0,
      digest,
      offset: this.#offsets[at] ?? 0,
    };
  }

  get(at: number, path: string): Writable<LayerEntry> {
    return {
      path,
      type: types[this.#types[at] ?? types.length] ?? 'other',
      size: this.#sizes[at] ?? 0,
      mode: this.#modes[at] ?? 0,
      uid: this.#uids[at] ?? 0,
      gid: this.#gids[at] ?? 0,
      mtime: this.#mtimes[at] ?? 0,
      offset: this.#offsets[at] ?? 0,
    };
  }
}

/** The different sets of rare members. */
class RareTable {
  readonly sets: Rare[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of an entry's set, from 1; 0 where it has no rare members. */
  add({ fragments, unsafe, device, xattrs, typeflag }: LayerEntry): number {
    if ((fragments ?? unsafe ?? device ?? xattrs ?? typeflag) === undefined) return 0;
    const members = { fragments, unsafe, device, xattrs, typeflag };
    const key = JSON.stringify(members);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const present = Object.entries(members).filter(([, member]) => member !== undefined);
    const number = this.sets.push(Object.fromEntries(present));
    this.#numbers.set(key, number);
    return number;
  }
}

/** Numbers of a chunk: start, end, skip, offset, size. */
const chunkColumns = 5;

function chunkNumbers(chunks: readonly ContentChunk[]): Float64Array {
  const numbers = new Float64Array(chunks.length * chunkColumns);
  for (const [at, { start, end, skip, offset, size }] of chunks.entries()) {
    numbers.set([start, end, skip, offset, size], at * chunkColumns);
  }
  return numbers;
}

class ChunkReader {
  readonly #numbers: Float64Array;
  readonly #digests: readonly (string | undefined)[];
  #at = 0;

  constructor(numbers: Float64Array, digests: readonly (string | undefined)[]) {
    this.#numbers = numbers;
    this.#digests = digests;
  }

  next(count: number): readonly ContentChunk[] {
    return Array.from({ length: count }, () => {
      const from = this.#at * chunkColumns;
      const [start = 0, end = 0, skip = 0, offset = 0, size = 0] = this.#numbers.subarray(from, from + chunkColumns);
      const digest = this.#digests[this.#at++];
      const chunk = { start, end, skip, offset, size };
      return isPresent(digest) ? { ...chunk, digest } : chunk;
    });
  }
}
