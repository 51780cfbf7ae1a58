import assert from 'node:assert/strict';
import { directory, digest, file, symlink } from '../support/entries.ts';
import { type EntrySpec, layerOf } from '../support/layers.ts';
import { changesIn, pathsOf, stackOf } from '../support/stacks.ts';

describe('LayerStack.apply of whiteouts', () => {
  const below = layerOf(directory('d'), file('d/x'), file('d/y'), file('d/e/z'), file('f'), symlink('l', 'd'));

  it('208 hides a file, a directory with all in it, and a link but not where it leads', async () => {
    const stack = await stackOf(below, layerOf({ path: '.wh.f' }, { path: 'd/.wh.e' }, { path: '.wh.l' }));
    assert.deepEqual(pathsOf(stack), ['d/', 'd/x', 'd/y']);
    assert.deepEqual(changesIn(stack), ['removed f', 'removed d/e', 'removed l']);
    assert.ok(stack.changes[1]?.[1]?.before?.children?.has('z'));
    assert.deepEqual(
      stack.changes[1]?.map(({ entry, before }) => [entry.path, before?.path]),
      [
        ['.wh.f', 'f'],
        ['d/.wh.e', 'd/e'],
        ['.wh.l', 'l'],
      ],
    );
  });

  it('208 notes a whiteout of what was not there', async () => {
    const stack = await stackOf(below, layerOf({ path: '.wh.no' }, { path: 'no/.wh.x' }, { path: 'f/.wh.x' }));
    assert.deepEqual(changesIn(stack), ['removed no', 'removed no/x', 'removed f/x']);
    assert.ok(stack.changes[1]?.every(({ before }) => before === undefined));
    assert.deepEqual(pathsOf(stack), pathsOf(await stackOf(below)));
    assert.deepEqual(stack.problems, []);
  });

  for (const order of ['before', 'after']) {
    const inOrder = (whiteout: EntrySpec, ...rest: readonly EntrySpec[]) =>
      layerOf(...(order === 'before' ? [whiteout, ...rest] : [...rest, whiteout]));

    it(`208 does not hide what its own layer brings ${order === 'before' ? 'later' : 'earlier'}`, async () => {
      const stack = await stackOf(below, inOrder({ path: '.wh.f' }, file('f', 'b')));
      assert.deepEqual(stack.get('f')?.content?.entry.digest, digest('b'));
      assert.deepEqual(changesIn(stack), ['modified f']);
    });

    it(`208 hides the old content of a directory that is made anew ${order === 'before' ? 'later' : 'earlier'}`, async () => {
      const stack = await stackOf(below, inOrder({ path: '.wh.d' }, directory('d'), file('d/x', 'b')));
      assert.deepEqual(pathsOf(stack), ['d/', 'd/x', 'f', 'l -> d']);
      assert.deepEqual([...changesIn(stack)].sort(), ['modified d/x', 'removed d/e', 'removed d/y', 'unchanged d']);
    });

    it(`209 empties an opaque directory of lower content only, the marker ${order} its siblings`, async () => {
      const stack = await stackOf(below, inOrder({ path: 'd/.wh..wh..opq' }, file('d/x'), file('d/e/new')));
      assert.deepEqual(pathsOf(stack), ['d/', 'd/e/', 'd/e/new', 'd/x', 'f', 'l -> d']);
      assert.deepEqual([...changesIn(stack)].sort(), [
        'added d/e/new',
        'removed d/e/z',
        'removed d/y',
        'unchanged d/x',
      ]);
    });
  }

  it('209 empties the root', async () => {
    const stack = await stackOf(below, layerOf(file('n'), { path: '.wh..wh..opq' }));
    assert.deepEqual(pathsOf(stack), ['n']);
    assert.deepEqual(changesIn(stack), ['added n', 'removed d', 'removed f', 'removed l']);
  });

  it('209 makes nothing of a marker for a directory that is not there', async () => {
    const stack = await stackOf(below, layerOf({ path: 'no/.wh..wh..opq' }));
    assert.equal(stack.get('no'), undefined);
    assert.deepEqual(changesIn(stack), []);
  });

  it('210 ignores invalid whiteouts and says so', async () => {
    const invalid = ['.wh.', 'd/.wh..', '.wh...', '.wh..wh.plnk/1', 'd/.wh..wh.other'];
    const stack = await stackOf(below, layerOf(...invalid.map((path) => ({ path }))));
    assert.deepEqual(pathsOf(stack), pathsOf(await stackOf(below)));
    assert.deepEqual(
      stack.problems,
      invalid.map((path) => `Layer #2: "${path}" is no valid whiteout: ignored.`),
    );
  });

  it('hides through a link to a directory', async () => {
    const stack = await stackOf(below, layerOf({ path: 'l/.wh.x' }, { path: 'l/e/.wh..wh..opq' }));
    assert.deepEqual(changesIn(stack), ['removed d/x', 'removed d/e/z']);
  });

  it('213 turns a file into a directory and back over three layers', async () => {
    const stack = await stackOf(layerOf(file('a')), layerOf(directory('a'), file('a/x')), layerOf(file('a', 'b')));
    assert.deepEqual(pathsOf(stack), ['a']);
    assert.deepEqual(
      stack.changes.slice(1).map((layer) => layer.map(({ change, path }) => `${change} ${path}`)),
      [['modified a', 'added a/x'], ['modified a']],
    );
  });

  it('213 shows what a layer lost that replaced a directory and made it again', async () => {
    const stack = await stackOf(below, layerOf(file('d/x', 'b'), file('d'), directory('d'), file('d/n')));
    assert.deepEqual(pathsOf(stack), ['d/', 'd/n', 'f', 'l -> d']);
    assert.deepEqual([...changesIn(stack)].sort(), [
      'added d/n',
      'removed d/e',
      'removed d/x',
      'removed d/y',
      'unchanged d',
    ]);
  });
});
