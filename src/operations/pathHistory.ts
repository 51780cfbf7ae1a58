import type { Change, ContentPlace, LayerChange } from '../archive/fileNode.ts';
import { namesOf } from '../archive/followPath.ts';
import type { LayerEntry } from '../archive/layerIndex.ts';
import type { LayerStack } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import type { ImageFiles } from './imageFiles.ts';

/** What one layer did to a path. */
export interface PathVersion {
  /** From 0. */
  readonly layer: number;
  readonly change: Change;
  /** The layer's own entry; for a removal its whiteout, or what took the place of the path or a parent. */
  readonly entry: LayerEntry;
  /** The history line of the layer. */
  readonly createdBy: string | undefined;
  /** Of files and hard links to files: where the bytes are. */
  readonly content?: ContentPlace;
}

/**
 * Every layer that touched a path, the lowest first; none for a path that never was. A layer that removed or replaced a
 * parent removed the path. A path through symbolic links is the one that it leads to where it has no history of its own.
 */
export async function pathHistory(files: ImageFiles, path: string, io: Io): Promise<readonly PathVersion[]> {
  const stack = await files.filesystem({}, io);
  const text = namesOf(path).join('/');
  const versions = await versionsOf(files, text, io);
  const real = versions.length > 0 ? text : realPath(stack, text);
  return real === text ? versions : versionsOf(files, real, io);
}

async function versionsOf(files: ImageFiles, path: string, io: Io): Promise<readonly PathVersion[]> {
  const versions: PathVersion[] = [];
  const { createdBy } = files;
  for (const layer of files.manifest.layers.keys()) {
    const found = changeOf(await files.changes(layer, {}, io), path);
    if (found === undefined) continue;
    const isNew = (versions.at(-1)?.change ?? 'removed') === 'removed';
    const change = found.path === path ? found.change : 'removed';
    if (change === 'removed' && isNew) continue;
    const { entry, content } = found;
    const place = content === undefined || change === 'removed' ? {} : { content };
    versions.push({ layer, change, entry, createdBy: createdBy[layer], ...place });
  }
  return versions;
}

/** The change of the path itself or, where there is none, the one that took away a parent of it. */
function changeOf(changes: readonly LayerChange[], path: string): LayerChange | undefined {
  let parent: LayerChange | undefined;
  for (const change of changes) {
    if (change.path === path) return change;
    if (path.startsWith(`${change.path}/`) && takesAway(change)) parent = change;
  }
  return parent;
}

function takesAway({ change, entry }: LayerChange): boolean {
  return change === 'removed' || entry.type !== 'directory';
}

/** The path with the links in its parents followed, as the image is now. */
function realPath(stack: LayerStack, path: string): string {
  const slash = path.lastIndexOf('/');
  try {
    const parent = stack.resolve(path.slice(0, Math.max(0, slash)));
    return parent.path === '' ? path.slice(slash + 1) : `${parent.path}/${path.slice(slash + 1)}`;
  } catch (error) {
    if (isOciError(error)) return path;
    throw error;
  }
}
