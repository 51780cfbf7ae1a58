import { statOf } from '../../src/archive/fileNode.ts';
import type { LayerIndex } from '../../src/archive/layerIndex.ts';
import { LayerStack } from '../../src/archive/layerStack.ts';
import { testIo } from './io.ts';

/** A stack with these layers applied. */
export async function stackOf(...layers: readonly LayerIndex[]): Promise<LayerStack> {
  const stack = new LayerStack();
  for (const layer of layers) await stack.apply(layer, testIo());
  return stack;
}

/** Every path of the merged view below the root: directories end with a slash, links show where they lead. */
export function pathsOf(stack: LayerStack): readonly string[] {
  return [...stack.walk()].slice(1).map((node) => {
    const { type, linkname = '' } = statOf(node);
    return { directory: `${node.path}/`, symlink: `${node.path} -> ${linkname}` }[type as string] ?? node.path;
  });
}

/** What the last layer did: `added a`, `removed b`, … */
export function changesIn(stack: LayerStack): readonly string[] {
  return (stack.changes.at(-1) ?? []).map(({ change, path }) => `${change} ${path}`);
}
