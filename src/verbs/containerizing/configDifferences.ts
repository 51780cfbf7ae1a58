import type { ConfigChange, ConfigChanges } from '../../api.ts';
import { configChanges } from '../../containerize/configChanges.ts';
import { fetchManifest, resolveManifest } from '../../content/bytes.ts';
import type { Io } from '../../content/store.ts';
import type { ImageManifest, Manifest } from '../../oci/manifest.ts';
import { isImageType } from '../../oci/mediaTypes.ts';
import { mutateConfig } from '../../operations/mutateConfig.ts';
import { fetchConfig } from '../../operations/platforms.ts';
import type { ChosenBase } from './chooseBase.ts';

/** What changes in the config, seen at the first image of the base. */
export async function configDifferences(
  { image, reader }: ChosenBase,
  changes: ConfigChanges,
  io: Io,
): Promise<readonly ConfigChange[]> {
  if (image === undefined || reader === undefined) return configChanges({}, mutateConfig({}, changes));
  const { manifest } = await resolveManifest(reader, image.identifier, io);
  const first = await firstImage(manifest, reader, io);
  const config = first === undefined ? undefined : await fetchConfig(reader, first, io);
  const before = config?.json['config'];
  return configChanges(before, mutateConfig(before, changes));
}

async function firstImage(
  manifest: Manifest,
  reader: NonNullable<ChosenBase['reader']>,
  io: Io,
): Promise<ImageManifest | undefined> {
  if (manifest.kind === 'image') return manifest;
  const child = manifest.manifests.find(
    ({ mediaType, platform }) => isImageType(mediaType) && platform?.os !== 'unknown',
  );
  const found = child === undefined ? undefined : await fetchManifest(reader, child, io);
  return found?.kind === 'image' ? found : undefined;
}
