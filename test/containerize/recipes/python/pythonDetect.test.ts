import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { pythonRecipe } from '../../../../src/containerize/recipes/python/pythonRecipe.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import type { BuildContext, Project } from '../../../../src/containerize/recipes/recipe.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { elfOf } from '../../elfWriter.ts';
import { writeTree } from '../folder/packed.ts';

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

describe('pythonRecipe, without pip', () => {
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(scratch));

  it('warns of packages for another platform or another Python', async () => {
    writeTree(root, { 'requirements.txt': 'fast\n', 'main.py': '', '.python-version': '3.12' });
    const found = await project();
    const [step] = await found.builds(context(['linux/arm64']), testIo());
    const target = step?.args[step.args.indexOf('--target') + 1] ?? '';
    assert.ok(target.startsWith(path.join(scratch, 'out')));
    writeTree(target, { 'fast/__init__.py': '' });
    fs.writeFileSync(path.join(target, 'fast/x.cpython-311-x86_64-linux-gnu.so'), elfOf({ soname: 'x.so' }));
    const { warnings } = await found.image(context(['linux/arm64']), testIo());
    assert.deepEqual(
      warnings.map(({ code, text, paths }) => [code, text.slice(0, 60), paths]),
      [
        [
          'not-supported',
          'Python packages with machine code are not for linux/arm64 an',
          ['fast/x.cpython-311-x86_64-linux-gnu.so'],
        ],
        [
          'not-supported',
          'Python packages were built for Python 3.11 and will not load',
          ['fast/x.cpython-311-x86_64-linux-gnu.so'],
        ],
      ],
    );
  });

  it('says that packages are not installed', async () => {
    writeTree(root, { 'requirements.txt': 'x\n', 'main.py': '' });
    await assert.rejects((await project()).image(context(), testIo()), {
      code: 'not-found',
      message: /the packages that "requirements.txt" of .* names are not installed for linux\/amd64/,
    });
  });

  const builds: readonly (readonly [
    what: string,
    files: Readonly<Record<string, string>>,
    commands: readonly RegExp[],
  ])[] = [
    [
      'uv.lock',
      { 'uv.lock': '', 'pyproject.toml': '[project]\nname="x"' },
      [
        /^uv export --frozen --no-dev/,
        /^uv pip install --target \S+ --python-version 3\.13 --python-platform aarch64-manylinux_2_28 -r \S+requirements\.txt$/,
      ],
    ],
    [
      'poetry.lock',
      { 'poetry.lock': '' },
      [/^poetry export --only main/, /^python3 -m pip install .* -r \S+out.requirements\.txt$/],
    ],
    [
      'Pipfile.lock',
      {
        'Pipfile.lock':
          '{"default":{"a":{"version":"==1.0","markers":"python_version >= \'3.7\'"},"--evil":{"version":"==1"},"b":{"path":"."}},"develop":{"c":{"version":"==1"}}}',
      },
      [/ --no-deps -r \S+out.requirements\.txt$/],
    ],
    [
      'requirements.txt',
      { 'requirements.txt': 'a' },
      [
        /--only-binary=:all: --implementation cp --python-version 3\.13 --platform manylinux_2_34_aarch64 .*manylinux2014_aarch64 -r requirements\.txt$/,
      ],
    ],
    [
      'pyproject.toml',
      { 'pyproject.toml': '[project]\nname="x"\ndependencies=["a>=1","-r /etc/passwd","b @ file:///etc"]' },
      [/manylinux2014_aarch64 a>=1$/],
    ],
    ['nothing', {}, []],
  ];
  for (const [what, files, commands] of builds) {
    it(`installs what ${what} says`, async function () {
      if (process.platform === 'win32') this.skip();
      writeTree(root, { 'main.py': '', ...files });
      const steps = await (await project()).builds(context(['linux/arm64']), testIo());
      assert.equal(steps.length, commands.length);
      steps.forEach(({ command, args, howToGet, directory }, at) => {
        assert.match([command, ...args].join(' '), commands[at] ?? /^$/);
        assert.equal(directory, root);
        assert.ok(howToGet.length > 20);
      });
    });
  }

  const entries: readonly (readonly [
    what: string,
    files: Readonly<Record<string, string>>,
    entrypoint: readonly string[],
  ])[] = [
    ['a file of a usual name', { 'app.py': '', 'util.py': '' }, ['python3', 'app.py']],
    ['the only file', { 'thing.py': '', 'setup.py': '' }, ['python3', 'thing.py']],
    ['__main__.py', { '__main__.py': '', 'app.py': '' }, ['python3', '__main__.py']],
    [
      'a package that can be run',
      { 'pyproject.toml': '[project]\nname="My-Tool"', 'src/my_tool/__main__.py': '' },
      ['python3', '-m', 'my_tool'],
    ],
    [
      'a script whose module calls it',
      {
        'pyproject.toml': '[project]\nname="x"\n[project.scripts]\nx="x.cli:main"',
        'x/cli.py': 'def main(): pass\nif __name__ == "__main__":\n    main()\n',
      },
      ['python3', '-m', 'x.cli'],
    ],
    [
      'a script whose module does something else',
      {
        'pyproject.toml': '[project]\nname="x"\n[project.scripts]\nx="x.cli:main"',
        'x/cli.py': 'if __name__ == "__main__":\n    test()\n',
      },
      ['python3', '-c', 'import sys; from x.cli import main; sys.exit(main())'],
    ],
    [
      'a script of Poetry',
      { 'pyproject.toml': '[tool.poetry]\nname="x"\n[tool.poetry.scripts]\nx="x:a.b"' },
      ['python3', '-c', 'import sys; from x import a; sys.exit(a.b())'],
    ],
    [
      'a Procfile',
      { Procfile: 'release: x\nweb: A=1 python app.py "a b"', 'app.py': '' },
      ['python3', 'app.py', 'a b'],
    ],
  ];
  for (const [what, files, entrypoint] of entries) {
    it(`starts ${what}`, async () => {
      writeTree(root, files);
      const { config } = await (await project()).image(context(), testIo());
      assert.deepEqual(config.entrypoint, entrypoint);
      const path = Object.keys(files).some((one) => one.startsWith('src/'))
        ? '/app/site-packages:/app/src:/app'
        : '/app/site-packages:/app';
      assert.ok(config.env?.includes(`PYTHONPATH=${path}`));
    });
  }

  it('names a project for each of several scripts, its own first', async () => {
    writeTree(root, {
      'pyproject.toml': '[project]\nname="b"\n[project.scripts]\na="m:a"\nb="m:b"\n"c; rm"="m:c"\nd="os; x"',
    });
    assert.deepEqual(
      (await projects()).map(({ id }) => id),
      ['.', 'b', 'a'],
    );
    const { config } = await (await project('.')).image(context(), testIo());
    assert.equal(config.entrypoint?.at(-1), 'import sys; from m import b; sys.exit(b())');
  });

  const none: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
    ['an empty folder', {}],
    ['settings of tools', { 'pyproject.toml': '[tool.ruff]\nx = 1' }],
    ['broken TOML', { 'pyproject.toml': '[project\nname=' }],
    ['TOML of wrong kinds', { 'pyproject.toml': 'project = 7\ntool = [1]\n' }],
    [
      'names that are none',
      { 'pyproject.toml': '[project]\nname = ["x"]\nscripts = 1\ndependencies = {a=1}\nrequires-python = 3' },
    ],
    ['a name of a prototype', { 'pyproject.toml': '[project]\n"__proto__" = {name="x"}\nname="__proto__"' }],
  ];
  for (const [what, files] of none) {
    it(`finds no program in ${what}`, async () => {
      writeTree(root, files);
      assert.deepEqual(await projects(), []);
    });
  }

  it('notes a pyproject.toml that it cannot read', async () => {
    writeTree(root, { 'pyproject.toml': '[project\n', 'main.py': '' });
    const { warnings } = await (await project()).image(context(), testIo());
    assert.deepEqual(
      warnings.map(({ text }) => text),
      ['pyproject.toml cannot be read; what it says is not known.'],
    );
  });
});
