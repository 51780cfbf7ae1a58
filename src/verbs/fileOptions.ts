import type { IndexOptions } from '../archive/layers.ts';
import type { RunOptions } from '../api.ts';
import { OciError } from '../errors.ts';
import type { ImageFiles } from '../operations/imageFiles.ts';
import type { OptionReader } from './options.ts';

/** The option `layer`: a position from 0 or a digest; undefined where absent. @throws OciError invalid-reference */
export function layerOption(options: OptionReader): number | string | undefined {
  const layer = options.raw('layer');
  if (layer === undefined || layer === null) return undefined;
  if (typeof layer === 'string' || typeof layer === 'number') return layer;
  throw new OciError('invalid-reference', 'the option layer must be a position from 0 or the digest of a layer.');
}

/** A path of an image without slashes at its ends; `''` is the root. `..` stays inside the root. */
export function pathOption(options: OptionReader): string {
  const names: string[] = [];
  for (const name of (options.optionalText('path') ?? '/').split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names.join('/');
}

/** Reports the bytes of the layers that are read, of all that there are. */
export function layerProgress({ manifest }: ImageFiles, { onProgress }: RunOptions): IndexOptions {
  if (onProgress === undefined) return {};
  const total = manifest.layers.reduce((sum, { size }) => sum + size, 0);
  let read = 0;
  return { onBytes: (bytes) => onProgress({ message: 'Reading layers', bytes: (read += bytes), total }) };
}
