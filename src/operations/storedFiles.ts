import type { LayerIndex } from '../archive/layerIndex.ts';
import type { ContentPlace, FileNode } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import { nodesBelow } from './fileNodes.ts';
import { inTurns } from './inTurns.ts';
import { PlaceSet } from './placeSet.ts';

/** A file of the merged view: one of its names, with the place of its content. */
export interface StoredFile {
  readonly node: FileNode;
  readonly content: ContentPlace;
}

/** The files of a merged view. */
export interface StoredFiles {
  /** Each place of content once, by one of its names: the one that is no hard link where that is there. */
  readonly files: readonly StoredFile[];
  /** Of all of them, each once. */
  readonly bytes: number;
  /** Files by name: every hard link is one. */
  readonly names: number;
}

/** The files below `root`, hard-linked ones once. */
export async function storedFiles(root: FileNode, io: Io): Promise<StoredFiles> {
  const files: StoredFile[] = [];
  const links: StoredFile[] = [];
  const linked = new PlaceSet();
  const look = (node: FileNode): void => {
    const { content } = node;
    if (content === undefined) return;
    if (isFirstName(node, content)) files.push({ node, content });
    else if (linked.add(content)) links.push({ node, content });
    else names++;
  };
  let names = 0;
  await inTurns(nodesBelow(root), ({ node }) => look(node), io);
  names += files.length + links.length;
  // What is left in `linked` has no name but links.
  if (links.length > 0) await inTurns(files, ({ content }) => void linked.delete(content), io);
  for (const link of links) if (linked.has(link.content)) files.push(link);
  let bytes = 0;
  await inTurns(files, ({ content }) => void (bytes += content.entry.size), io);
  return { files, bytes, names };
}

/** True for the name that the entry of the content has, false for hard links to it. */
export function isFirstName(node: FileNode, content: ContentPlace): boolean {
  return node.entry === content.entry && node.layer === content.layer;
}

/** Uncompressed bytes of the files of a layer, those that a later entry of the same layer replaces too. */
export async function layerBytes({ entries }: LayerIndex, io: Io): Promise<number> {
  let bytes = 0;
  await inTurns(entries, ({ size }) => void (bytes += size), io);
  return bytes;
}
