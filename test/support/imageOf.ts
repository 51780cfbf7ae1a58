import { type HistoryEntry, type ImageConfig, parseImageConfig } from '../../src/oci/imageConfig.ts';
import { buildManifest, type ImageManifest } from '../../src/oci/manifest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';

/** An image that is nowhere: its layers have these sizes, and digests of their position. */
export function imageOf(
  history: readonly HistoryEntry[],
  sizes: readonly number[],
  annotations: Readonly<Record<string, string>> = {},
): { readonly config: ImageConfig; readonly manifest: ImageManifest } {
  const digestAt = (at: number): string => `sha256:${String(at).repeat(64).slice(0, 64)}`;
  const manifest = buildManifest({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: digestAt(9), size: 2 },
    layers: sizes.map((size, at) => ({ mediaType: mediaTypes.layerGzip, digest: digestAt(at), size })),
    annotations,
  });
  if (manifest.kind !== 'image') throw new Error('an image was built as an index');
  return { config: parseImageConfig(Buffer.from(JSON.stringify({ history }))), manifest };
}
