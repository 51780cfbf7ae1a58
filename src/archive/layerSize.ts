import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import type { TreeEntry } from './treeEntry.ts';

/** Most bytes of content one layer may have, and so one file: more than large registries take. */
export const maxLayerBytes = 64 * 2 ** 30;
const shown = 5;

/** @throws OciError too-large, naming the largest files, where entries have more content than a layer may have */
export function checkSize(entries: readonly TreeEntry[]): void {
  const files = entries.filter((entry) => entry.kind === 'file');
  const total = files.reduce((sum, { source }) => sum + source.size, 0);
  if (total <= maxLayerBytes) return;
  const largest = files.toSorted((a, b) => b.source.size - a.source.size).slice(0, shown);
  const named = largest.map(({ path, source }) => `${escapeText(`/${path}`)} (${gibibytes(source.size)})`);
  throw new OciError(
    'too-large',
    `the files have ${gibibytes(total)}, a layer may have ${gibibytes(maxLayerBytes)}. The largest: ${named.join(', ')}. Leave some out, such as by lines in .dockerignore, or put them into layers of their own.`,
  );
}

/** Such as `1.5 GiB`. */
export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1).replace('.0', '')} GiB`;
}
