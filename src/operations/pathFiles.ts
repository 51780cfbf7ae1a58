import type { IndexOptions } from '../archive/layers.ts';
import type { ContentPlace, LayerChange } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { shownPath } from './fileNodes.ts';
import type { ImageFiles } from './imageFiles.ts';
import { inTurns } from './inTurns.ts';
import { storedFiles } from './storedFiles.ts';

/** A file by one of its names, with the place of its content. */
export interface PathFile extends ContentPlace {
  readonly path: string;
}

/** Which files of an image are meant. */
export interface PathChoice {
  /** One layer's own files (its position from 0) instead of those that a container sees. */
  readonly layer?: number;
  /** Only this path and what is below it. Default: everything. */
  readonly path?: string;
}

/**
 * The files of an image at and below a path, hard-linked ones once.
 * @throws OciError not-found where nothing is at the path
 */
export async function filesBelow(
  files: ImageFiles,
  { layer, path = '' }: PathChoice,
  options: IndexOptions,
  io: Io,
): Promise<readonly PathFile[]> {
  if (layer !== undefined) return ownFiles(files, layer, path, options, io);
  const top = (await files.filesystem(options, io)).resolve(path);
  if (top.content !== undefined) return [{ ...top.content, path: top.path }];
  const stored = await storedFiles(top, io);
  return stored.files.map(({ node, content }) => ({ ...content, path: node.path }));
}

/** The files that a layer itself brings. */
async function ownFiles(
  files: ImageFiles,
  layer: number,
  top: string,
  options: IndexOptions,
  io: Io,
): Promise<readonly PathFile[]> {
  const wanted: PathFile[] = [];
  let isThere = top === '';
  const look = ({ path, change, entry }: LayerChange): void => {
    if (top !== '' && path !== top && !path.startsWith(`${top}/`)) return;
    isThere = true;
    if (change !== 'removed' && entry.type === 'file') wanted.push({ layer, entry, path });
  };
  await inTurns(await files.changes(layer, options, io), look, io);
  if (isThere) return wanted;
  throw new OciError('not-found', `there is no ${escapeText(shownPath(top))} in layer ${layer}.`);
}
