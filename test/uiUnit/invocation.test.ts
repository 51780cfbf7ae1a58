import assert from 'node:assert/strict';
import type { TreeNode } from '../../src/browse/nodes.ts';
import { invocationOf } from '../../src/ui/invocation.ts';

class File {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
  toString(): string {
    return this.path;
  }
}

const [a, b]: readonly [TreeNode, TreeNode] = [
  { kind: 'pinned', id: 'R:a/pin', registry: 'a' },
  { kind: 'pinned', id: 'R:b/pin', registry: 'b' },
];
const context = {
  isNode: (value: unknown): value is TreeNode => value === a || value === b,
  isFile: (value: unknown): value is File => value instanceof File,
  selection: () => Promise.resolve([b]),
};

describe('invocationOf', () => {
  const [x, y] = [new File('/x'), new File('/y')];
  const table: readonly (readonly [string, readonly unknown[], unknown])[] = [
    ['asks from the palette', [], { kind: 'ask' }],
    ['takes the clicked node', [a], { kind: 'nodes', nodes: [a] }],
    ['takes the clicked node first and the other selected ones', [b, [a, b]], { kind: 'nodes', nodes: [b, a] }],
    ['takes the selection for a key pressed in the tree', ['selection'], { kind: 'nodes', nodes: [b] }],
    ['takes files', [x, [new File('/x'), y]], { kind: 'files', files: [x, y] }],
    ['takes one object of options', [{ source: 'a' }], { kind: 'program', options: { source: 'a' } }],
    ['244: takes what only looks like a node for options', [{ ...a }], { kind: 'program', options: { ...a } }],
    ['asks where the argument is no object', ['text'], { kind: 'ask' }],
  ];
  for (const [what, args, expected] of table) {
    it(what, async () => assert.deepEqual(await invocationOf(args, context), expected));
  }

  it('asks where a key was pressed and nothing is selected', async () => {
    const selection = (): Promise<readonly TreeNode[]> => Promise.resolve([]);
    assert.deepEqual(await invocationOf(['selection'], { ...context, selection }), { kind: 'ask' });
  });
});
