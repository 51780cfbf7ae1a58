import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { nodeRecipe } from '../../../../src/containerize/recipes/node/nodeRecipe.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import type { BuildContext, Project } from '../../../../src/containerize/recipes/recipe.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { needs } from '../../../support/tools.ts';
import { runIn, unpack, writeTree } from '../folder/packed.ts';

let scratch = '';
let root = '';

/** Runs npm without the network. */
function npm(cwd: string, ...args: readonly string[]): string {
  const env = { ...process.env, npm_config_cache: path.join(scratch, 'cache') };
  const offline = ['--offline', '--no-audit', '--no-fund', '--loglevel=error'];
  return execFileSync('npm', [...args, ...offline], { cwd, env, encoding: 'utf8', timeout: 60_000 });
}

/** Makes a package that others install from its file. */
function publish(name: string, files: Readonly<Record<string, string>>, json: object = {}): void {
  const at = path.join(scratch, 'packages', name.replace('/', '-'));
  writeTree(at, { 'package.json': JSON.stringify({ name, version: '1.0.0', ...json }), ...files });
  fs.mkdirSync(path.join(root, 'vendor'), { recursive: true });
  npm(at, 'pack', '--pack-destination', path.join(root, 'vendor'));
}

function context(more: Partial<BuildContext> = {}): BuildContext {
  return { platforms: ['linux/amd64'], output: path.join(scratch, 'out'), ...more };
}

async function projects(): Promise<readonly Project[]> {
  return nodeRecipe.detect(await ProjectFolder.open(root), testIo());
}

async function project(id = '.'): Promise<Project> {
  const found = (await projects()).find((one) => one.id === id);
  assert.ok(found, `no project ${id}`);
  return found;
}

const app = {
  name: 'app',
  version: '1.0.0',
  scripts: { start: 'NODE_NAME=x node index.js --loud' },
  dependencies: { greet: 'file:vendor/greet-1.0.0.tgz' },
  devDependencies: { devtool: 'file:vendor/devtool-1.0.0.tgz' },
};

function installApp(): void {
  publish(
    'greet',
    { 'index.js': `module.exports = (name) => 'hello ' + name;`, 'cli.js': '#!/usr/bin/env node\n' },
    { bin: 'cli.js' },
  );
  publish('devtool', { 'index.js': 'throw new Error()', 'cli.js': '#!/usr/bin/env node\n' }, { bin: 'cli.js' });
  writeTree(root, {
    'package.json': JSON.stringify(app),
    'index.js': `console.log(require('greet')(process.argv[2]), process.env.NODE_ENV, process.env.NODE_NAME);`,
  });
  npm(root, 'install');
}

describe('nodeRecipe', () => {
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(scratch));

  describe('with packages that npm installed', function () {
    this.timeout(60_000);
    before(function () {
      if (process.platform === 'win32') this.skip();
      needs(this, 'npm', 'tar');
    });

    it('makes an image that runs, with the packages apart from the app and without those of development', async () => {
      installApp();
      const blueprint = await (await project()).image(context(), testIo());
      assert.deepEqual(blueprint.config.entrypoint, ['node', 'index.js', '--loud']);
      assert.deepEqual(blueprint.config.workdir, '/app');
      assert.deepEqual(blueprint.warnings, []);
      const { root: image, layers } = await unpack(blueprint, scratch, testIo());
      assert.deepEqual([...layers.keys()], ['dependencies', 'app']);
      assert.deepEqual(layers.get('dependencies')?.paths, [
        'app/node_modules/.bin/greet',
        'app/node_modules/greet/cli.js',
        'app/node_modules/greet/index.js',
        'app/node_modules/greet/package.json',
      ]);
      assert.equal(fs.readlinkSync(path.join(image, 'app/node_modules/.bin/greet')), '../greet/cli.js');
      const env = { NODE_ENV: 'production', NODE_NAME: 'x' };
      assert.equal(runIn(image, 'app', process.execPath, ['index.js', 'Ada'], env), 'hello Ada production x\n');
      assert.ok(blueprint.config.env?.includes('NODE_ENV=production'));
      assert.ok(blueprint.config.env?.includes('NODE_NAME=x'));
    });

    it('takes what npm itself installs for production', async () => {
      installApp();
      const { layers } = await unpack(await (await project()).image(context(), testIo()), scratch, testIo());
      const judge = path.join(scratch, 'judge');
      fs.cpSync(root, judge, { recursive: true, filter: (from) => !from.includes('node_modules') });
      npm(judge, 'ci', '--omit=dev');
      const listed = execFileSync('find', ['node_modules', '-not', '-type', 'd'], { cwd: judge, encoding: 'utf8' });
      const expected = listed.split('\n').filter((one) => one !== '' && !one.endsWith('.package-lock.json'));
      assert.ok(expected.length > 0);
      assert.deepEqual(
        [...(layers.get('dependencies')?.paths ?? [])].sort(),
        expected.map((one) => `app/${one}`).sort(),
      );
    });

    it('changes only the layer of the app where a source file changed', async () => {
      installApp();
      const before = await unpack(await (await project()).image(context(), testIo()), scratch, testIo());
      fs.appendFileSync(path.join(root, 'index.js'), '\n// more');
      const after = await unpack(await (await project()).image(context(), testIo()), scratch, testIo());
      const digests = (name: string): readonly unknown[] => [before, after].map((one) => one.layers.get(name)?.digest);
      const [old, now] = digests('dependencies');
      assert.equal(old, now);
      assert.notEqual(digests('app')[0], digests('app')[1]);
    });

    it('says what is not installed and the command that installs it', async () => {
      installApp();
      fs.rmSync(path.join(root, 'node_modules/greet'), { recursive: true });
      await assert.rejects((await project()).image(context(), testIo()), {
        code: 'not-found',
        message: /packages are not installed in .*"greet \(for the program\)".*Run "npm ci" there/,
      });
    });

    it('warns of packages that are not what package-lock.json says', async () => {
      installApp();
      writeTree(root, { 'node_modules/greet/package.json': '{"name":"greet","version":"0.9.0"}' });
      const { warnings } = await (await project()).image(context(), testIo());
      assert.deepEqual(
        warnings.map(({ code, paths }) => ({ code, paths })),
        [{ code: 'old-output', paths: ['node_modules/greet'] }],
      );
    });

    it('packs a member of a workspace with the members it needs at the places they have', async () => {
      publish('greet', { 'index.js': `module.exports = (name) => 'hello ' + name;` });
      writeTree(root, {
        'package.json': '{"name":"root","private":true,"workspaces":["packages/*"]}',
        'packages/app/package.json': JSON.stringify({
          name: 'app',
          version: '1.0.0',
          scripts: { start: 'node main.js', build: 'x' },
          dependencies: { '@ws/lib': '1.0.0' },
        }),
        'packages/app/main.js': `console.log(require('@ws/lib'));`,
        'packages/lib/package.json': JSON.stringify({
          name: '@ws/lib',
          version: '1.0.0',
          main: 'index.js',
          scripts: { build: 'x' },
          dependencies: { greet: 'file:../../vendor/greet-1.0.0.tgz' },
        }),
        'packages/lib/index.js': `module.exports = require('greet')('lib');`,
        'packages/other/package.json': '{"name":"other","version":"1.0.0"}',
        'packages/other/secret.js': '',
      });
      npm(root, 'install');
      assert.deepEqual(
        (await projects()).map(({ id }) => id),
        ['packages/app'],
      );
      const found = await project('packages/app');
      const builds = await found.builds(context(), testIo());
      assert.deepEqual(
        builds.map(({ directory }) => path.relative(root, directory)),
        ['packages/lib', 'packages/app'],
      );
      const { root: image, layers } = await unpack(await found.image(context(), testIo()), scratch, testIo());
      assert.equal(runIn(image, 'app/packages/app', process.execPath, ['main.js']), 'hello lib\n');
      assert.equal(fs.readlinkSync(path.join(image, 'app/node_modules/@ws/lib')), '../../packages/lib');
      assert.deepEqual(layers.get('app')?.paths, [
        'app/packages/app/main.js',
        'app/packages/app/package.json',
        'app/packages/lib/index.js',
        'app/packages/lib/package.json',
      ]);
    });
  });
});
