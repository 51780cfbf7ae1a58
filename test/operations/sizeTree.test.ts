import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SizeNode } from '../../src/api.ts';
import { sizeTree } from '../../src/operations/sizeTree.ts';
import { testIo } from '../support/io.ts';
import { entry, layerOf } from '../support/layers.ts';
import { stackOf } from './stackOf.ts';

/** A node in one line: name, bytes, files, layer, kind; what is in it is indented. */
function drawn(node: SizeNode, indent = ''): readonly string[] {
  const { name, bytes, files, layer, kind, children } = node;
  return [
    `${indent}${name} ${bytes} ${files} ${layer} ${kind}`,
    ...children.flatMap((each) => drawn(each, `${indent}  `)),
  ];
}

function all(node: SizeNode): readonly SizeNode[] {
  return [node, ...node.children.flatMap(all)];
}

describe('sizeTree', () => {
  it('adds up folders over all layers, largest first, and says which layer most bytes come from', async () => {
    const stack = await stackOf(
      layerOf({ path: 'usr/lib/a', size: 50 }, { path: 'usr/b', size: 20 }, { path: 'etc/c', size: 5 }),
      layerOf(
        { path: 'usr/d', size: 60 },
        { path: 'etc/.wh.c' },
        { path: 'etc/e', size: 1 },
        { path: 'opt/f', size: 90 },
      ),
    );
    assert.deepEqual(drawn(await sizeTree(stack, { maxNodes: 100 }, testIo())), [
      ' 221 5 1 directory',
      '  usr 130 3 0 directory',
      '    d 60 1 1 file',
      '    lib 50 1 0 directory',
      '      a 50 1 0 file',
      '    b 20 1 0 file',
      '  opt 90 1 1 directory',
      '    f 90 1 1 file',
      '  etc 1 1 1 directory',
      '    e 1 1 1 file',
    ]);
  });

  it('has absolute paths', async () => {
    const tree = await sizeTree(await stackOf(layerOf({ path: 'a/b', size: 1 })), { maxNodes: 9 }, testIo());
    assert.deepEqual(
      all(tree).map(({ path }) => path),
      ['/', '/a', '/a/b'],
    );
  });

  it('folds what is too small into one node of its folder', async () => {
    const sizes = [1, 2, 3, 40, 50];
    const stack = await stackOf(
      layerOf(...sizes.map((size) => ({ path: `d/f${size}`, size })), { path: 'e', size: 4 }, { path: 'g', size: 3 }),
    );
    assert.deepEqual(drawn(await sizeTree(stack, { maxNodes: 6 }, testIo())), [
      ' 103 7 0 directory',
      '  d 96 5 0 directory',
      '    f50 50 1 0 file',
      '    f40 40 1 0 file',
      '    3 more 6 3 0 rest',
      '  2 more 7 2 0 rest',
    ]);
  });

  it('shows empty files in the rest only, and neither links nor empty folders', async () => {
    const stack = await stackOf(
      layerOf(
        { path: 'a', size: 9 },
        { path: 'empty', size: 0 },
        { path: 'link', type: 'symlink', linkname: 'a' },
        { path: 'folder', type: 'directory' },
      ),
    );
    assert.deepEqual(drawn(await sizeTree(stack, { maxNodes: 50 }, testIo())), [
      ' 9 2 0 directory',
      '  a 9 1 0 file',
      '  1 more 0 1 0 rest',
    ]);
  });

  it('counts the bytes of a hard-linked file once', async () => {
    const stack = await stackOf(layerOf({ path: 'a', size: 9 }, { path: 'b', type: 'hardlink', linkname: 'a' }));
    const { bytes, files } = await sizeTree(stack, { maxNodes: 50 }, testIo());
    assert.deepEqual([bytes, files], [9, 2]);
  });

  it('is one node for an image without files', async () => {
    assert.deepEqual(drawn(await sizeTree(await stackOf(), { maxNodes: 50 }, testIo())), [' 0 0 0 directory']);
  });

  it('189 keeps to its limit with 100,000 files', async () => {
    const entries = Array.from({ length: 100_000 }, (_, at) => entry({ path: `d${at % 300}/f${at}`, size: at % 977 }));
    const tree = await sizeTree(await stackOf({ ...layerOf(), entries }), { maxNodes: 5000 }, testIo());
    assert.ok(all(tree).length <= 5000 && all(tree).length > 4900);
    assert.equal(tree.files, 100_000);
  });

  it('has parts that add up, sorted, within any limit', async () => {
    const file = fc.record({
      path: fc
        .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 })
        .map((names) => names.join('/')),
      size: fc.nat(100),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(file, { maxLength: 20 }), { maxLength: 3 }),
        fc.integer({ min: 2, max: 30 }),
        async (layers, maxNodes) => {
          const stack = await stackOf(...layers.map((files) => layerOf(...files)));
          const nodes = all(await sizeTree(stack, { maxNodes }, testIo()));
          assert.ok(nodes.length <= maxNodes);
          for (const { children, bytes, files, kind } of nodes) {
            assert.deepEqual(
              children.map((child) => child.bytes),
              children.map((child) => child.bytes).toSorted((a, b) => b - a),
            );
            if (kind !== 'directory' || children.length === 0) continue;
            assert.equal(
              children.reduce((sum, child) => sum + child.bytes, 0),
              bytes,
            );
            assert.equal(
              children.reduce((sum, child) => sum + child.files, 0),
              files,
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
