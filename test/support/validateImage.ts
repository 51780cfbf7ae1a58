import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { ImageSource, Io } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { parseImageConfig } from '../../src/oci/imageConfig.ts';
import { type ImageManifest, parseManifest } from '../../src/oci/manifest.ts';
import { isConfigType, isForeignLayerType, isManifestType } from '../../src/oci/mediaTypes.ts';
import { formatPlatform, normalizePlatform } from '../../src/oci/platform.ts';

/** What was looked at. */
export interface Validated {
  readonly digest: string;
  readonly manifests: number;
  readonly blobs: number;
}

/**
 * Reads everything that an identifier stands for and hashes it anew: digests and sizes of manifests, configs and layers,
 * diff ids of the decompressed layers, config against manifest, platforms of an index against configs.
 * @throws AssertionError naming what is broken
 */
export async function validateImage(store: ImageSource, identifier: string, io: Io): Promise<Validated> {
  const root = await store.resolve(identifier, io);
  const validating: Validating = { store, io, manifests: new Set(), blobs: new Set() };
  await validateManifest(root, validating);
  return { digest: root.digest, manifests: validating.manifests.size, blobs: validating.blobs.size };
}

interface Validating {
  readonly store: ImageSource;
  readonly io: Io;
  readonly manifests: Set<string>;
  readonly blobs: Set<string>;
}

async function validateManifest(descriptor: Descriptor, validating: Validating): Promise<void> {
  const { digest } = descriptor;
  if (validating.manifests.has(digest)) return;
  validating.manifests.add(digest);
  const bytes = await readWhole(descriptor, validating);
  const manifest = parseManifest(bytes, '');
  assert.equal(manifest.mediaType, descriptor.mediaType, `${digest}: media type of the manifest and of its descriptor`);
  if (manifest.kind === 'image') return validateContent(manifest, descriptor, validating);
  for (const child of manifest.manifests) {
    if (isManifestType(child.mediaType)) await validateManifest(child, validating);
    else await hash(child, validating);
  }
}

async function validateContent(image: ImageManifest, descriptor: Descriptor, validating: Validating): Promise<void> {
  const configBytes = await readWhole(image.config, validating);
  validating.blobs.add(image.config.digest);
  const config = isConfigType(image.config.mediaType) ? parseImageConfig(configBytes) : undefined;
  const isFilesystem = config !== undefined && image.layers.every(({ mediaType }) => mediaType.includes('tar'));
  if (isFilesystem) assert.equal(config.diffIds.length, image.layers.length, `${image.digest}: diff ids and layers`);
  if (descriptor.platform !== undefined && config?.platform !== undefined) {
    const [listed, own] = [descriptor.platform, config.platform].map((one) => formatPlatform(normalizePlatform(one)));
    assert.equal(listed, own, `${image.digest}: platform in the index and in the config`);
  }
  for (const [at, layer] of image.layers.entries()) {
    if (isForeignLayerType(layer.mediaType) && (layer.urls?.length ?? 0) > 0) continue;
    if (validating.blobs.has(layer.digest) && !isFilesystem) continue;
    validating.blobs.add(layer.digest);
    const diffId = await hash(layer, validating);
    if (isFilesystem) assert.equal(diffId, config.diffIds[at], `${image.digest}: diff id of layer ${at}`);
  }
}

async function readWhole(descriptor: Descriptor, { store, io }: Validating): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await store.fetch(descriptor, io)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  assert.equal(bytes.length, descriptor.size, `${descriptor.digest}: size`);
  assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, descriptor.digest, 'digest');
  return bytes;
}

/** Checks one blob as it streams by. Returns the digest of its decompressed content. */
async function hash(descriptor: Descriptor, { store, io }: Validating): Promise<string> {
  const outer = createHash('sha256');
  const inner = createHash('sha256');
  let size = 0;
  const decompress = decompressor(descriptor.mediaType);
  const raw = Readable.from(await store.fetch(descriptor, io)).map((chunk: Uint8Array) => {
    size += chunk.length;
    outer.update(chunk);
    return chunk;
  });
  const plain: AsyncIterable<unknown> = decompress === undefined ? raw : pipeline(raw, decompress, () => undefined);
  for await (const chunk of plain) {
    assert.ok(chunk instanceof Uint8Array);
    inner.update(chunk);
  }
  assert.equal(size, descriptor.size, `${descriptor.digest}: size`);
  assert.equal(`sha256:${outer.digest('hex')}`, descriptor.digest, 'digest');
  return `sha256:${inner.digest('hex')}`;
}

function decompressor(mediaType: string): Transform | undefined {
  if (mediaType.endsWith('gzip')) return createGunzip();
  return mediaType.endsWith('zstd') ? createZstdDecompress() : undefined;
}
