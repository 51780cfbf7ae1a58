import { nameOfVisible, visibleName } from '../browse/pathNames.ts';
import { type Place, placeOfSegment, placeSegment } from '../browse/places.ts';
import type { Digest } from '../oci/digest.ts';
import { isDigest } from '../oci/digest.ts';

/** Most characters of such a path: longer ones name nothing. */
const maxLength = 32_768;

/** A path of an image as an address names it. */
export interface FileAddress extends Place {
  /** Of the image's manifest. */
  readonly digest: Digest;
  /** From 0, for one layer's version; absent for the merged view. */
  readonly layer?: number;
  /** As in a layer's index, without slashes at its ends; `''` is the root. */
  readonly path: string;
}

/** `/team/app@sha256:…/rootfs/etc/passwd` or `/team/app@sha256:…/layer-3/etc/passwd`: an address without its registry. */
export function filePath({ digest, layer, path, ...place }: FileAddress): string {
  const root = layer === undefined ? 'rootfs' : `layer-${layer}`;
  return `/${placeSegment(place)}@${digest}/${root}${path === '' ? '' : `/${visibleName(path)}`}`;
}

/** Reads such a path; undefined for every other one, whatever it looks like: there is one spelling for each file. */
export function parseFilePath(registry: string, path: string): FileAddress | undefined {
  if (path.length > maxLength) return undefined;
  const match =
    /^\/([^@]{1,16384})@(sha(?:256|512):[a-f0-9]{64,128})\/(?:rootfs|layer-(0|[1-9]\d{0,5}))(?:\/([^]*))?$/.exec(path);
  if (match === null) return undefined;
  const [, segment = '', digest, layer, below] = match;
  const place = placeOfSegment(registry, segment);
  const name = nameOfVisible(below ?? '');
  if (place === undefined || !isDigest(digest) || name === undefined) return undefined;
  if (below !== undefined && name.split('/').some((part) => part === '' || part === '.' || part === '..'))
    return undefined;
  return { ...place, digest, ...(layer === undefined ? {} : { layer: Number(layer) }), path: name };
}
