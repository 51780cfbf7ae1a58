import type { ContentSource, Io } from '../content/store.ts';
import type { ImageManifest } from '../oci/manifest.ts';
import { dockerfileOf } from '../operations/dockerfileOf.ts';
import { historyText, imageHistory } from '../operations/history.ts';
import { fetchConfig } from '../operations/platforms.ts';

/** How an image was made, as a table or as a Dockerfile would say it; undefined for an artifact. @throws OciError of the store */
export async function historyDocument(
  store: ContentSource,
  manifest: ImageManifest,
  kind: 'history' | 'dockerfile',
  io: Io,
): Promise<string | undefined> {
  const config = await fetchConfig(store, manifest, io);
  if (config === undefined) return undefined;
  return kind === 'history' ? historyText(imageHistory(config, manifest)) : dockerfileOf(config, manifest);
}
