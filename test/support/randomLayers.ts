import fc from 'fast-check';
import type { TarSpec } from './realLayers.ts';

const name = fc.constantFrom('a', 'b', 'c');
const pathOf = (max: number): fc.Arbitrary<string> =>
  fc.array(name, { minLength: 1, maxLength: max }).map((names) => names.join('/'));
const target = fc
  .tuple(fc.constantFrom('', '', '/', '../', '../../', './'), pathOf(2))
  .map(([start, rest]) => start + rest);
const owner = fc.constantFrom(0, 0, 0, 7);
const mode = fc.constantFrom(0o644, 0o644, 0o755, 0o4711);

const file = fc.record({
  path: pathOf(3),
  type: fc.constant('file' as const),
  mode,
  uid: owner,
  content: fc.constantFrom('', 'x', 'y', 'longer'),
});
const directory = fc.record({ path: pathOf(3), type: fc.constant('directory' as const), mode, gid: owner });
const symlink = fc.record({ path: pathOf(3), type: fc.constant('symlink' as const), linkname: target });
const hardlink = fc.record({ path: pathOf(3), type: fc.constant('hardlink' as const), linkname: pathOf(3) });
const fifo = fc.record({ path: pathOf(3), type: fc.constant('fifo' as const), mode });
const hidden = fc.oneof({ weight: 2, arbitrary: name.map((each) => `.wh.${each}`) }, fc.constant('.wh..wh..opq'));
const whiteout = fc
  .tuple(fc.oneof(fc.constant(''), pathOf(2)), hidden)
  .map(([folder, own]) => ({ path: folder === '' ? own : `${folder}/${own}`, type: 'file' as const }));

const entry: fc.Arbitrary<TarSpec> = fc.oneof(
  { weight: 6, arbitrary: file },
  { weight: 4, arbitrary: directory },
  { weight: 3, arbitrary: symlink },
  { weight: 2, arbitrary: hardlink },
  { weight: 1, arbitrary: fifo },
  { weight: 4, arbitrary: whiteout },
);

/** Layers of few names, so that they meet often: overwritten, removed, linked, and through links. */
export const randomStacks: fc.Arbitrary<readonly (readonly TarSpec[])[]> = fc.array(
  fc.array(entry, { minLength: 1, maxLength: 7 }),
  { minLength: 1, maxLength: 4 },
);
