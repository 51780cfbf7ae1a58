import { setImmediate } from 'node:timers/promises';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import type { FileNode, LayerChange } from './fileNode.ts';
import { followNames, namesOf, opening } from './followPath.ts';
import { changesOf, nodeAt } from './layerChanges.ts';
import type { LayerIndex } from './layerIndex.ts';
import { LayerPass } from './layerPass.ts';
import { LayerProblems } from './layerProblems.ts';
import type { PassBudget } from './parents.ts';
import { emptyRoot } from './treeNode.ts';

export type { Change, ContentPlace, FileNode, FileStat, LayerChange } from './fileNode.ts';
export { sizeOf, statOf } from './fileNode.ts';

/** Entries, or as much other work, between two chances for others to run. */
const batch = 2000;

/** The files of an image as a container sees them: layers applied one after the other. */
export class LayerStack {
  readonly #changes: (readonly LayerChange[])[] = [];
  readonly #problems: string[] = [];
  readonly #budget: PassBudget = { linkNames: 32_000_000, implied: 500_000 };
  #root = emptyRoot();

  get root(): FileNode {
    return this.#root;
  }

  /** Sentences about what an unpacker would refuse, or do otherwise than its author thought. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** What each layer did. */
  get changes(): readonly (readonly LayerChange[])[] {
    return this.#changes;
  }

  /**
   * Applies the next layer as image-spec layer.md says, and unpackers that keep to it do. Returns what it did: a change
   * for each path of its entries and for each path that it removed. One call at a time; once begun it is not cancelled.
   */
  async apply(index: LayerIndex, io: Io): Promise<readonly LayerChange[]> {
    io.signal.throwIfAborted();
    const layer = this.#changes.length;
    const problems = new LayerProblems(layer);
    const pass = new LayerPass(this.#root, layer, this.#budget, problems);
    let work = 0;
    for (const entry of index.entries) {
      work += pass.add(entry);
      while (pass.goOn()) await pause();
      if (work >= batch) work = await pause();
    }
    this.#root = pass.root;
    const changes: LayerChange[] = [];
    for (const change of changesOf(pass)) {
      if (change !== undefined) changes.push(change);
      if (++work >= batch) work = await pause();
    }
    this.#problems.push(...problems.sentences);
    this.#changes.push(changes);
    return changes;
  }

  /** What is at a path, no links followed; `..` stays inside the root. */
  get(path: string): FileNode | undefined {
    return nodeAt(this.#root, namesOf(path).join('/'));
  }

  /**
   * What a path leads to, symbolic links followed inside the image.
   * @throws OciError not-found, naming the part that is missing; invalid-reference for more than 40 links
   */
  resolve(path: string): FileNode {
    const what = escapeText(`/${namesOf(path).join('/')}`);
    const followed = followNames(this.#root, namesOf(path), opening);
    if (followed === undefined) {
      throw new OciError('invalid-reference', `${what} is a link loop: more than ${opening.links} symbolic links.`);
    }
    const { directories, end, missing } = followed;
    const last = end ?? directories.at(-1) ?? this.#root;
    const [name] = missing;
    if (name === undefined) return last;
    const where = end === undefined ? `there is no ${escapeText(name)} in` : 'no directory is at';
    throw new OciError('not-found', `${what} is not in the image: ${where} ${escapeText(`/${last.path}`)}.`);
  }

  /** Every node: the root, then what is in it, depth first, names in order. */
  *walk(): Generator<FileNode, void, undefined> {
    const todo: FileNode[] = [this.#root];
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      yield node;
      if (node.children === undefined) continue;
      for (const name of [...node.children.keys()].sort().reverse()) {
        const child = node.children.get(name);
        if (child !== undefined) todo.push(child);
      }
    }
  }
}

async function pause(): Promise<0> {
  await setImmediate();
  return 0;
}
