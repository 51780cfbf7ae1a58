import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { denoRecipe } from '../../../src/containerize/recipes/deno.ts';
import { firstThere, programName, sourceCommand } from '../../../src/containerize/recipes/denoCommand.ts';
import { plainJson } from '../../../src/containerize/plainJson.ts';
import { ProjectFolder } from '../../../src/containerize/recipes/projectFolder.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir, withTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';
import { folderOf, runSteps } from './binaryTree.ts';

let folder = '';

/** The arguments of `deno compile` but for target and output; undefined where there is no project. */
async function compiled(files: Readonly<Record<string, string>>): Promise<string | undefined> {
  const [project] = await denoRecipe.detect(await folderOf(path.join(folder, 'app'), files), testIo());
  const [step] = (await project?.builds({ platforms: ['linux/arm64'], output: '/o' }, testIo())) ?? [];
  const words = step?.args.join(' ').replace(/^compile /, '');
  return words?.replace(/--target aarch64-unknown-linux-gnu --output \S+ /, '');
}

describe('sourceCommand', () => {
  for (const [text, expected] of [
    ['deno run -A main.ts', { before: ['run', '-A'], entry: 'main.ts' }],
    ['FOO=1 deno run "src/a.ts" --flag x.ts', { before: ['run'], entry: 'src/a.ts' }],
    ['deno task build && deno run --allow-net=a:80 s.js', { before: ['run', '--allow-net=a:80'], entry: 's.js' }],
    ['deno compile --include ./w.ts main.ts', { before: ['compile', '--include', './w.ts'], entry: 'main.ts' }],
    ['deno task build', undefined],
    ['node main.ts', undefined],
    ['main.ts', undefined],
    ['', undefined],
    ['deno run -A x.ts'.padEnd(5000), undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text.trim())}`, () => assert.deepEqual(sourceCommand(text, 'deno'), expected));
  }
});

describe('plainJson', () => {
  for (const [text, expected] of [
    ['{"a": 1, // x\n}', { a: 1 }],
    ['/* x */ {"a": "//,]", "b": [1, 2 /* y */ , ] ,}', { a: '//,]', b: [1, 2] }],
    ['{"a\\"//": ",}"}', { 'a"//': ',}' }],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(JSON.parse(plainJson(text)), expected));
  }

  it('takes no long time', () => {
    const began = performance.now();
    for (const text of [
      '"'.repeat(1 << 20),
      '/*'.repeat(1 << 19),
      ', '.repeat(1 << 19),
      `,${' '.repeat(1 << 20)}`,
      '//'.repeat(1 << 19),
      `"${'a'.repeat(1 << 24)}"`,
      `"${'\\\\n'.repeat(1 << 23)}"`,
    ]) {
      plainJson(text);
    }
    assert.ok(performance.now() - began < 2000);
  });
});

describe('denoRecipe', () => {
  beforeEach(async () => void (folder = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(folder));

  const tables: readonly (readonly [string, Readonly<Record<string, string>>, string | undefined])[] = [
    ['main.ts', { 'deno.json': '{}', 'main.ts': '' }, './main.ts'],
    [
      'a file with comments',
      { 'deno.jsonc': '{ // x\n "exports": "./src/app.ts", }', 'src/app.ts': '', 'main.ts': '' },
      './src/app.ts',
    ],
    ['exports by name', { 'deno.json': '{"exports": {".": "./m.ts"}}', 'm.ts': '' }, './m.ts'],
    [
      'a task that runs, with what it allows',
      {
        'deno.json':
          '{"tasks": {"dev": "deno run --watch x.ts", "start": "deno run --watch --allow-net=:80 -R --config deno.json x.ts a"}}',
        'x.ts': '',
      },
      '--allow-net=:80 -R ./x.ts',
    ],
    [
      'a task that compiles, but for target and output',
      {
        'deno.json':
          '{"tasks": {"start": "deno run -A a.ts", "bin": {"command": "deno compile -A --target x -o out --include data --output=y b.ts"}}}',
        'a.ts': '',
        'b.ts': '',
      },
      '-A --include data ./b.ts',
    ],
    ['a task without run', { 'deno.json': '{"tasks": {"start": "deno -A a.ts"}}', 'a.ts': '' }, '-A ./a.ts'],
    [
      'the tasks that deno init --serve writes, which may listen',
      { 'deno.json': '{"tasks": {"dev": "deno serve --watch -R main.ts"}}', 'main.ts': '' },
      '--allow-net -R ./main.ts',
    ],
    [
      'what a task allows in letters that stand together',
      { 'deno.json': '{"tasks": {"start": "deno serve --port 80 -NR=data -q main.ts"}}', 'main.ts': '' },
      '-NR=data ./main.ts',
    ],
    [
      'what the settings allow',
      {
        'deno.json': '{"tasks": {"start": "deno run -P main.ts", "dev": "deno run --permission-set=x b.ts"}}',
        'main.ts': '',
      },
      '-P ./main.ts',
    ],
    ['no program', { 'deno.json': '{"tasks": {"start": "deno run gone.ts"}}' }, undefined],
    ['what leads out of it', { 'deno.json': '{"exports": "../x.ts"}', '../x.ts': '' }, undefined],
    ['a URL', { 'deno.json': '{"tasks": {"start": "deno run -A https://x.org/a.ts"}}' }, undefined],
    ['no settings', { 'main.ts': '' }, undefined],
    ['what is no JSON', { 'deno.json': '{', 'main.ts': '' }, undefined],
    ['another type', { 'deno.json': '[]', 'main.ts': '' }, undefined],
    [
      'other types inside',
      { 'deno.json': '{"tasks": {"start": 1, "x": null}, "exports": [1]}', 'main.ts': '' },
      './main.ts',
    ],
  ];
  for (const [what, files, expected] of tables) {
    it(`compiles ${what}`, async () => assert.equal(await compiled(files), expected));
  }

  it('builds for the platforms that Deno has, and notes that a program may do nothing', async () => {
    const files = { 'deno.json': '{"name": "@scope/shop"}', 'main.ts': '' };
    const [project] = await denoRecipe.detect(await folderOf(path.join(folder, 'app'), files), testIo());
    assert.ok(project !== undefined);
    const build = { platforms: ['linux/amd64', 'linux/arm64'], output: path.join(folder, 'o') };
    const steps = await project.builds(build, testIo());
    assert.deepEqual(
      steps.map(({ command, args, directory, platform }) => [command, args.slice(1), directory, platform]),
      [
        [
          'deno',
          ['--target', 'x86_64-unknown-linux-gnu', '--output', path.join(folder, 'o/linux_amd64/shop'), './main.ts'],
          path.join(folder, 'app'),
          'linux/amd64',
        ],
        [
          'deno',
          ['--target', 'aarch64-unknown-linux-gnu', '--output', path.join(folder, 'o/linux_arm64/shop'), './main.ts'],
          path.join(folder, 'app'),
          'linux/arm64',
        ],
      ],
    );
    await assert.rejects(project.image(build, testIo()), { code: 'not-found' });
    for (const name of ['amd64', 'arm64']) {
      fs.mkdirSync(path.join(folder, `o/linux_${name}`), { recursive: true });
      fs.writeFileSync(path.join(folder, `o/linux_${name}/shop`), '\x7fELF\x02\x01\x01'.padEnd(64, '\0'), 'latin1');
    }
    const image = await project.image(build, testIo());
    assert.deepEqual(image.config, { entrypoint: ['/app/shop'] });
    assert.deepEqual(
      image.warnings.map(({ code }) => code),
      ['note'],
    );
    await assert.rejects(project.builds({ ...build, platforms: ['linux/386'] }, testIo()), {
      code: 'unsupported-media-type',
    });
  });

  it('notes that what deno serve starts is started otherwise', async () => {
    const files = { 'deno.json': '{"tasks": {"start": "deno serve -R main.ts"}}', 'main.ts': '' };
    const [project] = await denoRecipe.detect(await folderOf(path.join(folder, 'app'), files), testIo());
    fs.mkdirSync(path.join(folder, 'o/linux_amd64'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'o/linux_amd64/app'), '\x7fELF\x02\x01\x01'.padEnd(64, '\0'), 'latin1');
    const image = await project?.image({ platforms: ['linux/amd64'], output: path.join(folder, 'o') }, testIo());
    assert.equal(image?.warnings.length, 1);
    assert.match(image.warnings[0]?.text ?? '', /starts "main.ts" as "deno run" does/);
  });

  it('makes a program with the deno command', async function () {
    needs(this, 'deno');
    if (process.platform !== 'linux') this.skip();
    this.timeout(120_000);
    const files = {
      'deno.json': '{"name": "shop"}',
      'main.ts': 'const hello: string = "hello";\nconsole.log(hello);\n',
    };
    const [project] = await denoRecipe.detect(await folderOf(path.join(folder, 'app'), files), testIo());
    assert.ok(project !== undefined);
    const build = {
      platforms: [`linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`],
      output: path.join(folder, 'o'),
    };
    try {
      runSteps(await project.builds(build, testIo()));
    } catch (error) {
      // Deno gets the program that it puts scripts into from its own server, once.
      if (/denort|dl\.deno\.land/.test(String(error))) this.skip();
      throw error;
    }
    const image = await project.image(build, testIo());
    assert.equal(execFileSync(image.programs[0]?.file ?? '', { encoding: 'utf8' }), 'hello\n');
  });
});

describe('programName', () => {
  it('takes the last part of a name, else the folder, else app', () =>
    withTempDir(async (at) => {
      const own = await folderOf(path.join(at, 'my app'), { x: '' });
      const plain = await ProjectFolder.open(at);
      for (const [name, opened, expected] of [
        ['@scope/shop', plain, 'shop'],
        ['a/..', plain, path.basename(at)],
        ['.wh.x', own, 'app'],
        [undefined, own, 'app'],
        [1, own, 'app'],
      ] as const) {
        assert.equal(programName(name, opened), expected);
      }
    }));
});

describe('firstThere', () => {
  it('passes over what leads out of the folder', () =>
    withTempDir(async (at) => {
      const opened = await folderOf(path.join(at, 'app'), { x: '', '../y': '', 'sub/z': '' });
      assert.equal(await firstThere(opened, ['../y', '/etc', 'C:\\x', 'file:x', '\0', './x'], testIo()), 'x');
      assert.equal(await firstThere(opened, ['..', '', '.', 'z', 'sub', 'sub/', 'x/y'], testIo()), undefined);
    }));
});
