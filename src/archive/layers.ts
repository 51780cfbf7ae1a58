import type { BlobCache } from '../content/blobCache.ts';
import type { ByteStream, Io, LayerSource } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import type { Compression } from './compress.ts';
import { type FileContent, filesInOrder } from './filesInOrder.ts';
import { IndexFlight, type IndexOptions, type IndexProgress, Listener } from './indexFlight.ts';
import { KeptIndexes } from './keptIndexes.ts';
import type { LayerEntry, LayerIndex, LayerLimits } from './layerIndex.ts';
import { LayerReader } from './layerReader.ts';
import type { LayerDescriptor } from './openLayer.ts';
import { scanLayer } from './scanLayer.ts';
import { readTocOrReason } from './toc.ts';
import { watched } from './watched.ts';

export type { IndexOptions } from './indexFlight.ts';
export type { FileContent } from './filesInOrder.ts';
export type { LayerDescriptor } from './openLayer.ts';

export interface LayersOptions {
  readonly cache: BlobCache;
  readonly limits: () => LayerLimits;
}

/** What layers hold, and the content of their files: read once, kept, and read again from what was kept. */
export class Layers {
  readonly #cache: BlobCache;
  readonly #limits: () => LayerLimits;
  readonly #kept: KeptIndexes;
  readonly #reader: LayerReader;
  readonly #flights = new Map<string, IndexFlight>();

  constructor({ cache, limits }: LayersOptions) {
    this.#cache = cache;
    this.#limits = limits;
    this.#kept = new KeptIndexes(cache);
    this.#reader = new LayerReader(cache);
  }

  /** As the settings are now. */
  get limits(): LayerLimits {
    return this.#limits();
  }

  /** What a layer holds, if that is in memory. */
  known(digest: Digest): LayerIndex | undefined {
    return this.#kept.known(digest);
  }

  /**
   * What a layer holds: from memory, from the disk, by its table of contents, or by reading it as a whole. Callers who ask for
   * the same layer at the same time share the reading.
   * @throws OciError too-large, unsupported-media-type; errors of the source
   */
  async index(source: LayerSource, descriptor: Descriptor, options: IndexOptions, io: Io): Promise<LayerIndex> {
    const listener = new Listener(options);
    for (;;) {
      io.signal.throwIfAborted();
      const known = this.#kept.get(descriptor);
      if (known !== undefined) return known;
      const flight = this.#flight(source, descriptor);
      try {
        return await flight.join(listener, io);
      } catch (error) {
        // Another source may fail where this one does not.
        if (io.signal.aborted || flight.source === source) throw error;
      }
    }
  }

  /**
   * The content of a file of a layer, verified where its digest is known.
   * @throws OciError unsupported-media-type for what is no file; content-mismatch, corrupt-archive; errors of the source
   */
  async read(source: LayerSource, descriptor: LayerDescriptor, entry: LayerEntry, io: Io): Promise<ByteStream> {
    return this.#reader.read({ source, descriptor, index: this.#kept.get(descriptor) }, entry, io);
  }

  /**
   * Several files of a layer, in the order of its tar, which is read once. Each content is taken before the next file is asked for.
   * @throws OciError corrupt-archive, content-mismatch; errors of the source
   */
  readAll(
    source: LayerSource,
    descriptor: LayerDescriptor,
    entries: readonly LayerEntry[],
    io: Io,
  ): AsyncIterable<FileContent> {
    const layer = { source, descriptor, index: this.#kept.get(descriptor) };
    const read = (entry: LayerEntry): Promise<ByteStream> => this.#reader.read(layer, entry, io);
    return filesInOrder(layer, entries, { cache: this.#cache, read }, io);
  }

  #flight(source: LayerSource, descriptor: Descriptor): IndexFlight {
    const key = JSON.stringify([descriptor.digest, descriptor.size, descriptor.mediaType, descriptor.annotations]);
    const running = this.#flights.get(key);
    if (running !== undefined) return running;
    const flight: IndexFlight = new IndexFlight(
      source,
      (progress, io) => this.#read(source, descriptor, progress, io),
      () => {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      },
    );
    this.#flights.set(key, flight);
    return flight;
  }

  async #read(source: LayerSource, descriptor: Descriptor, progress: IndexProgress, io: Io): Promise<LayerIndex> {
    refuseEncrypted(descriptor);
    const stored = await this.#kept.load(descriptor);
    if (stored !== undefined) return stored;
    const toc = source.fetchRange === undefined ? undefined : await readTocOrReason(source, descriptor, io);
    const index =
      toc === undefined || typeof toc === 'string' ? await this.#scan(source, descriptor, progress, io) : toc;
    const told = typeof toc === 'string' ? { ...index, problems: [toc, ...index.problems] } : index;
    await this.#kept.keep(descriptor, told, index === toc ? 'toc' : 'scan');
    return told;
  }

  async #scan(source: LayerSource, descriptor: Descriptor, progress: IndexProgress, io: Io): Promise<LayerIndex> {
    const declared = declaredCompression(descriptor.mediaType);
    const stream = watched(await this.#cache.fetch(source, descriptor, io), ({ length }) => progress.bytes(length));
    const options = { limits: this.#limits(), onEntries: progress.entries };
    return scanLayer(stream, declared === undefined ? options : { ...options, declared }, io);
  }
}

/** What a layer's media type says of its compression (image-spec media-types.md); undefined for other types. */
function declaredCompression(mediaType: string): Compression | undefined {
  const [, suffix] = /(?:diff\.tar|layer\.(?:nondistributable\.)?v1\.tar)(|[.+]gzip|[.+]zstd)$/.exec(mediaType) ?? [];
  if (suffix === undefined) return undefined;
  if (suffix === '') return 'none';
  return suffix.endsWith('gzip') ? 'gzip' : 'zstd';
}

function refuseEncrypted({ mediaType, digest }: Descriptor): void {
  if (!mediaType.endsWith('+encrypted')) return;
  const what = `layer ${shortDigest(digest)} is encrypted`;
  throw new OciError(
    'unsupported-media-type',
    `${what} (${mediaType}): what it holds cannot be listed without its key.`,
  );
}
