import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pythonRecipe } from '../../../../src/containerize/recipes/python/pythonRecipe.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import type { BuildContext, Project } from '../../../../src/containerize/recipes/recipe.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { needs } from '../../../support/tools.ts';
import { elfOf } from '../../elfWriter.ts';
import { runIn, unpack, type Unpacked, writeTree } from '../folder/packed.ts';
import { writeWheel } from './wheels.ts';

let scratch = '';
let root = '';

function context(platforms: readonly string[] = ['linux/amd64']): BuildContext {
  return { platforms, output: path.join(scratch, 'out') };
}

async function projects(): Promise<readonly Project[]> {
  return pythonRecipe.detect(await ProjectFolder.open(root), testIo());
}

async function project(id = '.'): Promise<Project> {
  const found = (await projects()).find((one) => one.id === id);
  assert.ok(found, `no project ${id}`);
  return found;
}

/** Runs the commands of a project's build as they are, with pip looking into a folder of wheels only. */
async function build(found: Project, platforms?: readonly string[]): Promise<number> {
  const env = {
    ...process.env,
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: path.join(scratch, 'wheels'),
    PIP_CONFIG_FILE: '/dev/null',
  };
  const steps = await found.builds(context(platforms), testIo());
  for (const { command, args, directory } of steps) {
    execFileSync(command, args, { cwd: directory, env, encoding: 'utf8', timeout: 60_000, stdio: 'pipe' });
  }
  return steps.length;
}

function run(unpacked: Unpacked, command: readonly string[], env: readonly string[] = []): string {
  const [program = '', ...args] = command;
  const path = env.find((one) => one.startsWith('PYTHONPATH='))?.slice('PYTHONPATH='.length) ?? '';
  return runIn(unpacked.root, 'app', program, args, { PYTHONPATH: path.replaceAll('/app', `${unpacked.root}/app`) });
}

const wheel = (name: string): string => path.join(scratch, name);

function writeGreet(): void {
  writeWheel(wheel('wheels'), {
    name: 'greet',
    files: { 'greet/__init__.py': 'def hello(): print("hello", __import__("upper").NAME)' },
    requires: ['upper', 'never; extra == "more"'],
    scripts: ['greet-all = greet:hello'],
  });
  writeWheel(wheel('wheels'), { name: 'upper', files: { 'upper.py': 'NAME = "ADA"' } });
  writeWheel(wheel('wheels'), { name: 'devtool', files: { 'devtool.py': '' } });
}

describe('pythonRecipe', () => {
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(scratch));

  describe('with packages that pip installed', function () {
    this.timeout(120_000);
    before(function () {
      if (process.platform !== 'linux') this.skip();
      needs(this, 'python3', 'tar');
      try {
        execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'pipe' });
      } catch {
        this.skip();
      }
    });

    it('makes an image that runs, with the packages apart from the program', async () => {
      writeGreet();
      writeTree(root, {
        'requirements.txt': 'greet==1.0 # why\n',
        'main.py': 'import greet; greet.hello()',
        '__pycache__/main.cpython-311.pyc': 'x',
        '.venv/bin/python': '',
      });
      const found = await project();
      await build(found);
      const blueprint = await found.image(context(), testIo());
      const made = await unpack(blueprint, scratch, testIo());
      assert.deepEqual(blueprint.warnings, []);
      assert.deepEqual(made.layers.get('app')?.paths, ['app/main.py', 'app/requirements.txt']);
      const installed = made.layers.get('dependencies linux/amd64')?.paths ?? [];
      assert.ok(installed.includes('app/site-packages/greet/__init__.py'));
      assert.ok(!installed.some((one) => /site-packages\/bin\/|pyc|direct_url/.test(one)));
      assert.equal(run(made, blueprint.config.entrypoint ?? [], blueprint.config.env), 'hello ADA\n');
    });

    it('changes only the layer of the program where a source file changed, and installs the same bytes again', async () => {
      writeGreet();
      writeTree(root, { 'requirements.txt': 'greet\n', 'main.py': 'import greet' });
      const digests = async (): Promise<readonly unknown[]> => {
        const found = await project();
        await build(found);
        const { layers } = await unpack(await found.image(context(), testIo()), scratch, testIo());
        return [...layers.values()].map(({ digest }) => digest);
      };
      const [packages, program] = await digests();
      writeTree(root, { 'main.py': 'import greet, sys' });
      fs.rmSync(path.join(scratch, 'out'), { recursive: true });
      const after = await digests();
      assert.equal(after[0], packages);
      assert.notEqual(after[1], program);
    });

    it('does not keep what is no longer required', async () => {
      writeGreet();
      writeTree(root, { 'requirements.txt': 'greet\ndevtool\n', 'main.py': '' });
      await build(await project());
      writeTree(root, { 'requirements.txt': 'greet\n' });
      const found = await project();
      await build(found);
      const { layers } = await unpack(await found.image(context(), testIo()), scratch, testIo());
      assert.ok(!layers.get('dependencies linux/amd64')?.paths.some((one) => one.includes('devtool')));
    });

    it('installs for a platform that is not the host the wheels of that platform', async () => {
      const addon = (machine: number): Buffer => elfOf({ machine, soname: 'fast.so' });
      for (const [arch, machine] of [
        ['x86_64', 62],
        ['aarch64', 183],
      ] as const) {
        writeWheel(wheel('wheels'), {
          name: 'fast',
          tag: `cp312-cp312-manylinux_2_28_${arch}`,
          files: { [`fast.cpython-312-${arch}-linux-gnu.so`]: addon(machine) },
        });
      }
      writeTree(root, { 'requirements.txt': 'fast\n', 'main.py': '', '.python-version': '3.12\n' });
      const platforms = ['linux/arm64'];
      const found = await project();
      assert.deepEqual(found.bases, ['python:3.12-slim']);
      await build(found, platforms);
      const blueprint = await found.image(context(platforms), testIo());
      const { layers } = await unpack(blueprint, scratch, testIo());
      assert.deepEqual(blueprint.warnings, []);
      assert.ok(
        layers
          .get('dependencies linux/arm64')
          ?.paths.includes('app/site-packages/fast.cpython-312-aarch64-linux-gnu.so'),
      );
    });

    it('runs a script of the project, and a command of a package that a Procfile names', async () => {
      writeGreet();
      writeTree(root, {
        'pyproject.toml':
          '[project]\nname = "tool"\ndependencies = ["greet>=1"]\n[project.scripts]\ntool = "tool.cli:main"\n',
        'src/tool/__init__.py': '',
        'src/tool/cli.py': 'def main():\n    import greet\n    greet.hello()\n',
      });
      const script = await project();
      await build(script);
      const first = await script.image(context(), testIo());
      assert.deepEqual(first.config.entrypoint, [
        'python3',
        '-c',
        'import sys; from tool.cli import main; sys.exit(main())',
      ]);
      assert.equal(
        run(await unpack(first, scratch, testIo()), first.config.entrypoint, first.config.env),
        'hello ADA\n',
      );
      writeTree(root, { Procfile: 'web: greet-all --x\n' });
      const { config } = await (await project()).image(context(), testIo());
      assert.deepEqual(config.entrypoint, [
        'python3',
        '-c',
        'import sys; from greet import hello; sys.exit(hello())',
        '--x',
      ]);
      writeTree(root, { Procfile: 'web: greet-all --port $PORT\n' });
      const shell = await (await project()).image(context(), testIo());
      assert.deepEqual(shell.config.entrypoint, [
        '/bin/sh',
        '-c',
        `exec python3 -c 'import sys; from greet import hello; sys.exit(hello())' --port $PORT`,
      ]);
      assert.equal(
        run(await unpack(shell, scratch, testIo()), shell.config.entrypoint, shell.config.env),
        'hello ADA\n',
      );
      assert.ok(shell.config.env?.includes('PORT=8080'));
    });

    it('packs what the requirements need of a virtual environment, and nothing else', async () => {
      writeGreet();
      writeTree(root, { 'requirements.txt': 'greet\n', 'main.py': 'import greet; greet.hello()' });
      execFileSync('python3', ['-m', 'venv', '--without-pip', '.venv'], { cwd: root });
      const [version = ''] = fs.readdirSync(path.join(root, '.venv/lib'));
      const site = `.venv/lib/${version}/site-packages`;
      const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheel('wheels') };
      execFileSync('python3', ['-m', 'pip', 'install', '--target', path.join(root, site), 'greet', 'devtool'], {
        env,
        stdio: 'pipe',
      });
      const found = await project();
      assert.equal(found.bases.at(-1), `python:${version.replace('python', '')}-slim`);
      assert.equal(await build(found, ['linux/amd64', 'linux/arm64']), 0);
      const blueprint = await found.image(context(), testIo());
      const made = await unpack(blueprint, scratch, testIo());
      const installed = made.layers.get('dependencies')?.paths ?? [];
      assert.ok(installed.includes('app/site-packages/upper.py'));
      assert.ok(!installed.some((one) => one.includes('devtool')));
      assert.equal(run(made, blueprint.config.entrypoint ?? [], blueprint.config.env), 'hello ADA\n');
      fs.rmSync(path.join(root, site, 'upper-1.0.dist-info'), { recursive: true });
      assert.equal((await found.builds(context(), testIo())).length, 1);
    });
  });
});
