import type { ImageStore, Io } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { type TarMember, tarOfMembers } from './archives.ts';
import { putContent, putJson } from './seededImage.ts';

/** What the layers of an image hold, the lowest first. */
export type ImageMembers = readonly (readonly TarMember[])[];

/** Stores an image of such layers, uncompressed, and tags it. Returns the descriptor of its manifest. */
export async function putTarImage(store: ImageStore, tag: string, image: ImageMembers, io: Io): Promise<Descriptor> {
  const layers: Descriptor[] = [];
  for (const members of image) layers.push(await putContent(store, tarOfMembers(members), mediaTypes.layer, io));
  const config = {
    os: 'linux',
    architecture: 'amd64',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map((_, at) => ({ created_by: `COPY layer-${at} /` })),
  };
  const bytes = Buffer.from(JSON.stringify(config));
  const manifest = await putJson(
    store,
    {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: await putContent(store, bytes, mediaTypes.config, io),
      layers,
    },
    io,
  );
  await store.tag(manifest, tag, io);
  return manifest;
}
