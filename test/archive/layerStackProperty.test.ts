import assert from 'node:assert/strict';
import path from 'node:path';
import fc from 'fast-check';
import type { FileNode, LayerChange } from '../../src/archive/fileNode.ts';
import type { LayerStack } from '../../src/archive/layerStack.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { testIo } from '../support/io.ts';
import { randomStacks } from '../support/randomLayers.ts';
import {
  indexOf,
  listTrees,
  listView,
  putLayers,
  type TarSpec,
  unpackWithUmoci,
  writeTars,
} from '../support/realLayers.ts';
import { ReferenceStack } from '../support/referenceStack.ts';
import { stackOf } from '../support/stacks.ts';
import { withTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';

type Layers = readonly (readonly TarSpec[])[];

const seed = 20261121;

describe('LayerStack and random layers', () => {
  it('213 is what a plain reference makes of them, and has problems where that fails', async () => {
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(randomStacks, async (layers) => {
        for (const some of [layers, await withoutProblems(layers)]) {
          const stack = await stackOf(...some.map(indexOf));
          const expected = reference(some);
          assert.equal(stack.problems.length > 0, expected === undefined, stack.problems.join('\n'));
          if (expected === undefined) continue;
          assert.deepEqual(listView(stack), expected);
          whole++;
        }
      }),
      { seed, numRuns: 300 },
    );
    assert.ok(whole > 300, `${whole} of 600`);
  });

  it('213 says of each layer all that it changed, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(randomStacks, async (layers) => {
        for (const [at] of layers.entries()) {
          const below = await stackOf(...layers.slice(0, at).map(indexOf));
          const stack = await stackOf(...layers.slice(0, at + 1).map(indexOf));
          assertExplained(below, stack, stack.changes.at(-1) ?? []);
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  it('213 is what umoci unpacks, and has problems where umoci fails', async function () {
    needs(this, 'umoci', 'python3');
    this.timeout(60_000);
    const raw = fc.sample(randomStacks, { seed, numRuns: 40 });
    const stacks: Layers[] = [...raw, ...(await Promise.all(raw.map(withoutProblems)))];
    await withTempDir(async (folder) => {
      const tars = writeTars(folder, stacks.flat());
      const layout = path.join(folder, 'layout');
      const store = await LayoutStore.open(layout, testIo(), { create: true });
      const unpacked: { readonly rootfs: string; readonly stack: LayerStack }[] = [];
      let first = 0;
      for (const [at, layers] of stacks.entries()) {
        await putLayers(store, `t${at}`, tars.slice(first, first + layers.length), testIo());
        first += layers.length;
        const stack = await stackOf(...layers.map(indexOf));
        const result = unpackWithUmoci(layout, `t${at}`, folder);
        if (typeof result === 'string') assert.ok(stack.problems.length > 0, result);
        else assert.deepEqual(stack.problems, []);
        if (typeof result !== 'string') unpacked.push({ ...result, stack });
      }
      assert.ok(unpacked.length > 40, `${unpacked.length} of 80`);
      const trees = listTrees(unpacked.map(({ rootfs }) => rootfs));
      for (const [at, { stack }] of unpacked.entries()) assert.deepEqual(listView(stack), trees[at]);
    });
  });
});

/** The layers without the entries that unpackers fail at. */
async function withoutProblems(layers: Layers): Promise<Layers> {
  const good: TarSpec[][] = [];
  for (const layer of layers) {
    const own: TarSpec[] = [];
    good.push(own);
    for (const spec of layer) {
      own.push(spec);
      if ((await stackOf(...good.map(indexOf))).problems.length > 0) own.pop();
    }
  }
  return good;
}

function reference(layers: Layers): ReturnType<ReferenceStack['listing']> | undefined {
  const stack = new ReferenceStack();
  try {
    for (const layer of layers) stack.apply(layer);
  } catch {
    return undefined;
  }
  return stack.listing();
}

/** Holds the changes of a layer against the views without and with it. */
function assertExplained(below: LayerStack, stack: LayerStack, changes: readonly LayerChange[]): void {
  const byPath = new Map(changes.map((change) => [change.path, change]));
  assert.equal(byPath.size, changes.length, 'a path has two changes');
  for (const { path: at, change, before } of changes) {
    assert.deepEqual(textOf(before), textOf(below.get(at)), `before of ${at}`);
    if (change === 'removed') assert.equal(stack.get(at), undefined, `${at} is still there`);
    else assert.equal(change === 'added', before === undefined);
    if (change === 'unchanged') assert.deepEqual(textOf(stack.get(at)), textOf(before));
    if (change === 'modified') assert.notDeepEqual(textOf(stack.get(at)), textOf(before));
  }
  for (const node of below.walk()) {
    const parent = stack.get(node.path.slice(0, Math.max(0, node.path.lastIndexOf('/'))));
    const isLost = parent?.children !== undefined && stack.get(node.path) === undefined;
    if (isLost) assert.equal(byPath.get(node.path)?.change, 'removed', `${node.path} is gone`);
  }
}

/** What is compared of a node: all but times. */
function textOf(node: FileNode | undefined): string {
  if (node === undefined) return '';
  const entry = node.content?.entry ?? node.entry;
  const { type = 'directory', size = 0, mode = 0o755, uid = 0, gid = 0, linkname, digest } = entry ?? {};
  return [type, size, mode, uid, gid, linkname, digest].join(' ');
}
