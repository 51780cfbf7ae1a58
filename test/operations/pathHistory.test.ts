import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { Io } from '../../src/content/store.ts';
import { ImageFiles } from '../../src/operations/imageFiles.ts';
import { pathHistory } from '../../src/operations/pathHistory.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { tarOfSpecs } from '../support/layerTars.ts';
import { bytesOf } from '../support/layerTools.ts';
import { putLayers, type TarSpec } from '../support/realLayers.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

let folder = '';
let io: Io;

async function filesOf(...layers: readonly (readonly TarSpec[])[]): Promise<ImageFiles> {
  const store = new MemoryStore();
  const tars: Buffer[] = [];
  for (const layer of layers) tars.push(await tarOfSpecs(layer));
  const { digest } = await putLayers(store, 'it', tars, io);
  return ImageFiles.open(store, digest, {}, testLayers(folder), io);
}

const file = (path: string, content = 'a'): TarSpec => ({ path, type: 'file', content });

async function linesOf(files: ImageFiles, path: string): Promise<readonly string[]> {
  const versions = await pathHistory(files, path, io);
  return versions.map(({ layer, change, entry }) => `${layer} ${change} ${entry.path}`);
}

describe('pathHistory', () => {
  beforeEach(async () => {
    folder = await newTempDir();
    io = testIo();
  });
  afterEach(async () => removeTempDir(folder));

  it('lists every layer that touched a file, with what it brought and the step that made it', async () => {
    const files = await filesOf(
      [file('etc/x', 'one')],
      [file('other')],
      [file('etc/x', 'two')],
      [file('etc/x', 'two')],
      [file('etc/.wh.x')],
      [{ path: 'etc/x', type: 'hardlink', linkname: 'other' }],
    );
    assert.deepEqual(await linesOf(files, '/etc/x'), [
      '0 added etc/x',
      '2 modified etc/x',
      '3 unchanged etc/x',
      '4 removed etc/.wh.x',
      '5 added etc/x',
    ]);
    const versions = await pathHistory(files, 'etc/x', io);
    const contents: string[] = [];
    for (const { content } of versions) {
      if (content === undefined) contents.push('');
      else contents.push((await bytesOf(await files.read(content.layer, content.entry, io))).toString());
    }
    assert.deepEqual(contents, ['one', 'two', 'two', '', 'a']);
    assert.deepEqual(versions[0]?.createdBy, 'step 0');
  });

  it('counts what took away a directory above it: a whiteout, a file, an opaque marker', async () => {
    const files = await filesOf(
      [file('a/b/x'), file('a/b/y')],
      [file('.wh.a')],
      [file('a/b/x')],
      [file('a', 'a file')],
      [file('.wh.a')],
      [file('a/b/x')],
      [file('a/.wh..wh..opq'), file('a/b/z')],
    );
    assert.deepEqual(await linesOf(files, 'a/b/x'), [
      '0 added a/b/x',
      '1 removed .wh.a',
      '2 added a/b/x',
      '3 removed a',
      '5 added a/b/x',
      '6 removed a/.wh..wh..opq',
    ]);
    assert.deepEqual(await linesOf(files, 'a/b/y'), ['0 added a/b/y', '1 removed .wh.a']);
  });

  it('follows links in the parents of a path that has no history of its own', async () => {
    const files = await filesOf(
      [file('usr/lib/x'), { path: 'lib', type: 'symlink', linkname: 'usr/lib' }],
      [file('lib/x', 'b')],
    );
    assert.deepEqual(await linesOf(files, 'lib/x'), ['0 added usr/lib/x', '1 modified lib/x']);
    assert.deepEqual(await linesOf(files, '/lib'), ['0 added lib']);
  });

  it('has nothing to say of a path that never was', async () => {
    const files = await filesOf([file('a')], [file('.wh.never')]);
    for (const path of ['never', 'a/b', 'no/way/x', '']) assert.deepEqual(await linesOf(files, path), []);
  });
});
