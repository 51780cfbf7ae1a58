import type { Layers } from '../../src/archive/layers.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { ImageFiles } from '../../src/operations/imageFiles.ts';
import { testIo } from './io.ts';
import { putContent, putJson, tarOf } from './seededImage.ts';

/** Files of a layer: path to content. */
export type LayerFiles = Readonly<Record<string, string | Uint8Array>>;

/** An image in a memory store of its own, with a layer for each tar; `config` stands beside the platform in its config. */
export async function storedImage(
  layers: Layers,
  tars: readonly Buffer[],
  config: Readonly<Record<string, unknown>> = {},
): Promise<ImageFiles> {
  const io = testIo();
  const store = new MemoryStore();
  const pushed = [];
  for (const tar of tars) pushed.push(await putContent(store, tar, mediaTypes.layer, io));
  const rootfs = { type: 'layers', diff_ids: pushed.map(({ digest }) => digest) };
  const json = { os: 'linux', architecture: 'amd64', rootfs, ...config };
  const configBlob = await putContent(store, Buffer.from(JSON.stringify(json)), mediaTypes.config, io);
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: configBlob, layers: pushed };
  const { digest } = await putJson(store, manifest, io);
  return ImageFiles.open(store, digest, {}, layers, io);
}

/** A tar of files of mode 0644. */
export function tarOfFiles(files: LayerFiles): Buffer {
  const tars = Object.entries(files).map(([name, content]) => tarOf(name, Buffer.from(content)).subarray(0, -1024));
  return Buffer.concat([...tars, Buffer.alloc(1024)]);
}
