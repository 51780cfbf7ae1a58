import type { InefficientFile } from '../api.ts';
import type { LayerEntry, LayerIndex } from '../archive/layerIndex.ts';
import { isWhiteout } from '../archive/layerPath.ts';
import type { Io } from '../content/store.ts';
import { shownPath } from './fileNodes.ts';
import { inTurns, sortInTurns } from './inTurns.ts';
import { LayerTree, namesBelow, type TreeName, type VisitedName } from './layerTree.ts';

/** dive's figures of an image. */
export interface Efficiency {
  /** 0 to 1; 1 where there is nothing to score. */
  readonly efficiency: number;
  /** Bytes of all versions of the inefficient files. */
  readonly wastedBytes: number;
  /** Paths that layers bring or remove twice or more, most bytes first. */
  readonly inefficientFiles: readonly InefficientFile[];
}

/** What is known of a path: bytes of all of its versions, of the smallest one (-1 before the first), and their number. */
interface PathScore {
  readonly bytes: number;
  readonly min: number;
  readonly count: number;
}

/** By path; of a path with one version only its bytes. */
type Scores = Map<string, PathScore | number>;

const unseen: PathScore = { bytes: 0, min: -1, count: 0 };
/** A path with a whiteout's name, or in a directory of such a name. */
const removal = /(?:^|\/)\.wh\./;

/**
 * Scores an image as dive does (dive/filetree/efficiency.go), peculiarities included: of a file that is in two layers both
 * versions are waste; a removal counts what was removed only where that was a directory with an entry of its own in the last
 * layer that names it; a removal of what is not there ends the reading of its layer.
 */
export async function scoreEfficiency(layers: readonly LayerIndex[], io: Io): Promise<Efficiency> {
  const scores: Scores = new Map();
  const removing = await removingLayers(layers, io);
  const last = removing.lastIndexOf(true);
  let below: LayerTree | undefined;
  for (const [at, { entries }] of layers.entries()) {
    const tree = await LayerTree.of(entries, io);
    // Where nothing is removed the order makes no difference.
    if (removing[at] === true) await tree.sort(io);
    await scoreLayer(tree, below ?? tree, scores, io);
    // dive stacks onto a copy of the first layer, whose whiteouts stay in it as names.
    below ??= at < last ? await LayerTree.of(entries, io) : tree;
    if (at < last) await stack(below, tree, io);
  }
  return summed(scores, io);
}

/** True for each layer that removes something. */
async function removingLayers(layers: readonly LayerIndex[], io: Io): Promise<readonly boolean[]> {
  const removing: boolean[] = [];
  for (const { entries } of layers) {
    let found = false;
    const look = ({ path }: LayerEntry): void => {
      found ||= path.includes('.wh.') && removal.test(path);
    };
    await inTurns(entries, look, io);
    removing.push(found);
  }
  return removing;
}

async function scoreLayer(tree: LayerTree, below: LayerTree, scores: Scores, io: Io): Promise<void> {
  const known = new Map<TreeName, number>();
  let ended = false;
  const look = ({ node, trail }: VisitedName): void => {
    if (ended || node.children !== undefined) return;
    const removes = isWhiteout(node.name);
    const names = removes ? shownNames(trail) : trail;
    const path = removes || node.header === undefined ? names.join('/') : node.header.path;
    const score = scores.get(path);
    const bytes = removes ? removedBytes(below, names, known) : (node.header?.size ?? 0);
    if (bytes === undefined) ended = true;
    scores.set(path, score === undefined && bytes !== undefined ? bytes : counted(scoreOf(score), bytes));
  };
  await inTurns(namesBelow(tree.root), look, io);
}

/** Bytes that dive counts for a removal; undefined where the layers below have no such path. */
function removedBytes(below: LayerTree, names: readonly string[], known: Map<TreeName, number>): number | undefined {
  const removed = below.find(withoutEmpty(names));
  if (removed === undefined) return undefined;
  return removed.header?.type === 'directory' ? bytesOf(removed, known) : 0;
}

/** Bytes of a name and all below it; `known` keeps those of every directory, for one removal may be inside another. */
function bytesOf(node: TreeName, known: Map<TreeName, number>): number {
  const before = known.get(node);
  if (before !== undefined) return before;
  let bytes = node.header?.size ?? 0;
  for (const child of node.children?.values() ?? []) bytes += bytesOf(child, known);
  if (node.children !== undefined) known.set(node, bytes);
  return bytes;
}

async function stack(below: LayerTree, upper: LayerTree, io: Io): Promise<void> {
  await inTurns(
    namesBelow(upper.root),
    ({ node, trail }) => {
      if (isWhiteout(node.name)) below.remove(withoutEmpty(shownNames(trail)));
      else below.add(trail, node.header);
    },
    io,
  );
}

/** A path's names without the whiteout prefix of the last one; that is empty where there was nothing but the prefix. */
function shownNames(trail: readonly string[]): readonly string[] {
  const name = trail.at(-1) ?? '';
  return isWhiteout(name) ? [...trail.slice(0, -1), name.slice('.wh.'.length)] : trail;
}

function withoutEmpty(names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== '');
}

function scoreOf(score: PathScore | number | undefined): PathScore {
  return typeof score === 'number' ? { bytes: score, min: score, count: 1 } : (score ?? unseen);
}

/** The score with one more version; without bytes as it is. */
function counted({ bytes, min, count }: PathScore, more: number | undefined): PathScore {
  if (more === undefined) return { bytes, min, count };
  return { bytes: bytes + more, min: min < 0 ? more : Math.min(min, more), count: count + 1 };
}

async function summed(scores: Scores, io: Io): Promise<Efficiency> {
  const total = { min: 0, bytes: 0, wasted: 0 };
  const found: InefficientFile[] = [];
  await inTurns(
    scores,
    ([path, score]) => {
      const { min, bytes, count } = scoreOf(score);
      total.min += min;
      total.bytes += bytes;
      if (count < 2) return;
      total.wasted += bytes;
      found.push({ path: shownPath(path), count, bytes });
    },
    io,
  );
  const inefficientFiles = await sortInTurns(found, mostBytesFirst, io);
  // A path that was only removed without being there counts -1 for dive, which may leave less than nothing.
  const efficiency = total.bytes === 0 ? 1 : Math.max(0, total.min / total.bytes);
  return { efficiency, wastedBytes: total.wasted, inefficientFiles };
}

function mostBytesFirst(a: InefficientFile, b: InefficientFile): number {
  return b.bytes - a.bytes || (a.path < b.path ? -1 : 1);
}
