import type { ConfigChanges } from '../api.ts';
import type { PackedLayer } from '../archive/pack.ts';
import { resolveManifest } from '../content/bytes.ts';
import type { ImageSource, Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { buildManifest, type Manifest, manifestDescriptor } from '../oci/manifest.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { formatPlatform, normalizePlatform, type Platform } from '../oci/platform.ts';
import { type BaseImage, type DerivedImage, deriveImage } from './deriveImage.ts';
import { DerivedSource } from './derivedSource.ts';
import { deriveIndex } from './deriveIndex.ts';
import { fetchBaseImage } from './baseImage.ts';
import { selectPlatforms } from './platforms.ts';
import { scratchImage, scratchPlatform } from './scratch.ts';
import { on } from './transferFailure.ts';

export interface AppendOptions {
  /** The same for every platform, or asked for with each. */
  readonly layers: readonly PackedLayer[] | ((platform: Platform) => readonly PackedLayer[]);
  readonly config?: ConfigChanges;
  /** Default: every image of the base; on `scratch` linux/amd64. */
  readonly platforms?: readonly Platform[];
  /** Seconds since 1970 that the image is dated (SOURCE_DATE_EPOCH). Default: 0. */
  readonly epoch?: number;
  /** The base's full reference, where it is named by a tag: goes into `org.opencontainers.image.base.name`. */
  readonly baseName?: string;
  /** The same content as the base, to read its manifests and configs from. Default: the base itself. */
  readonly reader?: ImageSource;
  /** Of the new manifests and index, over those of the base. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A new image, made but not written anywhere. */
export interface AppendPlan {
  /** What the layers go onto, for people: the base's reference or digest, or `scratch`. */
  readonly onto: string;
  /** What it will be known by: its digest is final. */
  readonly descriptor: Descriptor;
  /** All its content, with what it has from the base. */
  readonly source: DerivedSource;
  /** The new layers, each once. */
  readonly layers: readonly PackedLayer[];
  /** The platforms of the images that were changed, such as `linux/arm64`. */
  readonly platforms: readonly string[];
  /** What the base's index lists and the new one does not: attestations, which are about the old images, and artifacts. */
  readonly dropped: readonly Descriptor[];
}

/**
 * Derives a new image from a base: an image from an image, an index from an index with the layers on every image of it or on
 * those of the chosen platforms. Reads manifests and configs of the base only; the base may be in any store.
 * @throws OciError not-found where the base or a platform is not there; invalid-manifest, unsupported-media-type,
 * invalid-reference
 */
export async function planAppend(
  base: ImageSource | 'scratch',
  identifier: string,
  options: AppendOptions,
  io: Io,
): Promise<AppendPlan> {
  const deriving = new Deriving(options);
  if (base === 'scratch') return deriving.plan({ onto: 'scratch' }, deriveScratch(deriving, options.platforms), []);
  const reader = options.reader ?? base;
  const { manifest } = await on('source', resolveManifest(reader, identifier, io));
  const { root, derived } =
    options.platforms === undefined
      ? { root: manifest, derived: [] }
      : await on('source', selectPlatforms(reader, manifest, options.platforms, io));
  const from = { base, onto: options.baseName ?? shortDigest(manifest.digest) };
  if (root.kind === 'image') {
    return deriving.plan(from, deriving.image(await on('source', fetchBaseImage(reader, root, io))), []);
  }
  const whole = {
    source: reader,
    narrowed: derived,
    digest: manifest.digest,
    name: options.baseName,
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
  };
  const index = await deriveIndex(root, whole, (image) => deriving.image(image), io);
  for (const nested of index.indexes) deriving.indexes.push(nested);
  return deriving.plan(from, index.root, index.dropped);
}

function deriveScratch(deriving: Deriving, platforms: readonly Platform[] = [scratchPlatform]): Manifest {
  const images = platforms.map((platform) => ({ platform, manifest: deriving.image(scratchImage(platform)) }));
  const only = images[0];
  if (images.length === 1 && only !== undefined) return only.manifest;
  const manifests = images.map(({ platform, manifest }) => ({ ...manifestDescriptor(manifest), platform }));
  const { annotations } = deriving;
  const index = buildManifest({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests,
    ...(annotations === undefined ? {} : { annotations }),
  });
  deriving.indexes.push(index);
  return index;
}

/** Gathers what the new image is made of. */
class Deriving {
  readonly indexes: Manifest[] = [];
  readonly #options: AppendOptions;
  readonly #created: string;
  readonly #images: DerivedImage[] = [];
  readonly #platforms: string[] = [];
  readonly #layers = new Map<Digest, PackedLayer>();

  constructor(options: AppendOptions) {
    this.#options = options;
    this.#created = timestamp(options.epoch ?? 0);
  }

  get annotations(): AppendOptions['annotations'] {
    return this.#options.annotations;
  }

  image(base: BaseImage): Manifest {
    const { config, baseName, annotations } = this.#options;
    const layers = this.#layersFor(base);
    const derived = deriveImage(base, {
      layers,
      created: this.#created,
      ...(config === undefined ? {} : { config }),
      ...(baseName === undefined ? {} : { baseName }),
      ...(annotations === undefined ? {} : { annotations }),
    });
    this.#images.push(derived);
    for (const layer of layers) this.#layers.set(layer.digest, layer);
    const { platform } = base.config;
    if (platform !== undefined) this.#platforms.push(formatPlatform(normalizePlatform(platform)));
    return derived.manifest;
  }

  plan(
    { base, onto }: { readonly base?: ImageSource; readonly onto: string },
    root: Manifest,
    dropped: readonly Descriptor[],
  ): AppendPlan {
    const layers = [...this.#layers.values()];
    const source = new DerivedSource(base, { root, images: this.#images, indexes: this.indexes, layers });
    return { onto, descriptor: manifestDescriptor(root), source, layers, platforms: this.#platforms, dropped };
  }

  #layersFor({ config: { platform } }: BaseImage): readonly PackedLayer[] {
    const { layers } = this.#options;
    if (typeof layers !== 'function') return layers;
    if (platform !== undefined) return layers(platform);
    throw new OciError(
      'invalid-manifest',
      'the config of the base names no platform, so no layer can be chosen for it.',
    );
  }
}

/** RFC 3339. @throws OciError invalid-reference outside the years 1970 to 9999 */
function timestamp(epoch: number): string {
  if (Number.isInteger(epoch) && epoch >= 0 && epoch < 253_402_300_800) {
    return new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
  }
  throw new OciError('invalid-reference', 'the time of an image must be whole seconds since 1970.');
}
