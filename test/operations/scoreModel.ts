import type { LayerIndex } from '../../src/archive/layerIndex.ts';

interface Header {
  readonly size: number;
  readonly directory: boolean;
}

/** A tree as the paths that are in it, those of implied directories too. */
type Paths = Map<string, Header>;

const implied: Header = { size: 0, directory: false };

/** What `scoreEfficiency` must give, from plain maps of paths; slow, for it makes the layers below anew for every removal. */
export function modelScore(layers: readonly LayerIndex[]): {
  readonly score: number;
  readonly files: readonly string[];
} {
  const trees = layers.map(({ entries }) => {
    const paths: Paths = new Map();
    for (const { path, size, type } of entries) add(paths, path, { size, directory: type === 'directory' });
    return paths;
  });
  const versions = new Map<string, number[]>();
  for (const [at, tree] of trees.entries()) {
    for (const path of inOrder(tree).filter((each) => below(tree, each).length === 0)) {
      const shown = shownPath(path);
      const seen = versions.get(shown) ?? [];
      versions.set(shown, seen);
      const bytes = isRemoval(path) ? removedBytes(merged(trees, at), shown) : tree.get(path)?.size;
      if (bytes === undefined) break;
      seen.push(bytes);
    }
  }
  const lists = [...versions.values()];
  const least = lists.map((sizes) => (sizes.length === 0 ? -1 : Math.min(...sizes)));
  const all = sum(lists.flat());
  return {
    score: all === 0 ? 1 : sum(least) / all,
    files: [...versions].flatMap(([path, sizes]) =>
      sizes.length < 2 ? [] : [`/${path} ${sizes.length} ${sum(sizes)}`],
    ),
  };
}

/** The first layer as it is, and then every layer below `count` applied to that. */
function merged(trees: readonly Paths[], count: number): Paths {
  const paths: Paths = new Map(trees[0]);
  for (const tree of trees.slice(0, count)) {
    for (const path of inOrder(tree)) {
      if (!isRemoval(path)) add(paths, path, tree.get(path) ?? implied);
      else {
        const removed = plain(shownPath(path));
        for (const each of removed === '' ? [] : [removed, ...below(paths, removed)]) paths.delete(each);
      }
    }
  }
  return paths;
}

function add(paths: Paths, path: string, header: Header): void {
  const names = path.split('/');
  for (const at of names.keys()) {
    const upTo = names.slice(0, at + 1).join('/');
    if (!paths.has(upTo) && names[at]?.startsWith('.wh..wh..') === true) return;
    if (!paths.has(upTo)) paths.set(upTo, implied);
  }
  paths.set(path, header);
}

function removedBytes(paths: Paths, shown: string): number | undefined {
  const path = plain(shown);
  if (path === '') return 0;
  const found = paths.get(path);
  if (found?.directory !== true) return found === undefined ? undefined : 0;
  return sum([path, ...below(paths, path)].map((each) => paths.get(each)?.size ?? 0));
}

function below(paths: Paths, path: string): readonly string[] {
  return [...paths.keys()].filter((each) => each.startsWith(`${path}/`));
}

/** By the bytes of the names; what is in a directory comes before it. */
function inOrder(paths: Paths): readonly string[] {
  return [...paths.keys()].sort((a, b) => {
    const [left, right] = [a.split('/'), b.split('/')];
    for (const [at, name] of left.entries()) {
      const other = right[at];
      if (other === undefined) return -1;
      if (name !== other) return Buffer.compare(Buffer.from(name), Buffer.from(other));
    }
    return 1;
  });
}

function isRemoval(path: string): boolean {
  return /(?:^|\/)\.wh\.[^/]*$/.test(path);
}

function shownPath(path: string): string {
  return path.replace(/(^|\/)\.wh\.([^/]*)$/, '$1$2');
}

function plain(path: string): string {
  return path.replace(/\/$/, '');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
