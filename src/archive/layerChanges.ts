import { type Change, type FileNode, type LayerChange, statOf } from './fileNode.ts';
import type { LayerPass } from './layerPass.ts';
import type { LayerEntry } from './layerIndex.ts';
import type { Touch } from './touches.ts';

/**
 * What a layer did, once all of it is applied: a change for each path of its entries, and for each path that it removed and
 * did not bring back; what was in a removed directory is not listed. Yields undefined where there is nothing to say.
 */
export function* changesOf(pass: LayerPass): Generator<LayerChange | undefined, void, undefined> {
  for (const [path, touch] of pass.touches) {
    const node = pass.undid && nodeAt(pass.root, path) !== touch.node ? undefined : touch.node;
    if (node === undefined) {
      yield removal(pass, path, touch);
      continue;
    }
    if (touch.entry !== undefined) yield change(path, touch.entry, node, touch.before);
    yield* lostChildren(pass, path, touch, node);
  }
}

/** The node at a path, no links followed. */
export function nodeAt(root: FileNode, path: string): FileNode | undefined {
  let node: FileNode | undefined = root;
  if (path !== '') for (const name of path.split('/')) node = node?.children?.get(name);
  return node;
}

function removal(pass: LayerPass, path: string, touch: Touch): LayerChange | undefined {
  const seen = touch.before !== undefined && nodeAt(pass.root, parentOf(path))?.children !== undefined;
  const entry = touch.hidden || seen ? culprit(pass, path) : undefined;
  if (entry === undefined) return undefined;
  return { path, change: 'removed', entry, ...(touch.before === undefined ? {} : { before: touch.before }) };
}

/** What removed what the layers below had at a path: something that names it, or the nearest directory above it. */
function culprit({ touches }: LayerPass, path: string): LayerEntry | undefined {
  for (let at = path; at !== ''; at = parentOf(at)) {
    const entry = touches.get(at)?.removedBy;
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function change(path: string, entry: LayerEntry, node: FileNode, before: FileNode | undefined): LayerChange {
  return {
    path,
    change: kindOf(node, before),
    entry,
    ...(before === undefined ? {} : { before }),
    ...(node.content === undefined ? {} : { content: node.content }),
  };
}

/** What was in a directory that was removed and made again, but for what is there again: that has its own touches. */
function* lostChildren(
  pass: LayerPass,
  path: string,
  { before }: Touch,
  node: FileNode,
): Generator<LayerChange | undefined, void, undefined> {
  if (before?.children === undefined || node.children === undefined || before.children === node.children) return;
  const entry = culprit(pass, path);
  if (entry === undefined) return;
  for (const child of before.children.values()) {
    const isListed = pass.touches.get(child.path) !== undefined;
    yield isListed ? undefined : { path: child.path, change: 'removed', entry, before: child };
  }
}

function kindOf(node: FileNode, before: FileNode | undefined): Change {
  if (before === undefined) return 'added';
  return isSame(node, before) ? 'unchanged' : 'modified';
}

/** Compares all but times. Where a digest is not known, files are only the same when they are one, or empty. */
function isSame(node: FileNode, before: FileNode): boolean {
  const [now, then] = [statOf(node), statOf(before)];
  return (
    now.type === then.type &&
    now.size === then.size &&
    now.mode === then.mode &&
    now.uid === then.uid &&
    now.gid === then.gid &&
    now.linkname === then.linkname &&
    hasSameContent(node, before) &&
    hasSameDetails(node, before)
  );
}

function hasSameContent(node: FileNode, before: FileNode): boolean {
  const [now, then] = [node.content?.entry, before.content?.entry];
  if (now === then || now?.size === 0) return true;
  return now?.digest !== undefined && now.digest === then?.digest;
}

/** Compares device numbers and extended attributes; few entries have them. */
function hasSameDetails(node: FileNode, before: FileNode): boolean {
  const [now, then] = [node.content?.entry ?? node.entry, before.content?.entry ?? before.entry];
  return (
    now?.device?.major === then?.device?.major &&
    now?.device?.minor === then?.device?.minor &&
    hasSameXattrs(now?.xattrs ?? {}, then?.xattrs ?? {})
  );
}

function hasSameXattrs(now: Readonly<Record<string, string>>, then: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(now);
  return names.length === Object.keys(then).length && names.every((name) => now[name] === then[name]);
}
