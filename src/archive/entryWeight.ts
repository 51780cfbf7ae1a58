import type { LayerEntry } from './layerIndex.ts';

/** Characters of names, links and attributes that an entry may have before it counts as two, three, … entries. */
const usualText = 256;
/** What a piece of a sparse file counts as, and a part of a file in the blob, in characters. */
const [pieceText, chunkText] = [32, 128];

/** How many entries of usual length would take as much memory. */
export function weightOf(entry: LayerEntry): number {
  return 1 + Math.floor(textLength(entry) / usualText);
}

function textLength({ path, linkname = '', unsafe = '', xattrs, fragments = [], chunks = [] }: LayerEntry): number {
  const pieces = fragments.length * pieceText + chunks.length * chunkText;
  let length = path.length + linkname.length + unsafe.length + pieces;
  if (xattrs !== undefined) for (const [name, value] of Object.entries(xattrs)) length += name.length + value.length;
  return length;
}
