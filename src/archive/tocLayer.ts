import type { Digest } from '../oci/digest.ts';
import type { JsonObject } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';
import { type ContentChunk, defaultLayerLimits, type LayerEntry } from './layerIndex.ts';
import { digestIn, entryOfToc, nameIn, numberIn, shown } from './tocEntry.ts';
import { unfitToc } from './tocPlace.ts';

/** Uncompressed bytes of a range that may come before a chunk: whoever reads the chunk has to unpack them. */
const maxSkip = 256 << 20;

type OpenChunk = { -readonly [K in keyof ContentChunk]: ContentChunk[K] };

interface OpenFile {
  readonly name: string;
  readonly entry: LayerEntry;
  readonly digest: Digest | undefined;
  readonly chunks: OpenChunk[];
  /** Where the ranges of its chunks end at the latest, in the blob. */
  readonly end: number;
  /** Bytes that have chunks so far. */
  filled: number;
}

interface OpenRange {
  readonly start: number;
  readonly chunks: OpenChunk[];
  /** Uncompressed bytes of it that have chunks so far, and what stands before them. */
  taken: number;
}

/** Makes the entries of a layer from those of its table of contents, and refuses what cannot be true. */
export class TocLayer {
  readonly #contentEnd: number;
  readonly #markers: ReadonlySet<string>;
  readonly #entries: LayerEntry[] = [];
  readonly #paths = new Set<string>();
  #count = 0;
  #bytes = 0;
  #file: OpenFile | undefined;
  /** The last range, which ends where the next one begins. */
  #range: OpenRange = { start: 0, chunks: [], taken: 0 };

  /**
   * @param contentEnd where the content of files ends in the blob, in bytes
   * @param markers paths that are left out
   */
  constructor(contentEnd: number, markers: ReadonlySet<string>) {
    this.#contentEnd = contentEnd;
    this.#markers = markers;
  }

  /** Adds the next entry. @throws OciError corrupt-archive where it does not fit those before */
  add(json: JsonObject): void {
    if (++this.#count > defaultLayerLimits.entries)
      throw unfitToc(`it has more than ${defaultLayerLimits.entries} entries`);
    if (json['type'] === 'chunk') {
      this.#addChunk(json);
      return;
    }
    this.#endFile();
    const entry = entryOfToc(json);
    if (entry.size === 0) this.#put(entry);
    else this.#startFile(json, entry);
  }

  /** All entries, once the last was added. @throws OciError corrupt-archive where a part of the last file is missing */
  end(): readonly LayerEntry[] {
    this.#endFile();
    this.#endRange(this.#contentEnd);
    return this.#entries;
  }

  #put(entry: LayerEntry): void {
    const { path } = entry;
    if (this.#paths.has(path)) throw unfitToc(`${escapeText(path)} stands twice in it`);
    this.#paths.add(path);
    if (!this.#markers.has(path)) this.#entries.push(entry);
  }

  #startFile(json: JsonObject, entry: LayerEntry): void {
    this.#bytes += entry.size;
    if (!Number.isSafeInteger(this.#bytes)) throw unfitToc('its files have too many bytes');
    const end = numberIn(json, 'endOffset');
    if (end > this.#contentEnd) throw unfitToc(`${shown(json)} is said to be outside the layer`);
    this.#file = {
      name: nameIn(json, 'name'),
      entry,
      digest: digestIn(json, 'digest'),
      chunks: [],
      end: end === 0 ? this.#contentEnd : end,
      filled: 0,
    };
    this.#addChunk(json);
  }

  #addChunk(json: JsonObject): void {
    const file = this.#file;
    if (file === undefined || nameIn(json, 'name') !== file.name)
      throw unfitToc(`a chunk of ${shown(json)} is out of place`);
    const offset = numberIn(json, 'chunkOffset');
    const size = numberIn(json, 'chunkSize') || file.entry.size - offset;
    if (offset !== file.filled || size <= 0 || offset + size > file.entry.size) {
      throw unfitToc(`the chunks of ${shown(json)} do not follow each other`);
    }
    const digest = digestIn(json, 'chunkDigest');
    const place = { start: numberIn(json, 'offset'), end: file.end, skip: numberIn(json, 'innerOffset') };
    const chunk = { ...place, offset, size, ...(digest === undefined ? {} : { digest }) };
    this.#take(chunk, json);
    file.filled += size;
    file.chunks.push(chunk);
  }

  /** Puts a chunk into its range: where that ends only the next one tells. */
  #take(chunk: OpenChunk, json: JsonObject): void {
    const { start, skip, size, end } = chunk;
    if (start > this.#range.start) {
      this.#endRange(start);
      this.#range = { start, chunks: [], taken: 0 };
    }
    const range = this.#range;
    // A tar begins with a header, so that no content does.
    const isInside = start === range.start && start < end && start + skip > 0;
    if (!isInside || skip < range.taken || skip > maxSkip) {
      throw unfitToc(`the content of ${shown(json)} is not where it could be`);
    }
    range.chunks.push(chunk);
    range.taken = skip + size;
  }

  #endRange(next: number): void {
    for (const chunk of this.#range.chunks) chunk.end = Math.min(chunk.end, next);
  }

  #endFile(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    const { entry, chunks, filled } = file;
    const name = escapeText(file.name);
    if (filled !== entry.size) throw unfitToc(`a part of ${name} is missing`);
    const sole = chunks.length === 1 ? chunks[0] : undefined;
    const digest = file.digest ?? sole?.digest;
    if (digest === undefined && chunks.some((chunk) => chunk.digest === undefined)) {
      throw unfitToc(`there is no digest of ${name}`);
    }
    if (sole !== undefined && digest !== undefined) {
      if ((sole.digest ?? digest) !== digest) throw unfitToc(`${name} has two digests`);
      sole.digest = digest;
    }
    this.#put({ ...entry, ...(digest === undefined ? {} : { digest }), chunks });
  }
}
