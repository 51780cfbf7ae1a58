import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { nodeRecipe } from '../../../../src/containerize/recipes/node/nodeRecipe.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import type { BuildContext, Project } from '../../../../src/containerize/recipes/recipe.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { runIn, unpack, writeTree } from '../folder/packed.ts';

let scratch = '';
let root = '';

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

describe('nodeRecipe, without npm', () => {
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(scratch));

  it('leaves out TypeScript sources where what was compiled is started, ignored or not', async () => {
    writeTree(root, {
      'package.json': '{"main":"dist/index.js","scripts":{"build":"tsc"}}',
      'tsconfig.json': '{ /* "outDir": "no" */ "compilerOptions": { "outDir": "./dist", } }',
      'src/index.ts': 'let x: number',
      'dist/index.js': 'console.log(1)',
      'public/film.ts': 'MPEG',
    });
    const keeps = (one: string): boolean => !`${one}/`.startsWith('dist/');
    const blueprint = await (await project()).image(context({ filter: { keeps, enters: keeps } }), testIo());
    const { layers } = await unpack(blueprint, scratch, testIo());
    assert.deepEqual(layers.get('app')?.paths, ['app/dist/index.js', 'app/package.json', 'app/public/film.ts']);
    assert.deepEqual(blueprint.config.entrypoint, ['node', 'dist/index.js']);
  });

  it('names the build where the program is not there yet', async () => {
    writeTree(root, {
      'package.json': '{"scripts":{"build":"tsc","start":"node dist/server.js"},"devDependencies":{"typescript":"5"}}',
      'pnpm-lock.yaml': '',
    });
    const found = await project();
    assert.deepEqual(
      (await found.builds(context(), testIo())).map(({ command, args, directory }) => [command, ...args, directory]),
      [['pnpm', 'run', 'build', root]],
    );
    const [step] = await found.builds(context(), testIo());
    assert.equal(step?.ifItFails, 'Its packages are not installed: run "pnpm install --frozen-lockfile" first.');
    writeTree(root, { 'node_modules/a/package.json': '{}' });
    assert.equal((await found.builds(context(), testIo()))[0]?.ifItFails, undefined);
    await assert.rejects(found.image(context(), testIo()), {
      code: 'not-found',
      message: /"dist\/server.js", which the program starts with, is not in .* Run "pnpm run build" there/,
    });
  });

  it('packs the standalone server of Next.js with its static files', async () => {
    writeTree(root, {
      'package.json': '{"dependencies":{"next":"*"},"scripts":{"start":"next start","build":"next build"}}',
      'next.config.mjs': `export default { output: 'standalone' }`,
      '.next/standalone/server.js': `require('next'); console.log('up', process.env.PORT, require('fs').readdirSync('.next/static').length)`,
      '.next/standalone/node_modules/next/index.js': '',
      '.next/standalone/.next/BUILD_ID': 'x',
      '.next/static/a.js': '',
      'public/logo.svg': '',
      'src/page.js': '',
    });
    const blueprint = await (await project()).image(context(), testIo());
    const { root: image, layers } = await unpack(blueprint, scratch, testIo());
    assert.deepEqual(layers.get('dependencies')?.paths, ['app/node_modules/next/index.js']);
    assert.deepEqual(layers.get('app')?.paths, [
      'app/.next/BUILD_ID',
      'app/.next/static/a.js',
      'app/public/logo.svg',
      'app/server.js',
    ]);
    assert.equal(runIn(image, 'app', process.execPath, ['server.js'], { PORT: '3000' }), 'up 3000 1\n');
    assert.deepEqual(blueprint.config.entrypoint, ['node', 'server.js']);
    assert.deepEqual(blueprint.config.ports, ['3000']);
  });

  const starts: readonly (readonly [
    json: object,
    entrypoint: readonly string[] | undefined,
    bases: readonly string[],
  ])[] = [
    [{ main: 'index.js' }, ['node', 'index.js'], ['gcr.io/distroless/nodejs22-debian13:nonroot', 'node:22-slim']],
    [{ bin: './index.js' }, ['node', 'index.js'], ['gcr.io/distroless/nodejs22-debian13:nonroot', 'node:22-slim']],
    [{ scripts: { start: 'node .' } }, ['node', '.'], ['gcr.io/distroless/nodejs22-debian13:nonroot', 'node:22-slim']],
    [{ scripts: { start: 'node a && node b' } }, undefined, ['node:22-slim']],
    [{ scripts: { start: 'npm run serve' }, engines: { node: '>=24' } }, undefined, ['node:24-slim']],
    [{ scripts: { start: 'nodemon index.js' }, engines: { node: '18.x' } }, ['node', 'index.js'], ['node:18-slim']],
    [
      { scripts: { start: 'tool run' }, dependencies: { tool: '*' } },
      ['node', 'node_modules/tool/cli.js', 'run'],
      ['gcr.io/distroless/nodejs22-debian13:nonroot', 'node:22-slim'],
    ],
  ];
  for (const [json, entrypoint, bases] of starts) {
    it(`starts ${JSON.stringify(json)}`, async () => {
      writeTree(root, {
        'package.json': JSON.stringify(json),
        'index.js': '',
        'node_modules/tool/package.json': '{"name":"tool","bin":"cli.js"}',
        'node_modules/tool/cli.js': '#!/usr/bin/env node\n',
      });
      const found = await project();
      const { config } = await found.image(context(), testIo());
      assert.deepEqual(config.entrypoint, entrypoint);
      assert.deepEqual(config.cmd, entrypoint === undefined ? ['npm', 'start'] : undefined);
      assert.deepEqual(found.bases, bases);
    });
  }

  it('names node and its user as the base has them', async () => {
    writeTree(root, { 'package.json': '{"main":"index.js"}', 'index.js': '' });
    const found = await project();
    const config = async (base: string): Promise<unknown> => {
      const build: BuildContext & { readonly base: string } = { ...context(), base };
      const { entrypoint, user, env } = (await found.image(build, testIo())).config;
      return { entrypoint, user, env };
    };
    assert.deepEqual(await config('gcr.io/distroless/nodejs22-debian13:nonroot'), {
      entrypoint: ['/nodejs/bin/node', 'index.js'],
      user: undefined,
      env: ['NODE_ENV=production'],
    });
    assert.deepEqual(await config('docker.io/library/node:22-slim'), {
      entrypoint: ['node', 'index.js'],
      user: 'node',
      env: ['NODE_ENV=production'],
    });
  });

  const none: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
    ['no package.json', { 'index.js': '' }],
    ['no JSON', { 'package.json': '{"main":', 'index.js': '' }],
    ['bytes that are no text', { 'package.json': '\u0000\uffff' }],
    ['an array', { 'package.json': '[]', 'index.js': '' }],
    ['JSON nested too deep', { 'package.json': '['.repeat(100_000) }],
    ['a library without a main file', { 'package.json': '{"main":"gone.js"}' }],
    ['a main file outside', { 'package.json': '{"main":"../../etc/passwd"}' }],
    ['an extension of an editor', { 'package.json': '{"main":"index.js","engines":{"vscode":"^1"}}', 'index.js': '' }],
    ['a site', { 'package.json': '{"scripts":{"start":"react-scripts start","build":"x"}}' }],
    ['members outside', { 'package.json': '{"workspaces":["../*","/","**/../..","\\u0000"]}' }],
  ];
  for (const [what, files] of none) {
    it(`finds no program in ${what}`, async () => {
      writeTree(root, files);
      assert.deepEqual(await projects(), []);
    });
  }

  it('takes members of a wrong kind for none', async () => {
    writeTree(root, {
      'package.json':
        '{"name":1,"main":"index.js","bin":[1],"scripts":{"start":7,"build":[]},"dependencies":["x"],"engines":"x","workspaces":{"packages":7},"__proto__":{"x":1}}',
      'index.js': '',
    });
    const found = await project();
    assert.deepEqual(await found.builds(context(), testIo()), []);
    assert.deepEqual((await found.image(context(), testIo())).config.entrypoint, ['node', 'index.js']);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });

  it('finds the members of a workspace beside a folder that cannot be listed', async () => {
    const workspaces = [`${'x'.repeat(300)}/*`, 'apps/*'];
    writeTree(root, {
      'package.json': JSON.stringify({ workspaces }),
      'apps/a/package.json': '{"scripts":{"start":"node x.js"}}',
    });
    assert.deepEqual(
      (await projects()).map(({ id }) => id),
      ['apps/a'],
    );
  });

  it('finds the members of a pnpm workspace but for those that are taken out', async () => {
    const member = '{"scripts":{"start":"node x.js"}}';
    writeTree(root, {
      'package.json': '{}',
      'pnpm-workspace.yaml': 'packages:\n  - apps/**\n  - tools/t*\n  - "!apps/old/**"\n',
      'apps/a/package.json': member,
      'apps/deep/b/package.json': member,
      'apps/old/c/package.json': member,
      'apps/a/node_modules/d/package.json': member,
      'tools/t1/package.json': member,
      'tools/u1/package.json': member,
    });
    assert.deepEqual(
      (await projects()).map(({ id }) => id),
      ['apps/a', 'apps/deep/b', 'tools/t1'],
    );
  });
});
