import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { detectProjects } from '../../../src/containerize/recipes/detectProjects.ts';
import { ProjectFolder } from '../../../src/containerize/recipes/projectFolder.ts';
import type { BuildContext, BuildStep, Project } from '../../../src/containerize/recipes/recipe.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { writeTree } from './folder/packed.ts';

let root = '';

async function projects(files: Readonly<Record<string, string>>): Promise<readonly Project[]> {
  writeTree(root, files);
  return detectProjects(await ProjectFolder.open(root), testIo());
}

const context = (): BuildContext => ({ platforms: ['linux/amd64'], output: path.join(root, '..', 'out') });

async function steps(files: Readonly<Record<string, string>>, recipe: string): Promise<readonly BuildStep[]> {
  const found = (await projects(files)).filter((one) => one.recipe === recipe);
  const all = await Promise.all(found.map((one) => one.builds(context(), testIo())));
  return all.flat();
}

describe('detectProjects, commands', () => {
  beforeEach(async () => {
    root = path.join(fs.realpathSync(await newTempDir()), 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(path.dirname(root)));

  it('gives deno a file as a file, and no other place to write to', async () => {
    const task = 'deno compile -A -o/etc/x --output=/etc/y -o /etc/z ./-A.ts';
    const files = { 'deno.json': JSON.stringify({ tasks: { build: task } }), '-A.ts': '' };
    const [step] = await steps(files, 'deno');
    const args = step?.args ?? [];
    assert.deepEqual(args.slice(0, 2), ['compile', '-A']);
    assert.equal(args.at(-1), './-A.ts');
    assert.doesNotMatch(args.join(' '), /etc/);
  });

  it('gives dotnet a project as a file, not as an option or a file of options', async () => {
    const text =
      '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>';
    const files = { '-p:X=y.csproj': text, '@a.csproj': text, 'b.csproj': text };
    const names = (await steps(files, 'dotnet')).map(({ args }) => args[1]);
    assert.deepEqual(names, ['./-p:X=y.csproj', './@a.csproj', 'b.csproj']);
  });

  it('gives cargo features that cannot be options', async () => {
    const manifest = '[package]\nname="a"\nversion="1.0.0"\n[[bin]]\nname="a"\nrequired-features=["-Zfoo","net"]\n';
    const [step] = await steps({ 'Cargo.toml': manifest, 'src/main.rs': '' }, 'rust');
    assert.deepEqual(
      step?.args.filter((arg) => arg.includes('-Zfoo')),
      ['--features=-Zfoo,net'],
    );
  });

  it('gives Maven no modules whose names mean more than one, or an option', async () => {
    const pom = (name: string, more = ''): string =>
      `<project><artifactId>${name}</artifactId><packaging>${more === '' ? 'jar' : 'pom'}</packaging>${more}</project>`;
    const names = ['-Dx', '!b', 'a,b', 'good'];
    const modules = `<modules>${names.map((name) => `<module>${name}</module>`).join('')}</modules>`;
    const main = 'class M { public static void main(String[] a) {} }';
    const files = Object.fromEntries(
      names.flatMap((name) => [
        [`${name}/pom.xml`, pom('m')],
        [`${name}/src/main/java/M.java`, main],
      ]),
    );
    const all = await steps({ ...files, 'pom.xml': pom('root', modules) }, 'java');
    assert.deepEqual(
      all.map(({ args }) => args[args.indexOf('-pl') + 1]),
      ['good'],
    );
  });

  it('warns of a secret of the environment that .ko.yaml puts into a program', async () => {
    const files = {
      'go.mod': 'module example.com/a\n',
      'main.go': 'package main\nfunc main() {}\n',
      '.ko.yaml': 'defaultLdflags: ["-X main.t={{ .Env.DEPLOY_TOKEN }}", "-X main.v={{.Env.VERSION}}"]\n',
    };
    const [project] = (await projects(files)).filter(({ recipe }) => recipe === 'go');
    assert.ok(project);
    process.env['DEPLOY_TOKEN'] = 'x';
    process.env['VERSION'] = '1';
    try {
      const [step] = await project.builds(context(), testIo());
      const file = step?.args[step.args.indexOf('-o') + 1] ?? '';
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, '\x7fELF\x02\x01\x01'.padEnd(64, '\0'), 'latin1');
      const { warnings } = await project.image(context(), testIo());
      assert.deepEqual(warnings, [
        {
          code: 'secret-included',
          text: 'The value of the environment variable DEPLOY_TOKEN goes into the program: whoever can pull the image can read it.',
        },
      ]);
    } finally {
      delete process.env['DEPLOY_TOKEN'];
      delete process.env['VERSION'];
    }
  });

  it('installs into another folder where a requirements file changed that another names', async () => {
    const files = {
      'main.py': '',
      'requirements.txt': '-r more/base.txt\n-c ../../etc/passwd\n',
      'more/base.txt': '-rlast.txt\n',
      'more/last.txt': 'a==1\n-r base.txt\n',
    };
    const target = async (): Promise<string | undefined> => {
      const [step] = await steps(files, 'python');
      return step?.args[step.args.indexOf('--target') + 1];
    };
    const before = await target();
    assert.equal(await target(), before);
    files['more/last.txt'] = 'a==2\n';
    assert.notEqual(await target(), before);
  });

  it('does not show the address of a package, which may hold a password', async () => {
    const toml = '[project]\nname="x"\ndependencies=["a", "b @ https://user:hunter2@example.com/b.whl"]';
    const [project] = (await projects({ 'main.py': '', 'pyproject.toml': toml })).filter(
      ({ recipe }) => recipe === 'python',
    );
    const [step] = (await project?.builds(context(), testIo())) ?? [];
    writeTree(step?.args[step.args.indexOf('--target') + 1] ?? '', { 'a.py': '' });
    const made = await project?.image(context(), testIo());
    assert.deepEqual(
      made?.warnings.map(({ text }) => text),
      ['Packages from addresses and paths are left out: "b". List them in a requirements.txt.'],
    );
  });
});
