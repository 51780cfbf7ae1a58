import type { Uri } from 'vscode';
import { placeOf } from '../browse/places.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { fileUri } from './fileUris.ts';

/** An image as a result names it: its reference, and the digest that this meant. */
export interface NamedImage {
  readonly reference: string;
  readonly digest: string;
}

/**
 * The address of a file of such an image, by its absolute path; of one layer's version with `layer` (from 0). Undefined where
 * the digest is none.
 */
export function imageFileUri({ reference, digest }: NamedImage, path: string, layer?: number): Uri | undefined {
  if (!isDigest(digest)) return undefined;
  const at: { readonly digest: Digest; readonly layer?: number } = layer === undefined ? { digest } : { digest, layer };
  const { registry, repository } = placeOf(reference);
  return fileUri({ registry, repository, ...at, path: path.replace(/^\/+/, '') });
}
