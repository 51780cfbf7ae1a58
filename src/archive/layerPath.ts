import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';

/** Longest path of an entry, in bytes. */
export const maxPathBytes = 4096;

/**
 * The path of a layer entry for an absolute path in the image: no slash at either end, `''` for the root.
 * @throws OciError invalid-reference for a relative path, `..`, NUL, more than 4096 bytes, and names that mean a
 * deletion in a layer (`.wh.` prefix, image-spec layer.md)
 */
export function layerPath(to: string): string {
  if (!to.startsWith('/')) throw invalid(to, 'it is not absolute: start it with /');
  if (to.includes('\0')) throw invalid(to, 'it holds a NUL');
  const names = to.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw invalid(to, 'it holds ..');
  if (names.some(isWhiteout)) throw invalid(to, 'names that start with .wh. mean a deletion in a layer');
  const joined = names.join('/');
  if (Buffer.byteLength(joined) > maxPathBytes) throw invalid(to, `it is longer than ${maxPathBytes} bytes`);
  return joined;
}

/** True for a file name with the prefix that image-spec layer.md reserves for deletions. */
export function isWhiteout(name: string): boolean {
  return name.startsWith('.wh.');
}

function invalid(to: string, reason: string): OciError {
  return new OciError('invalid-reference', `${escapeText(to)} cannot be a path in an image: ${reason}.`);
}
