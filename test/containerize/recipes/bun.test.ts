import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { bunRecipe } from '../../../src/containerize/recipes/bun.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';
import { folderOf, runSteps } from './binaryTree.ts';

let folder = '';

async function commands(files: Readonly<Record<string, string>>, platform = 'linux/arm64'): Promise<readonly string[]> {
  const [project] = await bunRecipe.detect(await folderOf(path.join(folder, 'app'), files), testIo());
  const steps = (await project?.builds({ platforms: [platform], output: '/o' }, testIo())) ?? [];
  return steps.map(({ command, args }) => [command, ...args].join(' '));
}

describe('bunRecipe', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => void (folder = fs.realpathSync(await newTempDir())));
  afterEach(() => removeTempDir(folder));

  const lock = { 'bun.lock': '{}' };
  const build = (entry: string, name: string): string =>
    `bun build --compile --target=bun-linux-arm64 ./${entry} --outfile /o/linux_arm64/${name}`;
  const tables: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
    ['index.ts', { ...lock, 'package.json': '{"name": "shop"}', 'index.ts': '' }, [build('index.ts', 'shop')]],
    ['src/index.tsx', { 'bun.lockb': '', 'package.json': '{}', 'src/index.tsx': '' }, [build('src/index.tsx', 'app')]],
    [
      'what the script start runs',
      {
        ...lock,
        'package.json': '{"name": "@a/b", "module": "m.ts", "scripts": {"start": "bun run --hot src/x.ts"}}',
        'm.ts': '',
        'src/x.ts': '',
      },
      [build('src/x.ts', 'b')],
    ],
    [
      'the module',
      { ...lock, 'package.json': '{"module": "./m.ts", "main": "n.js"}', 'm.ts': '', 'n.js': '' },
      [build('m.ts', 'app')],
    ],
    [
      'packages that are not installed',
      { ...lock, 'package.json': '{"dependencies": {"x": "1"}}', 'index.ts': '' },
      ['bun install --frozen-lockfile', build('index.ts', 'app')],
    ],
    [
      'packages that are',
      { ...lock, 'package.json': '{"dependencies": {"x": "1"}}', 'index.ts': '', 'node_modules/x/y': '' },
      [build('index.ts', 'app')],
    ],
    [
      'the program of a package that Vite makes a site of too',
      {
        ...lock,
        'package.json':
          '{"scripts": {"build": "vite build", "start": "bun server.ts"}, "devDependencies": {"vite": "8"}}',
        'server.ts': '',
        'src/main.tsx': '',
        'node_modules/vite/x': '',
      },
      [build('server.ts', 'app')],
    ],
    [
      'no site of Vite',
      {
        ...lock,
        'package.json': '{"scripts": {"build": "tsc -b && vite build"}, "devDependencies": {"vite": "^8.3.4"}}',
        'index.html': '',
        'src/main.tsx': '',
      },
      [],
    ],
    [
      'nothing that node starts',
      { ...lock, 'package.json': '{"scripts": {"start": "node dist/index.js"}}', 'src/index.ts': '' },
      [],
    ],
    ['no lock', { 'package.json': '{}', 'index.ts': '' }, []],
    ['no package', { ...lock, 'index.ts': '' }, []],
    ['a broken package', { ...lock, 'package.json': '{', 'index.ts': '' }, []],
    ['nothing to begin with', { ...lock, 'package.json': '{"main": "../x.js", "module": 1}', '../x.js': '' }, []],
  ];
  for (const [what, files, expected] of tables) {
    it(`compiles ${what}`, async () => assert.deepEqual(await commands(files), expected));
  }

  it('refuses platforms that Bun does not compile for', async () => {
    const files = { ...lock, 'package.json': '{}', 'index.ts': '' };
    await assert.rejects(commands(files, 'linux/arm/v7'), { code: 'unsupported-media-type' });
  });

  it('sets what the script start sets', async () => {
    const start = '{"scripts": {"start": "NODE_ENV=production PORT=80 bun index.ts"}}';
    const files = { ...lock, 'package.json': start, 'index.ts': '' };
    const [project] = await bunRecipe.detect(await folderOf(path.join(folder, 'app'), files), testIo());
    const built = path.join(folder, 'o/linux_amd64/app');
    fs.mkdirSync(path.dirname(built), { recursive: true });
    fs.writeFileSync(built, '\x7fELF\x02\x01\x01'.padEnd(64, '\0'), 'latin1');
    const image = await project?.image({ platforms: ['linux/amd64'], output: path.join(folder, 'o') }, testIo());
    assert.deepEqual(image?.config.env, ['NODE_ENV=production', 'NODE_ENV=production', 'PORT=80']);
  });

  it('makes a program with the bun command', async function () {
    needs(this, 'bun');
    if (process.platform !== 'linux') this.skip();
    this.timeout(120_000);
    const files = {
      ...lock,
      'package.json': '{"name": "shop"}',
      'index.ts': 'const hello: string = "hello";\nconsole.log(hello);\n',
    };
    const [project] = await bunRecipe.detect(await folderOf(path.join(folder, 'app'), files), testIo());
    assert.ok(project !== undefined);
    const wanted = {
      platforms: [`linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`],
      output: path.join(folder, 'o'),
    };
    runSteps(await project.builds(wanted, testIo()));
    const image = await project.image(wanted, testIo());
    assert.deepEqual(
      [image.config, image.materials],
      [{ entrypoint: ['/app/shop'], env: ['NODE_ENV=production'] }, [path.join(folder, 'app/bun.lock')]],
    );
    assert.equal(execFileSync(image.programs[0]?.file ?? '', { encoding: 'utf8' }), 'hello\n');
  });
});
