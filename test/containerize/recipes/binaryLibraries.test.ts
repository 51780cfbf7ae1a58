import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { binaryRecipe } from '../../../src/containerize/recipes/binaryRecipe.ts';
import type { ImageBlueprint } from '../../../src/containerize/blueprint.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';
import { elfOf, type ElfSpec } from '../elfWriter.ts';
import { folderOf, runSteps, writeTree } from './binaryTree.ts';
import { unpack } from './folder/packed.ts';

const build = { platforms: ['linux/amd64'], output: '/o' };
let folder = '';

function put(name: string, spec: ElfSpec, seconds = 1000): void {
  writeTree(folder, { [name]: '' });
  fs.writeFileSync(path.join(folder, name), elfOf(spec));
  fs.utimesSync(path.join(folder, name), seconds, seconds);
}

const program = (more: ElfSpec): ElfSpec => ({ interpreter: '/lib64/ld-linux-x86-64.so.2', ...more });

async function imageOf(files: Readonly<Record<string, string>> = {}): Promise<ImageBlueprint> {
  const [project] = await binaryRecipe.detect(await folderOf(folder, files), testIo());
  assert.ok(project !== undefined);
  return project.image(build, testIo());
}

const placed = ({ layers }: ImageBlueprint): readonly unknown[] =>
  layers.map(({ name, files }) => [
    name,
    files.map((one) => ('from' in one ? [path.relative(folder, one.from).replaceAll(path.sep, '/'), one.to] : [])),
  ]);

describe('binaryRecipe, several programs and libraries', () => {
  beforeEach(async () => void (folder = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(folder));

  it('puts the libraries of the project in that its program needs, and those need', async () => {
    put('build/app', program({ needed: ['libgreet.so.1', 'libc.so.6'], runpath: '$ORIGIN/lib:$ORIGIN' }));
    put('build/lib/libgreet.so.1', { soname: 'libgreet.so.1', needed: ['libword.so'], runpath: '$ORIGIN' });
    put('build/lib/libword.so', { soname: 'libword.so', needed: ['libgreet.so.1'] });
    put('build/lib/libother.so', { soname: 'libother.so' });
    const image = await imageOf();
    assert.deepEqual(placed(image), [
      [
        'libraries',
        [
          ['build/lib/libgreet.so.1', '/app/lib/libgreet.so.1'],
          ['build/lib/libword.so', '/app/lib/libword.so'],
        ],
      ],
      ['program', [['build/app', '/app/app']]],
    ]);
    assert.deepEqual(image.config, { entrypoint: ['/app/app'] });
  });

  it('tells the loader where libraries are that were linked by a path of this machine', async () => {
    put('.libs/atool', program({ needed: ['libat.so.0'] }));
    put('.libs/libat.so.0', { soname: 'libat.so.0', needed: ['libdeep.so'], runpath: `${folder}/deep` });
    put('deep/libdeep.so', { soname: 'libdeep.so' });
    const image = await imageOf();
    assert.deepEqual(placed(image)[0], [
      'libraries',
      [
        ['.libs/libat.so.0', '/app/libat.so.0'],
        ['deep/libdeep.so', '/app/libdeep.so'],
      ],
    ]);
    assert.deepEqual(image.config.env, ['LD_LIBRARY_PATH=/app']);
  });

  it('takes no library from outside of the project', async function () {
    if (process.platform === 'win32') this.skip();
    put('build/app', program({ needed: ['libc.so.6', '../x.so', 'l.so'], runpath: '/lib:/usr/lib:$ORIGIN/../../..:' }));
    writeTree(folder, { 'build/libc.so.6': '-> /etc/passwd', 'build/l.so': 'text' });
    assert.deepEqual(
      (await imageOf()).layers.map(({ name }) => name),
      ['program'],
    );
  });

  it('starts of several new programs the one named as the project, and says so', async () => {
    const [project] = await binaryRecipe.detect(
      await folderOf(folder, { 'CMakeLists.txt': 'Project( hello\n VERSION 1.2)', 'src/main.c': '' }),
      testIo(),
    );
    put('build/helper', program({}), 3000);
    put('build/hello_test', program({}), 9000);
    put('build/meson-private/sanitycheckc.exe', program({}), 9000);
    assert.ok(project !== undefined);
    const first = await project.image(build, testIo());
    assert.deepEqual(first.config.entrypoint, ['/app/helper']);
    put('build/hello', program({}), 1000);
    const image = await project.image(build, testIo());
    assert.deepEqual(image.config.entrypoint, ['/app/hello']);
    assert.deepEqual(
      image.warnings.map(({ code, text }) => [code, text]),
      [['note', 'The build makes several programs. "hello" was taken; others are "helper, hello_test".']],
    );
    const projects = await binaryRecipe.detect(await folderOf(folder, {}), testIo());
    assert.deepEqual(
      projects.map(({ id }) => id),
      ['helper', 'hello', 'hello_test'],
    );
  });

  it('makes the same image of a CMake project with a library from another checkout, and it runs', async function () {
    needs(this, 'cmake', 'cc', 'tar');
    if (process.platform !== 'linux') this.skip();
    this.timeout(60_000);
    const files = {
      'CMakeLists.txt': `cmake_minimum_required(VERSION 3.14)
project(hello C)
add_library(greet SHARED greet.c)
set_target_properties(greet PROPERTIES VERSION 1.2.3 SOVERSION 1)
add_executable(hello main.c)
target_link_libraries(hello greet)
`,
      'greet.c': '#include <stdio.h>\nvoid greet(void) { puts("hello"); }\n',
      'main.c': 'void greet(void);\nint main(void) { greet(); return 0; }\n',
    };
    const platforms = [`linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`];
    const made: (readonly string[])[] = [];
    for (const name of ['one', 'other']) {
      const [project] = await binaryRecipe.detect(await folderOf(path.join(folder, name), files), testIo());
      assert.ok(project !== undefined);
      runSteps(await project.builds({ ...build, platforms }, testIo()));
      const image = await project.image({ ...build, platforms }, testIo());
      const { root, layers } = await unpack(image, folder, testIo());
      assert.equal(execFileSync(path.join(root, 'app/hello'), { encoding: 'utf8' }), 'hello\n');
      assert.deepEqual([...layers.values()][0]?.paths, ['app/libgreet.so.1']);
      made.push([...layers.values()].map(({ digest }) => digest));
    }
    assert.deepEqual(made[0], made[1]);
  });
});
