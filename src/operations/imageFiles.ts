import type { LayerChange, LayerStack as Stack } from '../archive/layerStack.ts';
import { LayerStack } from '../archive/layerStack.ts';
import type { LayerEntry, LayerIndex } from '../archive/layerIndex.ts';
import type { FileContent, IndexOptions, Layers } from '../archive/layers.ts';
import { untilAborted } from '../content/abort.ts';
import { fetchManifest } from '../content/bytes.ts';
import type { ByteStream, ImageSource, Io, LayerSource } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { shortDigest } from '../oci/digest.ts';
import { type ImageConfig, layerHistory } from '../oci/imageConfig.ts';
import type { ImageManifest } from '../oci/manifest.ts';
import { escapeText } from '../oci/reference.ts';
import { forEachParallel } from './parallel.ts';
import { chooseImage, type InspectOptions } from './inspect.ts';
import { fetchConfig } from './platforms.ts';

/** Layers that are read at the same time. */
const parallelLayers = 3;

/** The layers and files of one image, read as they are asked for and kept. */
export class ImageFiles {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig | undefined;
  readonly #source: LayerSource;
  readonly #layers: Layers;
  /** Ends when `layer` layers are applied; each step waits for the one before. */
  readonly #steps: Promise<readonly LayerChange[]>[] = [];
  readonly #stack = new LayerStack();
  /** How many entries each layer has that was read. */
  readonly #entries: number[] = [];

  constructor(source: LayerSource, image: OpenedImageFiles, layers: Layers) {
    this.#source = source;
    this.#layers = layers;
    this.descriptor = image.descriptor;
    this.manifest = image.manifest;
    this.config = image.config;
  }

  /** Resolves a tag or digest and chooses one image of an index. @throws OciError not-found, invalid-manifest, … */
  static async open(
    source: ImageSource & LayerSource,
    identifier: string,
    options: InspectOptions,
    layers: Layers,
    io: Io,
  ): Promise<ImageFiles> {
    const descriptor = await chooseImage(source, identifier, options, io);
    const manifest = await fetchManifest(source, descriptor, io);
    if (manifest.kind !== 'image') throw noFiles(identifier, descriptor);
    return new ImageFiles(source, { descriptor, manifest, config: await fetchConfig(source, manifest, io) }, layers);
  }

  /** The history line of each layer; undefined where history and layers cannot be matched. */
  get createdBy(): readonly (string | undefined)[] {
    const { layers } = this.manifest;
    const history = this.config === undefined ? [] : layerHistory(this.config, layers.length);
    return layers.map((_, at) => history[at]?.created_by);
  }

  /** The position from 0 of a layer by its position or digest. @throws OciError not-found */
  position(layer: number | string): number {
    const { layers } = this.manifest;
    const at = typeof layer === 'number' ? layer : layers.findIndex(({ digest }) => digest === layer);
    if (Number.isInteger(at) && at >= 0 && at < layers.length) return at;
    const shown = typeof layer === 'number' ? String(layer) : escapeText(layer);
    throw new OciError(
      'not-found',
      `${shortDigest(this.descriptor.digest)} has no layer ${shown}: it has ${layers.length}, counted from 0.`,
    );
  }

  /** What one layer's tar holds. @throws OciError not-found for a position that is none */
  async layer(at: number, options: IndexOptions, io: Io): Promise<LayerIndex> {
    return this.#layers.index(this.#source, this.#descriptor(at), options, io);
  }

  /** What a layer did to the files of the layers below it. Reads those too. @throws OciError too-large for too many entries in all */
  async changes(at: number, options: IndexOptions, io: Io): Promise<readonly LayerChange[]> {
    this.#descriptor(at);
    // What is applied, or about to be, has been read: what is known of it may be forgotten since, and takes long to read again.
    const unread = [...this.manifest.layers.keys()].slice(this.#steps.length, at + 1);
    const read = async (layer: number, inner: Io): Promise<void> => {
      const { entries } = await this.layer(layer, options, inner);
      this.#entries[layer] = entries.length;
      this.#assertRoom(at);
    };
    await forEachParallel(unread, parallelLayers, read, io);
    for (let next = this.#steps.length; next <= at; next++) this.#step(next);
    return untilAborted(this.#steps[at] ?? Promise.resolve([]), io);
  }

  /** The files as a container sees them: every layer applied. */
  async filesystem(options: IndexOptions, io: Io): Promise<Stack> {
    const last = this.manifest.layers.length - 1;
    if (last >= 0) await this.changes(last, options, io);
    return this.#stack;
  }

  /** The content of a file of a layer, verified where its digest is known. @throws OciError not-found where it has none */
  async read(at: number, entry: LayerEntry, io: Io): Promise<ByteStream> {
    return this.#layers.read(this.#source, { ...this.#descriptor(at), diffId: this.config?.diffIds[at] }, entry, io);
  }

  /** Several files of a layer, in the order of its tar, which is read once: each content before the next file is asked for. */
  readAll(at: number, entries: readonly LayerEntry[], io: Io): AsyncIterable<FileContent> {
    const layer = { ...this.#descriptor(at), diffId: this.config?.diffIds[at] };
    return this.#layers.readAll(this.#source, layer, entries, io);
  }

  /** The entries of layers that are applied are in memory together, so the limit of one is that of all. */
  #assertRoom(last: number): void {
    const limit = this.#layers.limits.entries;
    if (this.#entries.slice(0, last + 1).reduce((sum, one) => sum + one, 0) <= limit) return;
    throw new OciError(
      'too-large',
      `the layers of ${shortDigest(this.descriptor.digest)} have more than ${limit} entries together. ` +
        'Raise the setting gantry.inspect.maxLayerEntries to list them.',
    );
  }

  /**
   * Applies a layer after those below it. Others may wait for it too, so no caller's signal stops it: the layer has been read
   * already. A failure lets the next caller try again from there.
   */
  #step(at: number): void {
    const io = { signal: new AbortController().signal };
    const before = this.#steps[at - 1];
    const step = (async () => {
      await before;
      return this.#stack.apply(await this.layer(at, {}, io), io);
    })();
    this.#steps[at] = step;
    step.catch(() => {
      if (this.#steps[at] === step) this.#steps.length = at;
    });
  }

  #descriptor(at: number): Descriptor {
    const found = this.manifest.layers[this.position(at)];
    if (found === undefined) throw new OciError('not-found', `there is no layer ${at}`);
    return found;
  }
}

/** What is known of an image before its layers are read. */
export interface OpenedImageFiles {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig | undefined;
}

function noFiles(identifier: string, descriptor: Descriptor): OciError {
  return new OciError(
    'unsupported-media-type',
    `${escapeText(identifier)} (${shortDigest(descriptor.digest)}) is no image with layers. Choose one of its platforms.`,
  );
}
