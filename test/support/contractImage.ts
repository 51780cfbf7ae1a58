import { opens } from '../../src/content/bytes.ts';
import type { ImageStore } from '../../src/content/store.ts';
import { describe as describeBytes, type Descriptor } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { testIo } from './io.ts';

/** One image of the contract: the bytes of its three parts and the descriptor of its manifest. */
export interface ContractImage {
  readonly config: Uint8Array;
  readonly layer: Uint8Array;
  readonly manifest: Uint8Array;
  readonly descriptor: Descriptor;
}

/** The bytes of the one layer of every contract image. */
export const layer = Buffer.from('the bytes of a layer');
const config = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}');
export const layerDescriptor = describeBytes(layer, mediaTypes.layer);
const configDescriptor = describeBytes(config, mediaTypes.config);

/** An image manifest with odd white space, so that a store that writes JSON anew is found out. */
export function contractImage(members: Readonly<Record<string, unknown>> = {}): ContractImage {
  const json = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: configDescriptor,
    layers: [layerDescriptor],
    ...members,
  };
  const manifest = Buffer.from(`${JSON.stringify(json, null, ' \t')}\n\n`);
  return { config, layer, manifest, descriptor: describeBytes(manifest, mediaTypes.manifest) };
}

/** Pushes an image, blobs first, and tags it where a tag is given. */
export async function pushContractImage(store: ImageStore, image: ContractImage, ...tags: string[]): Promise<void> {
  await store.push(layerDescriptor, opens(image.layer), testIo());
  await store.push(configDescriptor, opens(image.config), testIo());
  await store.push(image.descriptor, opens(image.manifest), testIo());
  for (const tag of tags) await store.tag(image.descriptor, tag, testIo());
}
