import type { Layers } from '../archive/layers.ts';
import type { Io } from '../content/store.ts';
import { ImageFiles } from '../operations/imageFiles.ts';
import type { InspectOptions } from '../operations/inspect.ts';
import type { BrowsedStore } from './access.ts';
import { ImageFolder } from './imageFolder.ts';

/** The folders of an image: its manifest and config are read, its layers not yet. @throws OciError not-found, … */
export async function openFolder(
  store: BrowsedStore,
  identifier: string,
  options: InspectOptions,
  layers: Layers,
  io: Io,
): Promise<ImageFolder> {
  return new ImageFolder(await ImageFiles.open(store, identifier, options, layers, io));
}
