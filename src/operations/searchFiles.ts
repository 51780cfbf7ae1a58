import type { LayerEntry } from '../archive/layerIndex.ts';
import type { IndexOptions } from '../archive/layers.ts';
import type { Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { shownPath } from './fileNodes.ts';
import type { ImageFiles } from './imageFiles.ts';
import { inTurns } from './inTurns.ts';
import type { LineMatch } from './lineMatches.ts';
import { LineSearcher } from './lineSearcher.ts';
import { filesBelow, type PathChoice, type PathFile } from './pathFiles.ts';
import { readText } from './readText.ts';
import { patternOf, type TextQuery } from './textQuery.ts';

/** Bounds of one search. */
export interface SearchLimits {
  /** Lines that match. */
  readonly matches: number;
  /** Bytes of a file; larger ones are passed over. */
  readonly fileBytes: number;
  /** Time that a pattern may take in one file; a few files more than that end the search. */
  readonly milliseconds: number;
}

export const defaultSearchLimits: SearchLimits = { matches: 2000, fileBytes: 16 << 20, milliseconds: 2000 };

/** Files in which a pattern may take too long before the search ends. */
const slowFiles = 3;

export interface SearchOptions extends TextQuery, PathChoice {
  readonly limits?: SearchLimits;
  /** Called while layers are listed. */
  readonly index?: IndexOptions;
  /** Called with bytes of files that were looked at, and of all that will be. */
  readonly onBytes?: (bytes: number, total: number) => void;
  /** Called with the matches of a file as they are found. */
  readonly onFile?: (file: FileMatches) => void;
}

/** A file with lines that match. */
export interface FileMatches {
  /** As in a layer's index; a hard-linked file by one of its names. */
  readonly path: string;
  readonly matches: readonly LineMatch[];
}

/** What a search came to. */
export interface SearchOutcome {
  /** In the order of their paths. */
  readonly files: readonly FileMatches[];
  /** Text files that were looked into. */
  readonly searched: number;
  /** Sentences about what was not searched, and why the search ended early. */
  readonly problems: readonly string[];
}

/**
 * Looks for a text or pattern in the text files of an image: each layer is read once, and not further than its last file that
 * is seen. A hard-linked file is searched once.
 * @throws OciError invalid-reference for a query that is none; not-found for a path that is not there; errors of the registry
 */
export async function searchFiles(files: ImageFiles, options: SearchOptions, io: Io): Promise<SearchOutcome> {
  const search = new Search(files, options);
  try {
    return await search.run(await filesBelow(files, options, options.index ?? {}, io), io);
  } finally {
    await search.close();
  }
}

class Search {
  readonly #files: ImageFiles;
  readonly #options: SearchOptions;
  readonly #limits: SearchLimits;
  readonly #searcher: LineSearcher;
  readonly #found: FileMatches[] = [];
  readonly #problems: string[] = [];
  readonly #counts = { matches: 0, searched: 0, slow: 0, large: 0 };
  readonly #bytes = { seen: 0, total: 0 };

  constructor(files: ImageFiles, options: SearchOptions) {
    this.#files = files;
    this.#options = options;
    this.#limits = options.limits ?? defaultSearchLimits;
    this.#searcher = new LineSearcher(patternOf(options));
  }

  async run(wanted: readonly PathFile[], io: Io): Promise<SearchOutcome> {
    await this.#sayDamage(io);
    const layers = await this.#byLayer(wanted, io);
    for (const [at, paths] of layers) {
      if (this.#isOver) break;
      await this.#layer(at, paths, io);
    }
    this.#sayLimits();
    const found = this.#found.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { files: found, searched: this.#counts.searched, problems: this.#problems };
  }

  async close(): Promise<void> {
    await this.#searcher.close();
  }

  get #isOver(): boolean {
    return this.#counts.matches >= this.#limits.matches || this.#counts.slow >= slowFiles;
  }

  /** The path of each entry that is looked at, layer by layer. */
  async #byLayer(wanted: readonly PathFile[], io: Io): Promise<ReadonlyMap<number, ReadonlyMap<LayerEntry, string>>> {
    const layers = new Map<number, Map<LayerEntry, string>>();
    const add = ({ layer, entry, path }: PathFile): void => {
      if (entry.size > this.#limits.fileBytes) this.#counts.large++;
      if (entry.size === 0 || entry.size > this.#limits.fileBytes) return;
      this.#bytes.total += entry.size;
      layers.set(layer, (layers.get(layer) ?? new Map<LayerEntry, string>()).set(entry, path));
    };
    await inTurns(wanted, add, io);
    return layers;
  }

  /** One file is read while the one before it is searched. A layer that is damaged is a problem, and the others are searched. */
  async #layer(at: number, paths: ReadonlyMap<LayerEntry, string>, io: Io): Promise<void> {
    let searching: Promise<void> = Promise.resolve();
    try {
      for await (const { entry, content } of this.#files.readAll(at, [...paths.keys()], io)) {
        const bytes = await readText(content, entry.size);
        await searching;
        this.#options.onBytes?.((this.#bytes.seen += entry.size), this.#bytes.total);
        if (this.#isOver) return;
        if (bytes === undefined) continue;
        searching = this.#file(paths.get(entry) ?? entry.path, bytes, io);
        // Its failure is thrown when the next file is there.
        searching.catch(() => undefined);
      }
    } catch (error) {
      io.signal.throwIfAborted();
      if (!isOciError(error, 'corrupt-archive', 'content-mismatch')) throw error;
      this.#problems.push(`Layer #${at + 1} could not be searched to its end: ${error.message}`);
    } finally {
      await searching;
    }
  }

  async #file(path: string, bytes: Uint8Array<ArrayBuffer>, io: Io): Promise<void> {
    const { milliseconds } = this.#limits;
    const limit = this.#limits.matches - this.#counts.matches;
    const matches = await this.#searcher.search(bytes, { limit, milliseconds }, io);
    if (matches === undefined) {
      this.#counts.slow++;
      const what = escapeText(shownPath(path));
      this.#problems.push(`${what} was passed over: the pattern takes more than ${milliseconds / 1000} seconds in it.`);
      return;
    }
    this.#counts.searched++;
    if (matches.length === 0) return;
    this.#counts.matches += matches.length;
    const found = { path, matches };
    this.#found.push(found);
    this.#options.onFile?.(found);
  }

  /** What a damaged layer holds behind the damage is in no list. */
  async #sayDamage(io: Io): Promise<void> {
    const { layer } = this.#options;
    const layers = layer === undefined ? this.#files.manifest.layers.keys() : [layer];
    for (const at of layers) {
      const { damage } = await this.#files.layer(at, {}, io);
      if (damage !== undefined)
        this.#problems.push(`Layer #${at + 1} is damaged, what follows is not searched: ${damage}`);
    }
  }

  #sayLimits(): void {
    const { matches, slow, large } = this.#counts;
    const { fileBytes, matches: most } = this.#limits;
    if (matches >= most) this.#problems.push(`The search ended at ${most} matches: there may be more.`);
    if (slow >= slowFiles) this.#problems.push('The search ended there. Write the pattern without repeats in repeats.');
    const size = fileBytes % (1 << 20) === 0 ? `${fileBytes >> 20} MiB` : `${fileBytes} B`;
    if (large === 1) this.#problems.push(`1 file of more than ${size} was passed over.`);
    if (large > 1) this.#problems.push(`${large} files of more than ${size} were passed over.`);
  }
}
