import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { goProjects, goRecipe } from '../../../src/containerize/recipes/go.ts';
import { modulePathOf, workFolders } from '../../../src/containerize/recipes/goModule.ts';
import { declaresMain, readGoHead } from '../../../src/containerize/recipes/goSource.ts';
import { ProjectFolder } from '../../../src/containerize/recipes/projectFolder.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { folderOf } from './binaryTree.ts';

const main = 'package main\n\nfunc main() {}\n';
const goMod = 'module example.com/shop\n';
let folder = '';

async function ids(files: Readonly<Record<string, string>>, root = 'project'): Promise<readonly string[]> {
  const opened = await folderOf(path.join(folder, root), files);
  return (await goRecipe.detect(opened, testIo())).map(({ id }) => id);
}

describe('readGoHead', () => {
  for (const [text, expected] of [
    ['package main', { package: 'main', isIgnored: false }],
    ['\ufeff// note\r\n\r\n/* package text\n*/ package main // x', { package: 'main', isIgnored: false }],
    ['//go:build ignore\n\npackage main', { package: 'main', isIgnored: true }],
    [
      '// Copyright\n\n//go:build ignore && linux\n// +build ignore\n\npackage main',
      { package: 'main', isIgnored: true },
    ],
    ['// +build ignore\n\npackage main', { package: 'main', isIgnored: true }],
    ['//go:build !ignore\n\npackage main', { package: 'main', isIgnored: false }],
    ['//go:build ignored\n\npackage main', { package: 'main', isIgnored: false }],
    ['//go:build linux\n\npackage main', { package: 'main', isIgnored: false }],
    ['func main() {}', undefined],
    ['/* package main', undefined],
    ['', undefined],
    ['\0\xff', undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(readGoHead(text), expected));
  }
});

describe('declaresMain', () => {
  for (const [text, expected] of [
    ['func main() {}', true],
    ['var a = 1; func main() {}', true],
    ['\t func  main ( ) {}', true],
    ['// func main() {}', false],
    ['/*\nfunc main() {}\n*/', false],
    ['var a = `\nfunc main() {}\n`', false],
    ['var a = "\\"`"\nfunc main() {}', true],
    ["var a = '`'\nfunc main() {}", true],
    ['var a = "//"\nfunc main() {}', true],
    ['func (m M) main() {}', false],
    ['func mainly() {}', false],
    ['`', false],
  ] as const) {
    it(`finds it in ${JSON.stringify(text)}: ${expected}`, () => assert.equal(declaresMain(text), expected));
  }

  it('takes no long time for a long text', () => {
    const began = performance.now();
    for (const text of [
      '"'.repeat(1 << 20),
      'func\n'.repeat(200_000),
      `func${' '.repeat(1 << 20)}`,
      '/*'.repeat(1 << 19),
      '\n'.repeat(1 << 20),
    ]) {
      assert.equal(declaresMain(text), false);
      assert.equal(readGoHead(text), undefined);
    }
    assert.ok(performance.now() - began < 3000);
  });
});

describe('modulePathOf', () => {
  for (const [text, expected] of [
    ['module example.com/app\n\ngo 1.22', 'example.com/app'],
    ['// x\nmodule "example.com/app/v2" // y', 'example.com/app/v2'],
    ['module (\n\texample.com/app\n)', 'example.com/app'],
    ['module\texample.com/a\r\n', 'example.com/a'],
    ['modules example.com/a', undefined],
    ['module ../../etc', undefined],
    ['module a b', undefined],
    ['module', undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(modulePathOf(text), expected));
  }

  it('reads the folders of a go.work', () => {
    assert.deepEqual(workFolders('go 1.22\nuse ./a\nuse (\n  ./b // x\n  "./c d"\n)\nreplace x => ./y\n'), [
      './a',
      './b',
      './c d',
    ]);
  });
});

describe('goRecipe', () => {
  beforeEach(async () => void (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  it('finds programs, samples and tools last, and passes over what is none', async () => {
    const found = await ids({
      'go.mod': goMod,
      'main.go': main,
      'cmd/worker/main.go': main,
      'cmd/server/a.go': 'package main\n',
      'cmd/server/run.go': main,
      'hack/tool/main.go': main,
      'lib/lib.go': 'package lib\n\nfunc main() {}\n',
      'only_test/main_test.go': main,
      'cmd/umlauts/main.go': `package main\n// ${'\u00e4'.repeat(40_000)}\nfunc main() {}\n`,
      'gen/gen.go': `//go:build ignore\n\n${main}`,
      'no/main.go': 'package main\n\n// func main() {}\n',
      'vendor/x/main.go': main,
      'testdata/x/main.go': main,
      'web/node_modules/x/main.go': main,
      '.hidden/main.go': main,
      '_off/main.go': main,
    });
    assert.deepEqual(found, ['.', 'cmd/server', 'cmd/umlauts', 'cmd/worker', 'hack/tool']);
  });

  it('finds nothing without a module', async () => assert.deepEqual(await ids({ 'main.go': main }), []));

  for (const [what, files] of [
    ['a go.mod without a module path', { 'go.mod': 'go 1.22\n', 'main.go': main }],
    ['a go.mod that is a folder', { 'go.mod/x': '', 'main.go': main }],
    ['bytes that are no Go', { 'go.mod': goMod, 'main.go': '\0\0package main' }],
    ['a source that is a folder', { 'go.mod': goMod, 'main.go/x': main }],
  ] as const) {
    it(`finds nothing for ${what}`, async () => assert.deepEqual(await ids(files), []));
  }

  it('finds the module above the folder, and follows no link', async function () {
    if (process.platform === 'win32') this.skip();
    await folderOf(path.join(folder, 'shop'), {
      'go.mod': goMod,
      'cmd/server/main.go': main,
      'cmd/link': '-> ../../other',
    });
    await folderOf(path.join(folder, 'other'), { 'main.go': main });
    const opened = await ProjectFolder.open(path.join(folder, 'shop/cmd'));
    const [project, ...more] = await goRecipe.detect(opened, testIo());
    assert.deepEqual([project?.id, more.length], ['server', 0]);
    const [step] = (await project?.builds({ platforms: ['linux/amd64'], output: '/o' }, testIo())) ?? [];
    assert.equal(step?.directory, fs.realpathSync(path.join(folder, 'shop')));
    assert.equal(step.args.at(-1), './cmd/server');
  });

  it('builds a module that go.work does not use without it', async () => {
    const opened = await folderOf(path.join(folder, 'work'), {
      'go.work': 'go 1.22\nuse ./a\n',
      'a/go.mod': 'module example.com/a\n',
      'a/main.go': main,
      'b/go.mod': 'module example.com/b/v2\n',
      'b/main.go': main,
    });
    const projects = await goRecipe.detect(opened, testIo());
    const build = { platforms: ['linux/amd64'], output: path.join(folder, 'o') };
    const steps = await Promise.all(projects.map(async (project) => (await project.builds(build, testIo()))[0]));
    assert.deepEqual(
      steps.map((step) => [step?.env['GOWORK'], step?.args.at(-2)]),
      [
        [undefined, path.join(folder, 'o/linux_amd64/a')],
        ['off', path.join(folder, 'o/linux_amd64/v2')],
      ],
    );
  });

  for (const [platform, env, output] of [
    ['linux/amd64', { GOOS: 'linux', GOARCH: 'amd64' }, 'linux_amd64'],
    ['linux/amd64/v3', { GOOS: 'linux', GOARCH: 'amd64', GOAMD64: 'v3' }, 'linux_amd64_v3'],
    ['linux/arm64/v8', { GOOS: 'linux', GOARCH: 'arm64' }, 'linux_arm64'],
    ['linux/arm/v7', { GOOS: 'linux', GOARCH: 'arm', GOARM: '7' }, 'linux_arm_v7'],
    ['linux/arm/v8', { GOOS: 'linux', GOARCH: 'arm', GOARM: '7' }, 'linux_arm_v8'],
    ['linux/arm', { GOOS: 'linux', GOARCH: 'arm' }, 'linux_arm'],
    ['linux/s390x', { GOOS: 'linux', GOARCH: 's390x' }, 'linux_s390x'],
  ] as const) {
    it(`builds for ${platform}`, async () => {
      const opened = await folderOf(path.join(folder, 'p'), { 'go.mod': goMod, 'cmd/server/main.go': main });
      const [project] = await goRecipe.detect(opened, testIo());
      const [step] = (await project?.builds({ platforms: [platform], output: folder }, testIo())) ?? [];
      assert.deepEqual({ ...step?.env }, { CGO_ENABLED: '0', ...env });
      assert.deepEqual(step?.args, ['build', '-trimpath', '-o', path.join(folder, output, 'server'), './cmd/server']);
    });
  }

  it('refuses Windows', async () => {
    const opened = await folderOf(path.join(folder, 'p'), { 'go.mod': goMod, 'main.go': main });
    const [project] = await goRecipe.detect(opened, testIo());
    assert.ok(project !== undefined);
    await assert.rejects(project.builds({ platforms: ['windows/amd64'], output: folder }, testIo()), {
      code: 'unsupported-media-type',
    });
  });
});

describe('goProjects', () => {
  beforeEach(async () => void (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  const ko = `
defaultBaseImage: registry.example.com/base
baseImageOverrides: {example.com/Shop/cmd/b: registry.example.com/for/b}
defaultPlatforms: [linux/arm64]
defaultEnv: [FOO=1]
defaultLdflags: [-s, "-X main.built={{.Date}}"]
builds:
- main: ./cmd/b
  env: [BAR=2, CGO_ENABLED=1, GOOS=plan9]
  flags: [-tags, "{{.Env.TAGS}}"]
  linux_capabilities: [net_admin]
`;

  it('builds as .ko.yaml says', async () => {
    const opened = await folderOf(path.join(folder, 'p'), {
      'go.mod': 'module example.com/Shop\n',
      '.ko.yaml': ko,
      'cmd/a/main.go': main,
      'cmd/b/main.go': main,
    });
    const env = { TAGS: 'netgo', SOURCE_DATE_EPOCH: '0' };
    const [b, a] = await goProjects(opened, { env }, testIo());
    assert.deepEqual([b?.id, a?.id], ['cmd/b', 'cmd/a']);
    assert.deepEqual([a?.bases, b?.bases], [['registry.example.com/base'], ['registry.example.com/for/b']]);
    assert.deepEqual(a?.platforms, ['linux/arm64']);
    const build = { platforms: ['linux/arm64'], output: '/o' };
    const [first] = await a.builds(build, testIo());
    assert.deepEqual({ ...first?.env }, { CGO_ENABLED: '0', FOO: '1', GOOS: 'linux', GOARCH: 'arm64' });
    assert.deepEqual(first?.args.slice(0, 3), ['build', '-trimpath', '-ldflags=-s -X main.built=1970-01-01T00:00:00Z']);
    const [second] = (await b?.builds(build, testIo())) ?? [];
    assert.deepEqual({ ...second?.env }, { BAR: '2', CGO_ENABLED: '1', GOOS: 'linux', GOARCH: 'arm64' });
    assert.deepEqual(second?.args.slice(0, 4), ['build', '-tags', 'netgo', '-trimpath']);
  });

  for (const [what, text, message] of [
    ['broken YAML', 'a: [', /cannot be read as YAML/],
    ['a wrong member', 'builds: x', /builds must be a list/],
    ['another program in place of the compiler', 'defaultFlags: [-toolexec=/tmp/x]', /-toolexec may not be used/],
    ['the same hidden in a template', 'defaultFlags: ["{{.Env.A}}exec", x]', /-toolexec may not be used/],
    ['a template that is too much', 'defaultLdflags: ["{{.Git.Tag | printf}}"]', /only variables/],
    ['git where there is none', 'defaultLdflags: ["{{.Git.Tag}}"]', /there is no commit to tell of/],
  ] as const) {
    it(`still finds the programs of a .ko.yaml with ${what}, and says so when it is used`, async () => {
      const files = { 'go.mod': goMod, 'main.go': main, '.ko.yaml': text };
      const opened = await folderOf(path.join(folder, 'p'), files);
      const [project] = await goProjects(opened, { env: { A: '--tool' } }, testIo());
      assert.ok(project !== undefined);
      const build = { platforms: ['linux/amd64'], output: '/o' };
      await assert.rejects(project.builds(build, testIo()), { code: 'invalid-spec', message });
      await assert.rejects(project.image(build, testIo()), { code: 'invalid-spec', message });
    });
  }
});
