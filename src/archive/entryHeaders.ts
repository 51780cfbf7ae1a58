import type { Fragment } from './layerIndex.ts';
import { parsePax, type PaxRecords } from './paxRecords.ts';
import { checkCount, checkedFragments, oldGnuPieces, paxSparse, SparseMap } from './sparse.ts';
import { type TarEntry, tarEntry } from './tarEntry.ts';
import { block, isHeaderOnly, malformed, numeric, parseHeader, type RawHeader } from './tarHeader.ts';
import { textOfLatin } from './tarNames.ts';

/** A header that speaks of the entry after it: PAX records, GNU's long names. Its content follows. */
export interface Extension {
  /** `x` or `g` with PAX records, `L` with a name, `K` with the target of a link. */
  readonly typeflag: string;
  /** Bytes. */
  readonly size: number;
}

/** What a block of headers begins; undefined: the block after it belongs to the same header. */
export type Found = { readonly entry: TarEntry } | { readonly extension: Extension } | undefined;

/** The map of a sparse file that is not whole yet. */
type Unfinished =
  | { readonly kind: 'pieces'; readonly entry: TarEntry; readonly pieces: Fragment[] }
  | { readonly kind: 'map'; entry: TarEntry; readonly map: SparseMap };

/** Puts together the headers of each entry of a tar, by the rules of Go's archive/tar. */
export class EntryHeaders {
  #pax: PaxRecords | undefined;
  #name: string | undefined;
  #linkname: string | undefined;
  #unfinished: Unfinished | undefined;

  /** True where the next block is more of a header. */
  get isUnfinished(): boolean {
    return this.#unfinished !== undefined;
  }

  /** Takes a block that stands at `position` of the tar. @throws OciError corrupt-archive */
  block(bytes: Buffer, position: number): Found {
    const unfinished = this.#unfinished;
    if (unfinished?.kind === 'pieces') return this.#morePieces(unfinished, bytes, position);
    if (unfinished?.kind === 'map') return this.#moreMap(unfinished, bytes);
    const raw = parseHeader(bytes);
    const { typeflag, size } = raw;
    if (size < 0 && !isHeaderOnly(typeflag)) throw malformed('its size is negative');
    if ('xgLK'.includes(typeflag)) return { extension: { typeflag, size } };
    return this.#entry(raw, bytes, position + block);
  }

  /** Takes the content of an extension. @throws OciError corrupt-archive */
  extend({ typeflag }: Extension, content: Buffer): void {
    if (typeflag === 'x') this.#pax = parsePax(content);
    else if (typeflag === 'L') this.#name = upToNul(content);
    else if (typeflag === 'K') this.#linkname = upToNul(content);
    else {
      // An entry of its own in Go: it changes no other, and what came before it was said of it.
      parsePax(content);
      this.#forget();
    }
  }

  #entry(raw: RawHeader, bytes: Buffer, offset: number): Found {
    const pax = this.#pax;
    const entry = tarEntry(raw, { pax, name: this.#name, linkname: this.#linkname }, offset);
    this.#forget();
    if (entry.typeflag === 'S') return this.#oldSparse(entry, raw, bytes);
    const sparse = pax === undefined ? undefined : paxSparse(pax);
    if (sparse === undefined) return { entry };
    if (isHeaderOnly(entry.typeflag)) throw malformed('it is sparse, but no file');
    const { size = entry.size, fragments } = sparse;
    const named = { ...entry, name: sparse.name === undefined ? entry.name : textOfLatin(sparse.name), size };
    if (fragments !== undefined) return { entry: { ...named, fragments: checkedFragments(fragments, named) } };
    return this.#wantMap({ kind: 'map', entry: named, map: new SparseMap() });
  }

  #oldSparse(entry: TarEntry, raw: RawHeader, bytes: Buffer): Found {
    if (raw.format !== 'gnu') throw malformed('it is sparse, but not in the GNU format');
    const sparse = { ...entry, size: numeric(bytes, 483, 495) };
    const pieces = [...oldGnuPieces(bytes, 386, 4)];
    if (bytes[482] === 0) return { entry: { ...sparse, fragments: checkedFragments(pieces, sparse) } };
    this.#unfinished = { kind: 'pieces', entry: sparse, pieces };
    return undefined;
  }

  #morePieces({ entry, pieces }: Unfinished & { kind: 'pieces' }, bytes: Buffer, position: number): Found {
    pieces.push(...oldGnuPieces(bytes, 0, 21));
    checkCount(pieces.length);
    if (bytes[504] !== 0) return undefined;
    this.#unfinished = undefined;
    return { entry: { ...entry, fragments: checkedFragments(pieces, entry), offset: position + block } };
  }

  #moreMap(unfinished: Unfinished & { kind: 'map' }, bytes: Buffer): Found {
    const { entry, map } = unfinished;
    const fragments = map.push(bytes);
    unfinished.entry = { ...entry, offset: entry.offset + block, stored: entry.stored - block };
    if (fragments === undefined) return this.#wantMap(unfinished);
    this.#unfinished = undefined;
    return { entry: { ...unfinished.entry, fragments: checkedFragments(fragments, unfinished.entry) } };
  }

  #wantMap(unfinished: Unfinished): Found {
    if (unfinished.entry.stored < block) throw malformed('its sparse map is cut short');
    this.#unfinished = unfinished;
    return undefined;
  }

  #forget(): void {
    this.#pax = undefined;
    this.#name = undefined;
    this.#linkname = undefined;
  }
}

function upToNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}
