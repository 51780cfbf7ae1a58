import type { BlobCache } from '../content/blobCache.ts';
import { readAll, streamOf } from '../content/bytes.ts';
import type { ByteRange, ByteStream, Io } from '../content/store.ts';
import { Turns } from '../content/turns.ts';
import { isOciError, OciError } from '../errors.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { escapeText } from '../oci/reference.ts';
import { contentInChunks, contentInTar, contentOf, storedRange } from './entryContent.ts';
import type { LayerEntry } from './layerIndex.ts';
import type { OpenLayer } from './openLayer.ts';
import { StreamSlices } from './streamSlices.ts';
import { TarCopies } from './tarCopies.ts';
import { unpacked } from './unpacked.ts';

/** Files up to this many bytes are read as a whole before anything of them is given out, and few at a time. */
const smallBytes = 1 << 20;
const smallAtOnce = 4;

/** Files of the cache that a reading took bytes from; undefined where it must do without. */
type Copies = Set<Digest> | undefined;

/** Reads single files of layers, with as little of the blob as can be. */
export class LayerReader {
  readonly #cache: BlobCache;
  readonly #tars: TarCopies;
  readonly #turns = new Turns(smallAtOnce);

  constructor(cache: BlobCache) {
    this.#cache = cache;
    this.#tars = new TarCopies(cache);
  }

  /**
   * The content of a file, verified where its digest is known.
   * @throws OciError unsupported-media-type for what is no file; content-mismatch, corrupt-archive; errors of the source
   */
  async read(layer: OpenLayer, entry: LayerEntry, io: Io): Promise<ByteStream> {
    io.signal.throwIfAborted();
    if (entry.type !== 'file') throw noFile(entry);
    if (entry.size === 0) return streamOf(new Uint8Array());
    const content = this.#content(layer, entry, io);
    if (entry.size > smallBytes) return content;
    return streamOf(await this.#turns.take(() => readAll(content, entry.size, nameOf(entry)), io));
  }

  /** A copy on disk that turns out to be damaged is removed, and the content taken from the source. */
  async *#content(layer: OpenLayer, entry: LayerEntry, io: Io): AsyncGenerator<Uint8Array, void, undefined> {
    const used = new Set<Digest>();
    let given = false;
    try {
      for await (const chunk of await this.#open(layer, entry, used, io)) {
        given = true;
        yield chunk;
      }
      return;
    } catch (error) {
      io.signal.throwIfAborted();
      if (used.size === 0) throw explained(layer, entry, error);
      for (const digest of used) await this.#cache.forget(digest);
      if (given) throw damagedCopy(entry, error);
    }
    try {
      yield* await this.#open(layer, entry, undefined, io);
    } catch (error) {
      throw explained(layer, entry, error);
    }
  }

  async #open(layer: OpenLayer, entry: LayerEntry, copies: Copies, io: Io): Promise<ByteStream> {
    if (entry.chunks !== undefined) {
      return contentInChunks(entry, (range) => this.#part(layer, range, copies, io));
    }
    const stored = await this.#stored(layer, entry, copies, io);
    if (stored !== undefined) return contentOf(entry, stored);
    return contentInTar(entry, unpacked(await this.#whole(layer, entry, copies, io)));
  }

  /** Just the bytes of a file, where they lie uncompressed and a digest tells whether they are right. */
  async #stored(layer: OpenLayer, entry: LayerEntry, copies: Copies, io: Io): Promise<ByteStream | undefined> {
    if (entry.digest === undefined) return undefined;
    const range = storedRange(entry);
    if (layer.index?.compression === 'none') return this.#part(layer, range, copies, io);
    const tar = copies === undefined ? undefined : await this.#tars.open(layer, range, io);
    if (tar === undefined) return undefined;
    copies?.add(tar.digest);
    return tar.stream;
  }

  /** A part of the blob, unverified. */
  async #part(layer: OpenLayer, range: ByteRange, copies: Copies, io: Io): Promise<ByteStream> {
    const { source, descriptor } = layer;
    const copy = copies === undefined ? undefined : await this.#cache.readRange(descriptor, range, io);
    if (copy !== undefined) {
      copies?.add(descriptor.digest);
      return copy;
    }
    try {
      if (source.fetchRange !== undefined) return await source.fetchRange(descriptor, range, io);
    } catch (error) {
      if (!isOciError(error, 'unsupported-media-type')) throw error;
    }
    return sliced(await this.#cache.fetch(source, descriptor, io), range);
  }

  /** The blob from its start; unverified where a digest tells whether what is taken of it is right. */
  async #whole({ source, descriptor }: OpenLayer, entry: LayerEntry, copies: Copies, io: Io): Promise<ByteStream> {
    if (copies !== undefined && entry.digest !== undefined) {
      const copy = await this.#cache.readRange(descriptor, { start: 0, end: descriptor.size }, io);
      if (copy !== undefined) {
        copies.add(descriptor.digest);
        return copy;
      }
    }
    return this.#cache.fetch(source, descriptor, io);
  }
}

async function* sliced(stream: ByteStream, range: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
  const slices = new StreamSlices(stream);
  try {
    yield* slices.slice(range);
  } finally {
    await slices.close();
  }
}

function nameOf({ path }: LayerEntry): string {
  return escapeText(`/${path}`);
}

function noFile(entry: LayerEntry): OciError {
  return new OciError('unsupported-media-type', `${nameOf(entry)} is no file: it has no content that could be read.`);
}

function explained({ descriptor }: OpenLayer, entry: LayerEntry, cause: unknown): unknown {
  if (!isOciError(cause, 'corrupt-archive', 'content-mismatch')) return cause;
  const what = `cannot read ${nameOf(entry)} of layer ${shortDigest(descriptor.digest)}`;
  return new OciError(cause.code, `${what}: ${cause.message}`, { cause });
}

function damagedCopy(entry: LayerEntry, cause: unknown): OciError {
  return new OciError(
    'content-mismatch',
    `the copy in the cache that ${nameOf(entry)} was read from was damaged and has been removed. Try again: the layer is then fetched anew.`,
    { cause },
  );
}
