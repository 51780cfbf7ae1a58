import type { ChangedFile, CompareImagesResult, ComparedFile } from '../api.ts';
import type { Io } from '../content/store.ts';
import { inTurns } from '../operations/inTurns.ts';

/** Folders above a file that are nodes of their own; names below them are one. */
const maxDepth = 200;

/** What a file is in a comparison. */
export type Verdict = 'added' | 'removed' | 'modified';

/** The tree of a comparison, as plain data. `id` is unique in the tree; children are made when they are looked at. */
export type ComparisonNode = ComparisonGroup | ComparisonNote | ComparisonFolder | ComparisonFile;

interface NodeBase {
  readonly id: string;
}

export interface ComparisonGroup extends NodeBase {
  readonly kind: 'group';
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly children: readonly ComparisonNode[];
}

/** A difference that is no file: of the config, of a package, or a sentence. */
export interface ComparisonNote extends NodeBase {
  readonly kind: 'note';
  readonly verdict?: Verdict;
  readonly label: string;
  /** Values of a difference, or nothing. */
  readonly description: string;
  readonly icon: string;
}

export interface ComparisonFolder extends NodeBase {
  readonly kind: 'folder';
  readonly path: string;
  readonly name: string;
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly children: readonly ComparisonNode[];
  /** Where the folder itself differs. */
  readonly own?: ComparisonFile;
}

export interface ComparisonFile extends NodeBase {
  readonly kind: 'file';
  readonly verdict: Verdict;
  readonly path: string;
  readonly name: string;
  readonly before?: ComparedFile;
  readonly after?: ComparedFile;
  readonly differences: ChangedFile['differences'];
}

/** The differences of two images as a tree: problems, config, packages, then files in their folders. */
export async function comparisonTree(result: CompareImagesResult, io: Io): Promise<readonly ComparisonNode[]> {
  return [
    ...group('problems', 'Problems', 'warning', result.problems.map(problemNote)),
    ...group('config', 'Config', 'settings-gear', result.config.map(configNote)),
    ...group('packages', 'Packages', 'package', result.packages.map(packageNote)),
    ...(await filesOf(result, io)),
  ];
}

/** The changed files both of whose sides are files with different content. */
export function contentChanges(result: CompareImagesResult): readonly ChangedFile[] {
  return result.changed.filter(({ before, after, differences }) => {
    return before.type === 'file' && after.type === 'file' && differences.includes('content');
  });
}

function group(
  id: string,
  label: string,
  icon: string,
  children: readonly ComparisonNode[],
): readonly ComparisonNode[] {
  return children.length === 0
    ? []
    : [{ kind: 'group', id, label, icon, description: String(children.length), children }];
}

function problemNote(label: string, at: number): ComparisonNode {
  return { kind: 'note', id: `problems/${at}`, label, description: '', icon: 'warning' };
}

function configNote({ name, before, after }: CompareImagesResult['config'][number], at: number): ComparisonNode {
  return { id: `config/${at}`, ...difference(name, before, after), icon: 'symbol-property' };
}

function packageNote(
  { name, manager, before, after }: CompareImagesResult['packages'][number],
  at: number,
): ComparisonNode {
  const { description, ...rest } = difference(name, before, after);
  return { id: `packages/${at}`, ...rest, description: `${description} · ${manager}`, icon: 'package' };
}

function difference(
  label: string,
  before: string | null,
  after: string | null,
): Pick<ComparisonNote, 'kind' | 'label' | 'description' | 'verdict'> {
  const verdict = before === null ? 'added' : after === null ? 'removed' : 'modified';
  const description =
    before === null ? `added: ${after ?? ''}` : after === null ? `removed: ${before}` : `${before} → ${after}`;
  return { kind: 'note', label, description, verdict };
}

/** A folder by its path, with the counts of all that is below it. */
interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: ComparisonFile[];
  readonly counts: Record<Verdict, number>;
}

async function filesOf({ added, removed, changed }: CompareImagesResult, io: Io): Promise<readonly ComparisonNode[]> {
  const root = newFolder();
  const none: ComparisonFile['differences'] = [];
  await inTurns(added, (after) => put(root, { verdict: 'added', path: after.path, after, differences: none }), io);
  await inTurns(
    removed,
    (before) => put(root, { verdict: 'removed', path: before.path, before, differences: none }),
    io,
  );
  await inTurns(changed, (change) => put(root, { verdict: 'modified', ...change }), io);
  if (added.length + removed.length + changed.length === 0) return [];
  const description = `${added.length} added, ${removed.length} removed, ${changed.length} changed`;
  const own = { kind: 'group', id: 'files', label: 'Files', icon: 'files', description } as const;
  return [withChildren(own, () => nodesOf(root, ''))];
}

function newFolder(): Folder {
  return { folders: new Map(), files: [], counts: { added: 0, removed: 0, modified: 0 } };
}

function put(root: Folder, file: Omit<ComparisonFile, 'kind' | 'id' | 'name'>): void {
  const names = file.path.split('/').filter((name) => name !== '');
  let folder = root;
  for (const name of names.slice(0, Math.min(names.length - 1, maxDepth))) {
    const next = folder.folders.get(name) ?? newFolder();
    folder.folders.set(name, next);
    next.counts[file.verdict]++;
    folder = next;
  }
  const name = names.slice(maxDepth).join('/') || (names.at(-1) ?? '/');
  folder.files.push({ kind: 'file', id: `files${file.path}`, name, ...file });
}

/** Folders first, each by name; a folder that differs itself is one node with what is in it. */
function nodesOf({ folders, files }: Folder, path: string): readonly ComparisonNode[] {
  const own = new Map(files.map((file) => [file.name, file]));
  const inner = [...folders].map(([name, below]) => folderNode(name, `${path}/${name}`, below, own.get(name)));
  const rest = files.filter(({ name }) => !folders.has(name));
  return [...inner.sort(byName), ...rest.sort(byName)];
}

function folderNode(name: string, path: string, below: Folder, own: ComparisonFile | undefined): ComparisonFolder {
  const counts = own === undefined ? below.counts : { ...below.counts, [own.verdict]: below.counts[own.verdict] + 1 };
  const folder = { kind: 'folder', id: `folders${path}`, name, path, counts } as const;
  return withChildren(own === undefined ? folder : { ...folder, own }, () => nodesOf(below, path));
}

/** A node whose children are made once, when they are asked for. */
function withChildren<Node extends object>(
  node: Node,
  make: () => readonly ComparisonNode[],
): Node & { readonly children: readonly ComparisonNode[] } {
  let made: readonly ComparisonNode[] | undefined;
  return {
    ...node,
    get children() {
      return (made ??= make());
    },
  };
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}
