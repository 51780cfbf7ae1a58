import { setImmediate } from 'node:timers/promises';
import type { ChangedFile, ComparedFile } from '../api.ts';
import { type FileNode, type LayerStack, sizeOf, statOf } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import type { ContentComparer } from './contentComparer.ts';
import { fileEntry } from './fileEntries.ts';
import { shownPath } from './fileNodes.ts';
import { inTurns, sortInTurns } from './inTurns.ts';
import { forEachParallel } from './parallel.ts';

/** How the files of two images differ; each list in the order of its paths. */
export interface FileDifferences {
  readonly added: readonly ComparedFile[];
  readonly removed: readonly ComparedFile[];
  readonly changed: readonly ChangedFile[];
}

/** Files whose contents are read at the same time. */
const parallelReads = 2;
/** Files between two chances for others to run. */
const batch = 500;

type Difference = ChangedFile['differences'][number];

/** What is at one path; at least one side has something. */
interface Pair {
  readonly left?: FileNode | undefined;
  readonly right?: FileNode | undefined;
}

/** A path that both sides have, and what is known to differ. */
interface Compared {
  readonly left: FileNode;
  readonly right: FileNode;
  readonly differences: readonly Difference[];
}

/**
 * Compares what containers of two images see. Hard links are the files that they name, times do not count, a directory
 * is changed where its own mode or owner is, and a removed directory is listed with everything that was in it.
 */
export async function compareFiles(
  left: LayerStack,
  right: LayerStack,
  contents: ContentComparer,
  io: Io,
): Promise<FileDifferences> {
  const [added, removed]: [ComparedFile[], ComparedFile[]] = [[], []];
  const changed: Compared[] = [];
  const unknown: Compared[] = [];
  const look = (pair: Pair): void => {
    if (pair.left === undefined) {
      if (pair.right !== undefined) added.push(comparedFile(pair.right));
    } else if (pair.right === undefined) removed.push(comparedFile(pair.left));
    else {
      const differences = differencesOf(pair.left, pair.right);
      const compared = { left: pair.left, right: pair.right, differences };
      const same = sameContent(compared, contents);
      if (same === undefined) unknown.push(compared);
      else if (!same) changed.push({ ...compared, differences: [...differences, 'content'] });
      else if (differences.length > 0) changed.push(compared);
    }
  };
  await inTurns(pairs(left.root, right.root), look, io);
  const read = await readUnknown(unknown, contents, io);
  const entries: ChangedFile[] = [];
  for (const list of [changed, read]) {
    await inTurns(list, (compared) => void entries.push(changedFile(compared)), io);
  }
  return {
    added: await sortInTurns(added, byPath, io),
    removed: await sortInTurns(removed, byPath, io),
    changed: await sortInTurns(entries, byPath, io),
  };
}

/** Every path of both sides once, in no particular order. */
function* pairs(left: FileNode, right: FileNode): Generator<Pair, void, undefined> {
  const todo: Pair[] = [{ left, right }];
  for (let pair = todo.pop(); pair !== undefined; pair = todo.pop()) {
    yield pair;
    for (const below of childPairs(pair)) {
      if (below.left?.children === undefined && below.right?.children === undefined) yield below;
      else todo.push(below);
    }
  }
}

function* childPairs({ left, right }: Pair): Generator<Pair, void, undefined> {
  for (const [name, child] of left?.children ?? []) yield { left: child, right: right?.children?.get(name) };
  for (const [name, child] of right?.children ?? []) if (left?.children?.has(name) !== true) yield { right: child };
}

/** All differences but that of the files' content. */
function differencesOf(left: FileNode, right: FileNode): readonly Difference[] {
  const [before, after] = [statOf(left), statOf(right)];
  const found: Difference[] = [];
  if (before.type !== after.type) found.push('type');
  else if (deviceOf(left) !== deviceOf(right)) found.push('device');
  // The mode of a symbolic link means nothing: it is 0777 on Linux whatever the tar says.
  const isLink = before.type === 'symlink' || after.type === 'symlink';
  if (before.mode !== after.mode && !isLink) found.push('mode');
  if (before.uid !== after.uid || before.gid !== after.gid) found.push('owner');
  if (before.type === after.type && before.linkname !== after.linkname) found.push('linkname');
  if (xattrsOf(left) !== xattrsOf(right)) found.push('xattrs');
  return found;
}

function deviceOf({ entry }: FileNode): string {
  return `${entry?.device?.major ?? 0}:${entry?.device?.minor ?? 0}`;
}

/** The extended attributes as one text, whatever their order; of a hard link those of its file. */
function xattrsOf({ entry, content }: FileNode): string {
  const { xattrs } = content?.entry ?? entry ?? {};
  if (xattrs === undefined) return '[]';
  return JSON.stringify(Object.entries(xattrs).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Whether two files have the same content, undefined where it has to be read; true for everything but two files. */
function sameContent({ left, right }: Compared, contents: ContentComparer): boolean | undefined {
  return left.content === undefined || right.content === undefined ? true : contents.known(left.content, right.content);
}

/** Those that differ, with what does. */
async function readUnknown(
  unknown: readonly Compared[],
  contents: ContentComparer,
  io: Io,
): Promise<readonly Compared[]> {
  const changed: Compared[] = [];
  let done = 0;
  const compare = async (compared: Compared, inner: Io): Promise<void> => {
    // Where the limits are reached nothing waits for input or output any more.
    if (++done % batch === 0) await setImmediate();
    const { left, right, differences } = compared;
    if (left.content === undefined || right.content === undefined) return;
    const same = await contents.same(left.content, right.content, inner);
    if (!same) changed.push({ ...compared, differences: [...differences, 'content'] });
    else if (differences.length > 0) changed.push(compared);
  };
  await forEachParallel(unknown, parallelReads, compare, io);
  return changed;
}

function comparedFile(node: FileNode): ComparedFile {
  return { path: shownPath(node.path), type: statOf(node).type, size: sizeOf(node) };
}

function changedFile({ left, right, differences }: Compared): ChangedFile {
  const order = differenceOrder.filter((difference) => differences.includes(difference));
  return { path: shownPath(left.path), before: fileEntry(left), after: fileEntry(right), differences: order };
}

const differenceOrder: readonly Difference[] = ['type', 'content', 'device', 'mode', 'owner', 'linkname', 'xattrs'];

function byPath(one: { readonly path: string }, other: { readonly path: string }): number {
  return one.path < other.path ? -1 : one.path > other.path ? 1 : 0;
}
