import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { nativeWarnings } from '../../../../src/containerize/recipes/node/nativeAddons.ts';
import { packageJson } from '../../../../src/containerize/recipes/node/packageJson.ts';
import { productionClosure } from '../../../../src/containerize/recipes/node/productionClosure.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { elfOf } from '../../elfWriter.ts';
import { writeTree } from '../folder/packed.ts';

let root = '';

function addon(file: string, machine: 'x86_64' | 'aarch64'): void {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), elfOf({ machine: machine === 'x86_64' ? 62 : 183, soname: 'a.node' }));
}

async function wrong(names: readonly string[], platforms: readonly string[]): Promise<readonly unknown[]> {
  const folder = await ProjectFolder.open(root);
  const json = packageJson({ dependencies: Object.fromEntries(names.map((name) => [name, '1'])) });
  const { packages } = await productionClosure(folder, '.', json, testIo());
  const warnings = await nativeWarnings(folder, packages, platforms, testIo());
  assert.ok(warnings.every(({ code }) => code === 'not-supported'));
  return warnings.map(({ text, paths }) => [/not for (\S+)/.exec(text)?.[1], paths]);
}

describe('nativeWarnings', () => {
  beforeEach(async () => void (root = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(root));

  it('names addons that are for another platform', async () => {
    writeTree(root, { 'node_modules/a/package.json': '{"name":"a"}' });
    addon('node_modules/a/build/Release/a.node', 'x86_64');
    assert.deepEqual(await wrong(['a'], ['linux/amd64']), []);
    assert.deepEqual(await wrong(['a'], ['linux/amd64', 'linux/arm64']), [
      ['linux/arm64', ['node_modules/a/build/Release/a.node']],
    ]);
  });

  it('is content with a package that brings addons for many platforms, one of them the right one', async () => {
    writeTree(root, { 'node_modules/a/package.json': '{"name":"a"}' });
    addon('node_modules/a/prebuilds/linux-x64/a.node', 'x86_64');
    addon('node_modules/a/prebuilds/linux-arm64/a.node', 'aarch64');
    assert.deepEqual(await wrong(['a'], ['linux/amd64', 'linux/arm64']), []);
    assert.deepEqual((await wrong(['a'], ['linux/s390x'])).length, 1);
  });

  it('takes packages that are for one platform each for alternatives', async () => {
    writeTree(root, {
      'node_modules/a/package.json': '{"name":"a","optionalDependencies":{"a-x64":"1","a-arm64":"1"}}',
      'node_modules/a-x64/package.json': '{"name":"a-x64","os":["linux"],"cpu":["x64"]}',
    });
    addon('node_modules/a-x64/a.node', 'x86_64');
    assert.deepEqual(await wrong(['a'], ['linux/amd64']), []);
    assert.deepEqual(await wrong(['a'], ['linux/arm64']), [['linux/arm64', ['node_modules/a-x64/a.node']]]);
    writeTree(root, { 'node_modules/a-arm64/package.json': '{"name":"a-arm64","os":["linux"],"cpu":["arm64"]}' });
    addon('node_modules/a-arm64/a.node', 'aarch64');
    assert.deepEqual(await wrong(['a'], ['linux/amd64', 'linux/arm64']), []);
  });

  it('believes what a package without addons says of its platforms', async () => {
    writeTree(root, {
      'node_modules/a/package.json': '{"name":"a","optionalDependencies":{"a-mac":"1"}}',
      'node_modules/a-mac/package.json': '{"name":"a-mac","os":["darwin"],"cpu":["arm64"]}',
    });
    assert.deepEqual(await wrong(['a'], ['linux/arm64']), [['linux/arm64', ['node_modules/a-mac']]]);
    writeTree(root, { 'node_modules/a-mac/package.json': '{"name":"a-mac","os":["!win32"]}' });
    assert.deepEqual(await wrong(['a'], ['linux/arm64']), []);
  });

  it('takes bytes that are no program for none', async () => {
    writeTree(root, {
      'node_modules/a/package.json': '{}',
      'node_modules/a/x.node': '\u007fELF',
      'node_modules/a/y.node': '',
    });
    assert.deepEqual(await wrong(['a'], ['linux/amd64']), []);
  });
});
