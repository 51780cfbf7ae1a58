import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { blueprintOfFiles } from '../../../src/containerize/recipes/binary.ts';
import { binaryRecipe } from '../../../src/containerize/recipes/binaryRecipe.ts';
import { packedEntries } from '../../support/layerTools.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';
import { folderOf, runSteps, writeTree } from './binaryTree.ts';

let folder = '';
const machines = { amd64: 62, arm64: 183 } as const;

/** A static ELF program: the file header and one segment to be loaded. */
function elf(architecture: keyof typeof machines, type = 2): Buffer {
  const bytes = Buffer.alloc(120);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(type, 16);
  bytes.writeUInt16LE(machines[architecture], 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(64n, 32);
  for (const [at, value] of [64, 56, 1].entries()) bytes.writeUInt16LE(value, 52 + 2 * at);
  bytes.writeUInt32LE(1, 64);
  bytes.writeUInt32LE(5, 68);
  bytes.writeBigUInt64LE(120n, 96);
  bytes.writeBigUInt64LE(120n, 104);
  return bytes;
}

function put(name: string, content: Buffer, seconds = 1000): string {
  const file = path.join(folder, name);
  writeTree(folder, { [name]: '' });
  fs.writeFileSync(file, content);
  fs.utimesSync(file, seconds, seconds);
  return file;
}

describe('blueprintOfFiles', () => {
  beforeEach(async () => void (folder = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(folder));

  it('places a file for each platform under the name of the first', async () => {
    const [a, b] = [put('server', elf('amd64')), put('out/server-arm', elf('arm64'))];
    const files = [
      { file: a, platform: 'linux/amd64' },
      { file: b, platform: 'linux/arm64/v8' },
    ];
    const image = blueprintOfFiles(files, { to: '/app/', owner: { uid: 65532, gid: 65532 } });
    assert.deepEqual(image.platforms, ['linux/amd64', 'linux/arm64']);
    assert.deepEqual(image.config, { entrypoint: ['/app/server'] });
    assert.deepEqual(
      image.programs.map(({ path: place, platform }) => [place, platform]),
      [
        ['/app/server', 'linux/amd64'],
        ['/app/server', 'linux/arm64'],
      ],
    );
    for (const { files: one } of image.layers) {
      const entries = (await packedEntries(one)).map(({ name, mode, owner }) => [name, mode, owner]);
      assert.deepEqual(entries.at(-1), ['app/server', '755', '65532:65532']);
    }
  });

  it('places one file without a platform in the images of all', () => {
    const image = blueprintOfFiles([{ file: '/home/me/run.sh' }], { to: '' });
    assert.deepEqual(image.layers[0], {
      name: 'program',
      files: [{ from: '/home/me/run.sh', to: '/run.sh', mode: 0o755 }],
    });
    assert.equal(image.platforms, undefined);
  });

  for (const [what, files] of [
    ['no file', []],
    [
      'two for one platform',
      [
        { file: '/a', platform: 'linux/arm64' },
        { file: '/b', platform: 'linux/arm64/v8' },
      ],
    ],
    ['two for all', [{ file: '/a' }, { file: '/b' }]],
    ['one for all and one for a platform', [{ file: '/a' }, { file: '/b', platform: 'linux/arm64' }]],
    ['one for a platform and one for all', [{ file: '/b', platform: 'linux/arm64' }, { file: '/a' }]],
    ['what is no platform', [{ file: '/a', platform: 'x' }]],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => blueprintOfFiles(files, { to: '/app' }), { code: 'invalid-reference' });
    });
  }
});

describe('binaryRecipe', () => {
  beforeEach(async () => void (folder = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(folder));
  const open = (files: Readonly<Record<string, string>> = {}): ReturnType<typeof folderOf> => folderOf(folder, files);

  it('finds programs where builds leave them, the newest first', async () => {
    put('target/release/one', elf('amd64'), 1000);
    put('build/two', elf('amd64'), 3000);
    put('dist/three_linux_amd64/three', elf('amd64'), 2000);
    put('target/debug/four', elf('amd64'), 9000);
    put('lib/five', elf('amd64'), 9000);
    put('build/CMakeFiles/six', elf('amd64'), 9000);
    put('bin/seven.so.1', elf('amd64'), 9000);
    put('bin/eight', Buffer.from('#!/bin/sh'), 9000);
    put('bin/nine', elf('amd64', 1), 9000);
    if (process.platform !== 'win32') writeTree(folder, { 'bin/ten': '-> /bin/true' });
    const projects = await binaryRecipe.detect(await open(), testIo());
    assert.deepEqual(
      projects.map(({ id, title, platforms }) => [id, title, platforms]),
      [
        ['two', 'Program build/two', ['linux/amd64']],
        ['three', 'Program dist/three_linux_amd64/three', ['linux/amd64']],
        ['one', 'Program target/release/one', ['linux/amd64']],
      ],
    );
    assert.deepEqual(await projects[0]?.builds({ platforms: ['linux/amd64'], output: '/o' }, testIo()), []);
    assert.equal(projects[0]?.bases[0], 'gcr.io/distroless/static-debian13:nonroot');
  });

  it('takes programs of one name for several platforms as one project', async () => {
    const newest = put('dist/app_linux_amd64_v1/app', elf('amd64'), 5000);
    put('bin/app', elf('amd64'), 4000);
    const other = put('dist/app_linux_arm64/app', elf('arm64'), 3000);
    const [project, ...more] = await binaryRecipe.detect(await open(), testIo());
    assert.deepEqual([project?.id, project?.platforms, more.length], ['app', ['linux/amd64', 'linux/arm64'], 0]);
    const image = await project?.image({ platforms: ['linux/arm64', 'linux/amd64'], output: '/o' }, testIo());
    assert.deepEqual(
      image?.programs.map(({ file, platform }) => [file, platform]),
      [
        [other, 'linux/arm64'],
        [newest, 'linux/amd64'],
      ],
    );
    assert.ok(project !== undefined);
    await assert.rejects(project.image({ platforms: ['linux/s390x'], output: '/o' }, testIo()), {
      code: 'not-found',
      message: /no program "app" for linux\/s390x .* There is ".*dist\/app_linux_arm64\/app for linux\/arm64"/,
    });
  });

  it('looks at so many files only, and at their first bytes', async function () {
    this.timeout(60_000);
    for (let at = 0; at < 2500; at += 1) writeTree(folder, { [`bin/f${String(at).padStart(4, '0')}`]: 'x' });
    put('bin/zz', elf('amd64'));
    assert.deepEqual(await binaryRecipe.detect(await open(), testIo()), []);
    put('bin/a', elf('amd64'));
    fs.truncateSync(path.join(folder, 'bin/f0000'), 2 ** 40);
    assert.equal((await binaryRecipe.detect(await open(), testIo())).length, 1);
  });

  for (const [what, files, commands] of [
    ['make', { Makefile: '', 'main.c': '' }, ['make']],
    [
      'CMake',
      { 'CMakeLists.txt': '', 'src/main.cpp': '' },
      ['cmake -S . -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_BUILD_RPATH_USE_ORIGIN=ON', 'cmake --build build'],
    ],
    ['CMake, configured', { 'CMakeLists.txt': '', 'main.c': '', 'build/CMakeCache.txt': '' }, ['cmake --build build']],
    [
      'Meson',
      { 'meson.build': '', 'src/main.c': '' },
      ['meson setup --buildtype=release builddir', 'meson compile -C builddir'],
    ],
    [
      'Meson, configured',
      { 'meson.build': '', 'main.c': '', 'build/meson-private/coredata.dat': '' },
      ['meson compile -C build'],
    ],
    ['autotools', { 'configure.ac': '', 'main.c': '' }, ['autoreconf --install', './configure', 'make']],
    ['configure', { configure: '', 'configure.ac': '', 'main.c': '' }, ['./configure', 'make']],
    ['configure, configured', { configure: '', Makefile: '', 'main.c': '' }, ['make']],
    ['another tool chain', { Makefile: '', 'go.mod': '', 'main.c': '' }, undefined],
    ['a Makefile for something else', { Makefile: '' }, undefined],
    ['sources only', { 'main.c': '' }, undefined],
  ] as const) {
    it(`knows what builds a folder without programs: ${what}`, async () => {
      const [project] = await binaryRecipe.detect(await open(files), testIo());
      const steps = await project?.builds({ platforms: ['linux/amd64'], output: '/o' }, testIo());
      assert.deepEqual(
        steps?.map(({ command, args, directory }) =>
          [command.replace(directory, '.').replaceAll('\\', '/'), ...args].join(' '),
        ),
        commands,
      );
    });
  }

  it('builds the folder that a program was built in', async () => {
    put('cmake-build-release/app', elf('amd64'));
    const [project] = await binaryRecipe.detect(
      await open({ 'CMakeLists.txt': '', 'cmake-build-release/CMakeCache.txt': '', 'build/CMakeCache.txt': '' }),
      testIo(),
    );
    const [step] = (await project?.builds({ platforms: ['linux/amd64'], output: '/o' }, testIo())) ?? [];
    assert.deepEqual(step?.args, ['--build', 'cmake-build-release']);
  });

  const sources = {
    'main.c': '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n',
    'CMakeLists.txt': 'cmake_minimum_required(VERSION 3.13)\nproject(hello C)\nadd_executable(hello main.c)\n',
    Makefile: 'hello: main.c\n\t$(CC) -o hello main.c\n',
  };
  for (const [tool, left] of [
    ['make', 'CMakeLists.txt'],
    ['cmake', 'Makefile'],
  ] as const) {
    it(`makes an image of what ${tool} builds`, async function () {
      needs(this, tool, 'cc');
      if (process.platform !== 'linux') this.skip();
      this.timeout(120_000);
      const files = Object.fromEntries(Object.entries(sources).filter(([name]) => name !== left));
      const [project] = await binaryRecipe.detect(await open(files), testIo());
      assert.ok(project !== undefined);
      const build = { platforms: [`linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`], output: '/o' };
      await assert.rejects(project.image(build, testIo()), { code: 'not-found' });
      runSteps(await project.builds(build, testIo()));
      const image = await project.image(build, testIo());
      assert.deepEqual(image.config, { entrypoint: ['/app/hello'] });
      assert.equal(execFileSync(image.programs[0]?.file ?? '', { encoding: 'utf8' }), 'hello\n');
      const [built] = await binaryRecipe.detect(await open(), testIo());
      assert.deepEqual([built?.id, built?.bases[0]], ['hello', 'gcr.io/distroless/cc-debian13:nonroot']);
    });
  }
});
