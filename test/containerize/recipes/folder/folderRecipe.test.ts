import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { PathFilter } from '../../../../src/archive/pack.ts';
import type { ImageBlueprint } from '../../../../src/containerize/blueprint.ts';
import { folderRecipe } from '../../../../src/containerize/recipes/folder/folderRecipe.ts';
import {
  ancestorsOf,
  below,
  both,
  filesWhere,
  withoutNames,
} from '../../../../src/containerize/recipes/folder/pathFilters.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { needs } from '../../../support/tools.ts';
import { elfOf } from '../../elfWriter.ts';
import { unpack, writeTree } from './packed.ts';

let scratch = '';
let root = '';

async function image(filter?: PathFilter): Promise<ImageBlueprint> {
  const [project] = await folderRecipe.detect(await ProjectFolder.open(root), testIo());
  assert.ok(project);
  const build = {
    platforms: ['linux/amd64'],
    output: path.join(scratch, 'out'),
    ...(filter === undefined ? {} : { filter }),
  };
  assert.deepEqual(await project.builds(build, testIo()), []);
  return project.image(build, testIo());
}

function program(name: string, bytes: Uint8Array | string): void {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), bytes);
  fs.chmodSync(path.join(root, name), 0o755);
}

const elf = (machine = 62): Buffer => elfOf({ machine, interpreter: '/lib64/ld-linux-x86-64.so.2' });

describe('folderRecipe', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(scratch));

  it('fits an empty folder', async () => {
    assert.deepEqual((await image()).config, { workdir: '/app' });
  });

  it('packs the files that ignore rules leave, but for the history', async function () {
    needs(this, 'tar');
    writeTree(root, { 'a/b.txt': '', 'c.log': '', '.git/config': '', 'd/.git/x': '', '.env.sample': '' });
    const blueprint = await image({ keeps: (one) => !one.endsWith('.log'), enters: () => true });
    const { layers } = await unpack(blueprint, scratch, testIo());
    assert.deepEqual(layers.get('files')?.paths, ['app/.env.sample', 'app/a/b.txt']);
  });

  it('starts the only program, on the platforms it is for', async () => {
    program('bin/tool', elf(183));
    program('run.sh', '#!/bin/sh\n');
    writeTree(root, { 'data.txt': '' });
    const { config, programs, platforms } = await image();
    assert.deepEqual(config, { workdir: '/app', entrypoint: ['/app/bin/tool'] });
    assert.deepEqual(programs, [{ file: path.join(root, 'bin/tool'), path: '/app/bin/tool', platform: 'linux/arm64' }]);
    assert.deepEqual(platforms, ['linux/arm64']);
  });

  it('starts the only script where there is no program', async () => {
    program('run.sh', '#!/bin/sh\n');
    const { config, platforms } = await image();
    assert.deepEqual(config.entrypoint, ['/app/run.sh']);
    assert.equal(platforms, undefined);
  });

  it('starts nothing where there are two, or the one is left out or may not be run', async () => {
    program('a', elf());
    program('b', elf());
    assert.equal((await image()).config.entrypoint, undefined);
    assert.deepEqual((await image(withoutNames(new Set(['a'])))).config.entrypoint, ['/app/b']);
    fs.chmodSync(path.join(root, 'b'), 0o644);
    assert.equal((await image(withoutNames(new Set(['a'])))).config.entrypoint, undefined);
  });

  it('284: is not held up by a FIFO, nor by bytes that are no program', async () => {
    execFileSync('mkfifo', [path.join(root, 'fifo')]);
    program('broken', '\u007fELF\u0002');
    program('empty', '');
    fs.symlinkSync('/etc/passwd', path.join(root, 'link'));
    assert.equal((await image()).config.entrypoint, undefined);
  });
});

describe('both', () => {
  it('keeps what both keep, and enters where both may hold something', () => {
    const only = (path: string): boolean => path === 'a/b' || path.startsWith('a/b/') || path === 'c';
    const filter = both({ keeps: only, enters: (path) => path === 'a' }, withoutNames(new Set(['x', 'c'])));
    const kept = ['a', 'a/b', 'a/b/y', 'a/b/x', 'c', 'd'].filter((one) => filter.keeps(one, true));
    assert.deepEqual(kept, ['a/b', 'a/b/y']);
    assert.deepEqual(
      ['a', 'a/b', 'c', 'd'].filter((one) => filter.enters(one)),
      ['a', 'a/b'],
    );
  });

  it('is the other filter where there is none', () => {
    const filter = withoutNames(new Set());
    assert.equal(both(undefined, filter), filter);
  });
});

describe('below', () => {
  it('sees the paths of a folder below', () => {
    const filter = below({ keeps: (path) => path === 'a/b/c', enters: (path) => path === 'a/b' }, 'a');
    assert.deepEqual(
      [filter?.keeps('b/c', false), filter?.keeps('c', false), filter?.enters('b')],
      [true, false, true],
    );
  });
});

describe('filesWhere', () => {
  it('keeps no folder for itself, so that none is empty', () => {
    const filter = filesWhere(
      () => true,
      () => true,
    );
    assert.deepEqual([filter.keeps('a', true), filter.keeps('a', false), filter.enters('a')], [false, true, true]);
  });
});

describe('ancestorsOf', () => {
  it('names the folders above, the nearest first', () => {
    assert.deepEqual(ancestorsOf('a/b/c'), ['a/b', 'a']);
    assert.deepEqual(ancestorsOf('a'), []);
  });
});
