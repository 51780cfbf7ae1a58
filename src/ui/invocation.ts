import type { TreeNode } from '../browse/nodes.ts';
import { isObject, type JsonObject } from '../oci/json.ts';

/** Who runs a command: a program with one object of options, a menu on nodes or files, or a person who is asked. */
export type Invocation<File> =
  | { readonly kind: 'program'; readonly options: JsonObject }
  | { readonly kind: 'nodes'; readonly nodes: readonly [TreeNode, ...TreeNode[]] }
  | { readonly kind: 'files'; readonly files: readonly [File, ...File[]] }
  | { readonly kind: 'ask' };

/** The views that show images. */
export type TreeView = 'registries' | 'local';

export interface InvocationContext<File> {
  readonly isNode: (value: unknown) => value is TreeNode;
  readonly isFile: (value: unknown) => value is File;
  /** What is selected in a view: keybindings there pass its word. */
  readonly selection: (view: TreeView) => Promise<readonly TreeNode[]>;
}

/** Reads a command's arguments. Menus pass what was clicked and, where several are selected, all of them. */
export async function invocationOf<File>(
  args: readonly unknown[],
  context: InvocationContext<File>,
): Promise<Invocation<File>> {
  const [first, all] = args;
  const { isNode, isFile } = context;
  if (isNode(first))
    return { kind: 'nodes', nodes: [first, ...othersOf(all, isNode).filter((node) => node !== first)] };
  if (isFile(first)) {
    // The clicked file is another object than its twin among the selected ones.
    const files = othersOf(all, isFile).filter((file) => String(file) !== String(first));
    return { kind: 'files', files: [first, ...files] };
  }
  if (first === 'selection' || first === 'localSelection') {
    const [selected, ...more] = await context.selection(first === 'selection' ? 'registries' : 'local');
    return selected === undefined ? { kind: 'ask' } : { kind: 'nodes', nodes: [selected, ...more] };
  }
  return isObject(first) ? { kind: 'program', options: first } : { kind: 'ask' };
}

function othersOf<Thing>(all: unknown, is: (value: unknown) => value is Thing): readonly Thing[] {
  return Array.isArray(all) ? all.filter(is) : [];
}
