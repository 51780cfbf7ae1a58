import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { dependencyLayer } from '../../../../src/containerize/recipes/node/dependencyLayer.ts';
import { lookupFolders } from '../../../../src/containerize/recipes/node/installed.ts';
import { packageJson } from '../../../../src/containerize/recipes/node/packageJson.ts';
import { type Closure, productionClosure } from '../../../../src/containerize/recipes/node/productionClosure.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { needs } from '../../../support/tools.ts';
import { unpack, writeTree } from '../folder/packed.ts';

let scratch = '';
let root = '';

async function closureOf(json: Record<string, unknown>, at = '.'): Promise<Closure> {
  return productionClosure(await ProjectFolder.open(root), at, packageJson(json), testIo());
}

function link(from: string, target: string): void {
  fs.mkdirSync(path.dirname(path.join(root, from)), { recursive: true });
  fs.symlinkSync(target, path.join(root, from), 'dir');
}

const places = ({ packages }: Closure): readonly string[] => packages.map(({ place }) => place).sort();

describe('productionClosure', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(scratch));

  it('finds of two versions the one that each package sees', async () => {
    writeTree(root, {
      'node_modules/a/package.json': '{"dependencies":{"b":"2"}}',
      'node_modules/a/node_modules/b/package.json': '{}',
      'node_modules/b/package.json': '{"dependencies":{"c":"1"}}',
      'node_modules/c/package.json': '{}',
    });
    assert.deepEqual(places(await closureOf({ dependencies: { a: '1' } })), [
      'node_modules/a',
      'node_modules/a/node_modules/b',
    ]);
    assert.deepEqual(places(await closureOf({ dependencies: { b: '1' } })), ['node_modules/b', 'node_modules/c']);
  });

  it('takes optional packages and peers where they are there, and ends in a circle', async () => {
    writeTree(root, {
      'node_modules/a/package.json': '{"dependencies":{"b":"1"},"peerDependencies":{"p":"1","gone":"1"}}',
      'node_modules/b/package.json':
        '{"dependencies":{"a":"1","lost":"1"},"optionalDependencies":{"o":"1"},"devDependencies":{"d":"1"}}',
      'node_modules/p/package.json': '{}',
      'node_modules/o/package.json': '{}',
      'node_modules/d/package.json': '{}',
    });
    const found = await closureOf({ dependencies: { a: '1' }, optionalDependencies: { fsevents: '1' } });
    assert.deepEqual(places(found), ['node_modules/a', 'node_modules/b', 'node_modules/o', 'node_modules/p']);
    assert.deepEqual(found.missing, [{ name: 'lost', by: 'node_modules/b' }]);
  });

  it("277: keeps the links of pnpm's store as links, without what else is in the store", async function () {
    needs(this, 'tar');
    writeTree(root, {
      'node_modules/.pnpm/a@1/node_modules/a/package.json': '{"name":"a","dependencies":{"b":"1"}}',
      'node_modules/.pnpm/b@1/node_modules/b/package.json': '{"name":"b"}',
      'node_modules/.pnpm/dev@1/node_modules/dev/package.json': '{"name":"dev"}',
      'node_modules/.modules.yaml': 'storeDir: /home/somebody',
    });
    link('node_modules/a', '.pnpm/a@1/node_modules/a');
    link('node_modules/dev', '.pnpm/dev@1/node_modules/dev');
    link('node_modules/.pnpm/a@1/node_modules/b', '../../b@1/node_modules/b');
    const layer = dependencyLayer(await ProjectFolder.open(root), await closureOf({ dependencies: { a: '1' } }));
    assert.ok(layer);
    const blueprint = { layers: [layer], config: {}, programs: [], warnings: [], materials: [] };
    const { root: image, layers } = await unpack(blueprint, scratch, testIo());
    assert.deepEqual(layers.get('dependencies')?.paths, [
      'app/node_modules/.pnpm/a@1/node_modules/a/package.json',
      'app/node_modules/.pnpm/a@1/node_modules/b',
      'app/node_modules/.pnpm/b@1/node_modules/b/package.json',
      'app/node_modules/a',
    ]);
    assert.equal(fs.readlinkSync(path.join(image, 'app/node_modules/a')), '.pnpm/a@1/node_modules/a');
  });

  it('puts the content in the place of a link that names a path of this machine', async () => {
    writeTree(root, {
      'packages/lib/package.json': '{"dependencies":{"dep":"1"}}',
      'packages/lib/node_modules/dep/package.json': '{}',
    });
    link('node_modules/lib', path.join(root, 'packages/lib'));
    const { packages, links, missing } = await closureOf({ dependencies: { lib: '1' } });
    assert.deepEqual(links, []);
    assert.deepEqual(missing, []);
    assert.deepEqual(
      packages.map(({ place, from }) => [place, from]),
      [
        ['node_modules/lib', 'packages/lib'],
        ['node_modules/lib/node_modules/dep', 'packages/lib/node_modules/dep'],
      ],
    );
  });

  it('277: takes nothing from outside of the folder', async () => {
    writeTree(scratch, { 'outside/package.json': '{"name":"outside"}', 'outside/secret': '' });
    link('node_modules/out', '../../outside');
    link('node_modules/absolute', path.join(scratch, 'outside'));
    link('node_modules/hop', 'out');
    link('node_modules/@scope', '../../outside');
    link('node_modules/round', 'round');
    const found = await closureOf({
      dependencies: {
        out: '1',
        absolute: '1',
        hop: '1',
        '@scope/x': '1',
        round: '1',
        '../outside': '1',
        '..': '1',
        'a/../../b': '1',
      },
    });
    assert.deepEqual(found.packages, []);
    assert.deepEqual(found.links, []);
    assert.deepEqual([...found.outside].sort(), ['absolute', 'hop', 'out']);
    assert.deepEqual(found.missing.map(({ name }) => name).sort(), [
      '..',
      '../outside',
      '@scope/x',
      'a/../../b',
      'round',
    ]);
  });

  it('looks where Node looks', () => {
    assert.deepEqual(lookupFolders('.'), ['node_modules']);
    assert.deepEqual(lookupFolders('a/b'), ['a/b/node_modules', 'a/node_modules', 'node_modules']);
    assert.deepEqual(lookupFolders('node_modules/x'), ['node_modules/x/node_modules', 'node_modules']);
  });

  it('stops when it is cancelled', async () => {
    writeTree(root, { 'node_modules/a/package.json': '{}' });
    const folder = await ProjectFolder.open(root);
    const cancelled = productionClosure(folder, '.', packageJson({ dependencies: { a: '1' } }), {
      signal: AbortSignal.abort(new Error('enough')),
    });
    await assert.rejects(cancelled, /enough/);
  });
});
