import assert from 'node:assert/strict';
import { changedEntry, fileEntry, ownEntry } from '../../src/operations/fileEntries.ts';
import { file, hardlink, symlink } from '../support/entries.ts';
import { entry, layerOf } from '../support/layers.ts';
import { stackOf } from '../support/stacks.ts';

const common = { size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0 };

describe('fileEntry', () => {
  it('shows a hard link as the file that it is, and says where links lead', async () => {
    const stack = await stackOf(
      layerOf(file('a', 'a', { mode: 0o4755, uid: 5, mtime: 77 })),
      layerOf(hardlink('d/h', 'a'), symlink('l', 'a')),
    );
    const shown = [...stack.walk()].map(fileEntry);
    assert.deepEqual(shown, [
      { ...common, path: '/', type: 'directory', mode: 0o755, layer: 0 },
      { path: '/a', type: 'file', size: 1, mode: 0o4755, uid: 5, gid: 0, mtime: 77, layer: 0 },
      { ...common, path: '/d', type: 'directory', mode: 0o755, layer: 1 },
      { path: '/d/h', type: 'file', size: 1, mode: 0o4755, uid: 5, gid: 0, mtime: 77, layer: 1 },
      { ...common, path: '/l', type: 'symlink', mode: 0o777, linkname: 'a', layer: 1 },
    ]);
  });
});

describe('changedEntry', () => {
  it("shows a layer's own entries where they are in the image, and what it removed as that was", async () => {
    const stack = await stackOf(
      layerOf(file('gone', 'a', { mode: 0o600 }), symlink('lib', 'usr/lib'), file('usr/lib/old')),
      layerOf({ path: '.wh.gone' }, { path: '.wh.never' }, file('lib/x'), hardlink('h', 'lib/x')),
    );
    assert.deepEqual(
      stack.changes[1]?.map((change) => changedEntry(change, 1)),
      [
        { ...common, path: '/gone', type: 'file', size: 1, mode: 0o600, layer: 1, change: 'removed' },
        { ...common, path: '/never', type: 'file', layer: 1, change: 'removed' },
        { ...common, path: '/usr/lib/x', type: 'file', size: 1, layer: 1, change: 'added' },
        { ...common, path: '/h', type: 'hardlink', linkname: 'lib/x', layer: 1, change: 'added' },
      ],
    );
  });
});

describe('ownEntry', () => {
  it('shows an entry as the tar has it', () => {
    assert.deepEqual(ownEntry(entry(hardlink('lib/h', './lib/x')), 3), {
      ...common,
      path: '/lib/h',
      type: 'hardlink',
      linkname: './lib/x',
      layer: 3,
    });
  });
});
