import type { LayerEntry } from '../archive/layerIndex.ts';
import type { Io } from '../content/store.ts';
import { inTurns, sortInTurns } from './inTurns.ts';

/** What dive keeps of one tar header. */
export type TreeHeader = Pick<LayerEntry, 'path' | 'size' | 'type'>;

/** A name in a `LayerTree`. */
export interface TreeName {
  readonly name: string;
  /** Undefined for a directory that only a path below it implies. */
  header: TreeHeader | undefined;
  children: Map<string, TreeName> | undefined;
}

/** A name with where it is: the names from the root to it. */
export interface VisitedName {
  readonly node: TreeName;
  readonly trail: readonly string[];
}

const opaquePrefix = '.wh..wh..';
/** Names of a directory that are sorted at once. */
const small = 1024;

/**
 * A tree of names as dive builds one for each layer and for layers on each other (dive/filetree/file_tree.go). It is not what
 * unpackers make: a file in the place of a directory keeps what was below, and whiteouts are names like others.
 */
export class LayerTree {
  readonly root: TreeName = { name: '', header: undefined, children: undefined };

  /** The tree of one layer; not sorted. */
  static async of(entries: readonly LayerEntry[], io: Io): Promise<LayerTree> {
    const tree = new LayerTree();
    const directories = new Map([['', tree.root]]);
    const add = (entry: LayerEntry): void => {
      const slash = entry.path.lastIndexOf('/');
      const directory = directories.get(slash < 0 ? '' : entry.path.slice(0, slash));
      // The root's own header is none that dive keeps.
      if (entry.path === '') return;
      if (directory !== undefined) addChild(directory, entry.path.slice(slash + 1), entry);
      else {
        tree.add(entry.path.split('/'), entry);
        const made = tree.find(entry.path.slice(0, slash).split('/'));
        if (made !== undefined) directories.set(entry.path.slice(0, slash), made);
      }
    };
    await inTurns(entries, add, io);
    return tree;
  }

  /** Gives a path its header; implies its parents. Opaque markers, and what is below such a name, are left out. */
  add(names: readonly string[], header: TreeHeader | undefined): void {
    let node: TreeName | undefined = this.root;
    for (const [at, name] of names.entries()) {
      node =
        at === names.length - 1 ? addChild(node, name, header) : (node.children?.get(name) ?? newChild(node, name));
      if (node === undefined) return;
    }
  }

  find(names: readonly string[]): TreeName | undefined {
    let node: TreeName | undefined = this.root;
    for (const name of names) node = node?.children?.get(name);
    return node;
  }

  /** Takes a path and all below it away; the root stays. */
  remove(names: readonly string[]): void {
    const name = names.at(-1);
    const parent = name === undefined ? undefined : this.find(names.slice(0, -1));
    if (name !== undefined) parent?.children?.delete(name);
    if (parent?.children?.size === 0) parent.children = undefined;
  }

  /** Puts the names of every directory into the order of their bytes, in which dive visits them. */
  async sort(io: Io): Promise<void> {
    const large: TreeName[] = [];
    const sortNode = (node: TreeName): void => {
      if ((node.children?.size ?? 0) > small) large.push(node);
      else if (!isSorted(node.children)) node.children = sorted(keyed(node).sort(compareKeys));
    };
    await inTurns(namesBelow(this.root), ({ node }) => sortNode(node), io);
    sortNode(this.root);
    for (const node of large) node.children = sorted(await sortInTurns(keyed(node), compareKeys, io));
  }
}

/**
 * Everything below a name but not itself; what is in a directory comes before the directory. What is yielded is used anew for
 * the next one.
 */
export function* namesBelow(top: TreeName): Generator<VisitedName, void, undefined> {
  const trail: string[] = [];
  const visited = { node: top, trail };
  const open = [{ node: top, rest: childrenOf(top) }];
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const next = last.rest.next();
    if (next.done !== true) {
      trail.push(next.value.name);
      if (next.value.children !== undefined) {
        open.push({ node: next.value, rest: childrenOf(next.value) });
        continue;
      }
      visited.node = next.value;
      yield visited;
    } else {
      open.pop();
      if (last.node === top) return;
      visited.node = last.node;
      yield visited;
    }
    trail.pop();
  }
}

function childrenOf({ children = new Map<string, TreeName>() }: TreeName): Iterator<TreeName, undefined> {
  return children.values();
}

/** The child with its new header; undefined for an opaque marker, which dive leaves out. */
function addChild(parent: TreeName, name: string, header: TreeHeader | undefined): TreeName | undefined {
  const child = parent.children?.get(name) ?? newChild(parent, name);
  if (child !== undefined) child.header = header;
  return child;
}

function newChild(parent: TreeName, name: string): TreeName | undefined {
  if (name.startsWith(opaquePrefix)) return undefined;
  const child = { name, header: undefined, children: undefined };
  parent.children ??= new Map();
  parent.children.set(name, child);
  return child;
}

interface KeyedName {
  readonly key: string;
  readonly node: TreeName;
}

function keyed({ children }: TreeName): KeyedName[] {
  return [...(children?.values() ?? [])].map((node) => ({ key: byteText(node.name), node }));
}

function compareKeys(a: KeyedName, b: KeyedName): number {
  return a.key < b.key ? -1 : 1;
}

function sorted(names: readonly KeyedName[]): Map<string, TreeName> {
  return new Map(names.map(({ node }) => [node.name, node]));
}

function isSorted(children: ReadonlyMap<string, TreeName> | undefined): boolean {
  let before = '';
  for (const name of children?.keys() ?? []) {
    const key = byteText(name);
    if (key < before) return false;
    before = key;
  }
  return true;
}

/** A text that compares as the UTF-8 bytes of a name do, of which those that are no UTF-8 are lone surrogates. */
function byteText(name: string): string {
  if (!/[\u0080-\uffff]/.test(name)) return name;
  return name.replace(/[^]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code >= 0xdc80 && code <= 0xdcff
      ? String.fromCharCode(code - 0xdc00)
      : Buffer.from(character).toString('latin1');
  });
}
