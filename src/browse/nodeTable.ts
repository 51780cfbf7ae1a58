import type { TreeNode } from './nodes.ts';

/** One object for each node: the same id with the same data is the same object, for the view finds nodes by identity. */
export class NodeTable {
  readonly #nodes = new Map<string, TreeNode>();
  readonly #parents = new WeakMap<TreeNode, TreeNode>();
  readonly #made = new WeakSet();

  /** Returns the known object where it says the same, else the new one. */
  place<Node extends TreeNode>(node: Node, parent?: TreeNode): Node {
    const known = this.#nodes.get(node.id);
    const kept = known !== undefined && says(known, node) ? known : node;
    this.#nodes.set(kept.id, kept);
    this.#made.add(kept);
    if (parent !== undefined) this.#parents.set(kept, parent);
    return kept;
  }

  parentOf(node: TreeNode): TreeNode | undefined {
    return this.#parents.get(node);
  }

  get(id: string): TreeNode | undefined {
    return this.#nodes.get(id);
  }

  /** True for an object that this table gave out. */
  has(value: unknown): value is TreeNode {
    return typeof value === 'object' && value !== null && this.#made.has(value);
  }
}

/** True where one id stands below another: `a/b` and `a@b` are below `a`. */
export function isBelow(id: string, ancestor: string): boolean {
  return id.startsWith(ancestor) && '/@'.includes(id.charAt(ancestor.length) || ' ');
}

function says<Node extends TreeNode>(known: TreeNode, node: Node): known is Node {
  return known === node || JSON.stringify(known) === JSON.stringify(node);
}
