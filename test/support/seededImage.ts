import { gzipSync } from 'node:zlib';
import { opens } from '../../src/content/bytes.ts';
import type { ContentTarget, Io } from '../../src/content/store.ts';
import { type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import type { Platform } from '../../src/oci/platform.ts';

/** Numbers from 0 to 2^32 - 1, the same for the same seed (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Bytes that do not compress, the same for the same seed. */
export function seededBytes(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(size / 4) * 4);
  const next = seededNumbers(seed);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(next(), at);
  return bytes.subarray(0, size);
}

/** One regular file as an uncompressed tar, ustar. */
export function tarOf(name: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0` + '00000000000\0' + ' '.repeat(8) + '0', 124);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}

export interface SeededImageOptions {
  /** Different seeds give different layers. Default: 1. */
  readonly seed?: number;
  /** How many layers. Default: 2. */
  readonly layers?: number;
  /** Bytes of the one file in each layer. Default: 1000. */
  readonly layerBytes?: number;
  readonly flavor?: 'oci' | 'docker';
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Layers before the seeded ones, as a descriptor only: foreign layers. */
  readonly foreign?: readonly Descriptor[];
}

export interface SeededIndexOptions extends Omit<SeededImageOptions, 'platform'> {
  /** Default: linux/amd64 and linux/arm64. */
  readonly platforms?: readonly Platform[];
  /** An attestation for each image, as BuildKit writes them. Default: none. */
  readonly attestations?: boolean;
  /** Of the index; `annotations` are of each image. */
  readonly indexAnnotations?: Readonly<Record<string, string>>;
  /** Descriptors that come after the images. */
  readonly more?: readonly Descriptor[];
}

const linux = (architecture: string): Platform => ({ os: 'linux', architecture });

/** Stores an image of real gzip tars. Returns the descriptor of its manifest. */
export async function putImage(target: ContentTarget, options: SeededImageOptions, io: Io): Promise<Descriptor> {
  const { seed = 1, layers = 2, layerBytes = 1000, flavor = 'oci', platform = linux('amd64') } = options;
  const tars = Array.from({ length: layers }, (_, at) => {
    return tarOf(`file-${at}`, seededBytes(seed * 1000 + at, layerBytes));
  });
  const layerType = flavor === 'oci' ? mediaTypes.layerGzip : mediaTypes.dockerLayerGzip;
  const foreign = options.foreign ?? [];
  const pushed: Descriptor[] = [];
  for (const tar of tars) pushed.push(await putContent(target, gzipSync(tar, { level: 1 }), layerType, io));
  const history = [
    ...foreign.map(() => ({ created_by: 'a foreign layer' })),
    ...tars.flatMap((_, at) => [
      { created_by: `COPY file-${at} / # buildkit` },
      { created_by: `ENV STEP=${at}`, empty_layer: true },
    ]),
  ];
  const diffIds = [...foreign.map(({ digest }) => digest), ...tars.map((tar) => digestOf(tar))];
  const config = {
    ...platform,
    config: { Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history,
  };
  const configType = flavor === 'oci' ? mediaTypes.config : mediaTypes.dockerConfig;
  return putJson(
    target,
    {
      schemaVersion: 2,
      mediaType: flavor === 'oci' ? mediaTypes.manifest : mediaTypes.dockerManifest,
      config: await putContent(target, Buffer.from(JSON.stringify(config)), configType, io),
      layers: [...foreign, ...pushed],
      ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    },
    io,
  );
}

/** Stores an index with one image a platform. Returns the descriptor of the index. */
export async function putIndex(target: ContentTarget, options: SeededIndexOptions, io: Io): Promise<Descriptor> {
  const { seed = 1, platforms = [linux('amd64'), linux('arm64')], flavor = 'oci', more = [] } = options;
  const annotations = options.indexAnnotations;
  const images: Descriptor[] = [];
  const attestations: Descriptor[] = [];
  for (const [at, platform] of platforms.entries()) {
    const image = await putImage(target, { ...options, seed: seed * 100 + at, platform }, io);
    images.push({ ...image, platform });
    if (options.attestations === true) attestations.push(await putAttestation(target, image, io));
  }
  return putJson(
    target,
    {
      schemaVersion: 2,
      mediaType: flavor === 'oci' ? mediaTypes.index : mediaTypes.dockerManifestList,
      manifests: [...images, ...attestations, ...more],
      ...(annotations === undefined ? {} : { annotations }),
    },
    io,
  );
}

/** Stores an index that lists other manifests as they are. */
export async function putIndexOf(target: ContentTarget, manifests: readonly Descriptor[], io: Io): Promise<Descriptor> {
  return putJson(target, { schemaVersion: 2, mediaType: mediaTypes.index, manifests }, io);
}

/** Stores an artifact (image-spec manifest.md, guidelines for artifact usage); with a subject it is a referrer. */
export async function putArtifact(
  target: ContentTarget,
  options: { readonly artifactType: string; readonly content: Uint8Array; readonly subject?: Descriptor },
  io: Io,
): Promise<Descriptor> {
  const { artifactType, content, subject } = options;
  return putJson(
    target,
    {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType,
      config: await putContent(target, Buffer.from('{}'), mediaTypes.empty, io),
      layers: [await putContent(target, content, 'application/octet-stream', io)],
      ...(subject === undefined ? {} : { subject }),
    },
    io,
  );
}

async function putAttestation(target: ContentTarget, image: Descriptor, io: Io): Promise<Descriptor> {
  const statement = Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v0.1', about: image.digest }));
  const config = {
    architecture: 'unknown',
    os: 'unknown',
    rootfs: { type: 'layers', diff_ids: [digestOf(statement)] },
  };
  const manifest = await putJson(
    target,
    {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: await putContent(target, Buffer.from(JSON.stringify(config)), mediaTypes.config, io),
      layers: [await putContent(target, statement, 'application/vnd.in-toto+json', io)],
    },
    io,
  );
  return {
    ...manifest,
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: {
      'vnd.docker.reference.digest': image.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
  };
}

/** Stores bytes. Returns their descriptor. */
export async function putContent(
  target: ContentTarget,
  bytes: Uint8Array,
  mediaType: string,
  io: Io,
): Promise<Descriptor> {
  const descriptor = describeBytes(bytes, mediaType);
  await target.push(descriptor, opens(bytes), io);
  return descriptor;
}

/** Stores a manifest, with white space in it that a copy must keep. */
export async function putJson(
  target: ContentTarget,
  manifest: { readonly mediaType: string } & Readonly<Record<string, unknown>>,
  io: Io,
): Promise<Descriptor> {
  return putContent(target, Buffer.from(`${JSON.stringify(manifest, null, 3)}\n`), manifest.mediaType, io);
}
