import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { PathFilter } from '../../../../src/archive/pack.ts';
import type { ImageBlueprint } from '../../../../src/containerize/blueprint.ts';
import { nodeRecipe } from '../../../../src/containerize/recipes/node/nodeRecipe.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { unpack, writeTree } from '../folder/packed.ts';

let scratch = '';
let root = '';

/** As a .dockerignore that names one folder. */
function without(folder: string): PathFilter {
  const keeps = (path: string): boolean => !`${path}/`.startsWith(`${folder}/`);
  return { keeps, enters: keeps };
}

async function image(filter?: PathFilter): Promise<ImageBlueprint> {
  const [project] = await nodeRecipe.detect(await ProjectFolder.open(root), testIo());
  assert.ok(project !== undefined);
  const build = { platforms: ['linux/amd64'], output: path.join(scratch, 'out') };
  return project.image(filter === undefined ? build : { ...build, filter }, testIo());
}

async function appPaths(filter?: PathFilter): Promise<readonly string[] | undefined> {
  const { layers } = await unpack(await image(filter), scratch, testIo());
  return layers.get('app')?.paths;
}

const nextApp = {
  'package.json': '{"dependencies":{"next":"*"},"scripts":{"start":"next start","build":"next build"}}',
  'node_modules/next/package.json': '{"name":"next","version":"16.4.6","bin":{"next":"bin/next"}}',
  'node_modules/next/bin/next': '#!/usr/bin/env node\n',
  '.next/BUILD_ID': 'x',
  '.next/cache/a.pack': '',
  '.next/dev/server/page.js': '',
  '.next/server/app/cache/page.js': '',
  '.next/trace': '',
};

describe('appFiles', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(scratch));

  it('takes all that a compiler wrote into an ignored folder, a folder called cache too', async () => {
    writeTree(root, {
      'package.json': '{"main":"dist/index.js"}',
      'tsconfig.json': '{}',
      'dist/index.js': '',
      'dist/cache/redis.js': '',
    });
    assert.deepEqual(await appPaths(without('dist')), [
      'app/dist/cache/redis.js',
      'app/dist/index.js',
      'app/package.json',
    ]);
  });

  for (const [what, filter] of [
    ['', undefined],
    [', ignored or not', without('.next')],
  ] as const) {
    it(`takes what Next.js serves${what}, without what it keeps beside it`, async () => {
      writeTree(root, nextApp);
      const found = await appPaths(filter);
      assert.deepEqual([...(found ?? [])].sort(), [
        'app/.next/BUILD_ID',
        'app/.next/server/app/cache/page.js',
        'app/package.json',
      ]);
    });
  }

  it('takes what was compiled of a package that says by exports alone what it holds', async () => {
    writeTree(root, {
      'package.json': '{"workspaces":["app","lib"]}',
      'app/package.json': '{"scripts":{"start":"node a.js"},"dependencies":{"lib":"*"}}',
      'app/a.js': '',
      'lib/package.json':
        '{"name":"lib","exports":{".":{"types":"./dist/index.d.ts","default":"./dist/index.js"},"./package.json":"./package.json"}}',
      'lib/tsconfig.json': '{}',
      'lib/src/index.ts': '',
      'lib/dist/index.js': '',
    });
    fs.mkdirSync(path.join(root, 'node_modules'));
    fs.symlinkSync('../lib', path.join(root, 'node_modules/lib'));
    const expected = ['app/app/a.js', 'app/app/package.json', 'app/lib/dist/index.js', 'app/lib/package.json'];
    assert.deepEqual(await appPaths(without('lib/dist')), expected);
    assert.deepEqual(await appPaths(), expected);
  });

  it('leaves out what tools are told of a project', async () => {
    writeTree(root, {
      'package.json': '{"main":"a.js"}',
      'a.js': '',
      '.github/a.yml': '',
      '.vscode/settings.json': '',
    });
    assert.deepEqual(await appPaths(), ['app/a.js', 'app/package.json']);
  });

  it('names the packages that are installed, not those that a lock file has for other systems', async () => {
    writeTree(root, { ...nextApp, 'package-lock.json': '{"packages":{"node_modules/other":{"version":"1.0.0"}}}' });
    const { materials } = await image();
    assert.deepEqual(materials, [path.join(root, 'node_modules/next/package.json')]);
  });

  it('names the packages that a standalone server of Next.js has', async () => {
    writeTree(root, {
      ...nextApp,
      'package-lock.json': '{}',
      'next.config.mjs': `export default { output: 'standalone' }`,
      '.next/standalone/server.js': '',
    });
    const { materials } = await image();
    assert.deepEqual(materials, [path.join(root, '.next/standalone')]);
  });
});
