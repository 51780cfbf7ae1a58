import type { CompareImagesResult, RunOptions } from '../api.ts';
import type { IndexOptions } from '../archive/layers.ts';
import { formatPlatform } from '../oci/platform.ts';
import { compareImages } from '../operations/compareImages.ts';
import type { ImageFiles } from '../operations/imageFiles.ts';
import { mapParallel } from '../operations/parallel.ts';
import { type NamedFiles, openFiles } from './openFiles.ts';
import { OptionReader } from './options.ts';
import type { Verb } from './verb.ts';

/** `compareImages {left, right, platform?}`: two platforms of one index are compared by the digests of their images. */
export const compareImagesVerb: Verb<CompareImagesResult> = async (value, context, run, io) => {
  const options = new OptionReader('compareImages', value);
  for (const name of sideNames) options.text(name);
  const open = async (name: string, inner: typeof io): Promise<NamedFiles> => openFiles(options, context, inner, name);
  const [left, right] = await mapParallel(sideNames, 2, open, io);
  if (left === undefined || right === undefined) throw new Error('mapParallel gives a result for each item');
  const reading = readingProgress([left.files, right.files], run);
  const differences = await compareImages(left.files, right.files, { reading }, io);
  return { left: sideOf(left), right: sideOf(right), ...differences };
};

const sideNames = ['left', 'right'] as const;

function sideOf({ reference, files }: NamedFiles): CompareImagesResult['left'] {
  const platform = files.config?.platform;
  return {
    reference,
    digest: files.descriptor.digest,
    platform: platform === undefined ? null : formatPlatform(platform),
  };
}

/** Reports the bytes of the layers that are read, of all that there are; a layer of both images counts once. */
function readingProgress(images: readonly ImageFiles[], { onProgress }: RunOptions): IndexOptions {
  if (onProgress === undefined) return {};
  const sizes = new Map(images.flatMap(({ manifest }) => manifest.layers.map(({ digest, size }) => [digest, size])));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let read = 0;
  const report = (bytes: number): void => {
    read = Math.min(total, read + bytes);
    onProgress({ message: 'Reading layers', bytes: read, total });
  };
  return { onBytes: report };
}
