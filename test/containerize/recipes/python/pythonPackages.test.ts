import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { ImageBlueprint } from '../../../../src/containerize/blueprint.ts';
import { pythonRecipe } from '../../../../src/containerize/recipes/python/pythonRecipe.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import type { BuildContext, BuildStep, Project } from '../../../../src/containerize/recipes/recipe.ts';
import { findPackages } from '../../../../src/containerize/sbom/findPackages.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { needs } from '../../../support/tools.ts';
import { unpack, writeTree } from '../folder/packed.ts';

let scratch = '';
let root = '';

const context = (base?: string): BuildContext => ({
  platforms: ['linux/arm64'],
  output: path.join(scratch, 'out'),
  ...(base === undefined ? {} : { base }),
});

async function project(files: Readonly<Record<string, string>>): Promise<Project> {
  writeTree(root, files);
  const [found] = await pythonRecipe.detect(await ProjectFolder.open(root), testIo());
  assert.ok(found, 'no project');
  return found;
}

const targetOf = (step: BuildStep | undefined): string => step?.args[step.args.indexOf('--target') + 1] ?? '';
const minorOf = (step: BuildStep | undefined): string => step?.args[step.args.indexOf('--python-version') + 1] ?? '';
const metadata = (name: string): string => `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n\n`;
const purls = async ({ materials }: ImageBlueprint): Promise<readonly string[]> =>
  (await findPackages(materials, testIo())).packages.map(({ purl }) => purl);

describe('pythonRecipe, installed packages', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
    needs(this, 'tar');
  });
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(scratch));

  it('leaves out what an editable install writes of this machine', async () => {
    const found = await project({ 'requirements.txt': '-e .\nother\n', 'main.py': '' });
    const [step] = await found.builds(context(), testIo());
    writeTree(targetOf(step), {
      '__editable__.tool-1.0.pth': root,
      '__editable___lib_1_0_finder.py': `MAPPING = {'lib': '${root}'}`,
      'tool-1.0.dist-info/METADATA': metadata('tool'),
      'tool-1.0.dist-info/RECORD': '__editable__.tool-1.0.pth,sha256=AbC,10\n',
      'tool-1.0.dist-info/direct_url.json': `{"url": "file://${root}"}`,
      'other.py': '',
      'other-1.0.dist-info/METADATA': metadata('other'),
      'other-1.0.dist-info/RECORD': 'other.py,,\n',
    });
    const { layers } = await unpack(await found.image(context(), testIo()), scratch, testIo());
    assert.deepEqual(layers.get('dependencies linux/arm64')?.paths, [
      'app/site-packages/other-1.0.dist-info/METADATA',
      'app/site-packages/other-1.0.dist-info/RECORD',
      'app/site-packages/other.py',
      'app/site-packages/tool-1.0.dist-info/METADATA',
    ]);
  });

  it('names in the SBOM what is packed of a virtual environment, and not what is beside it or locked for other systems', async () => {
    const site = '.venv/lib/python3.11/site-packages';
    const dist = (name: string): Readonly<Record<string, string>> => ({
      [`${site}/${name}.py`]: '',
      [`${site}/${name}-1.0.dist-info/METADATA`]: metadata(name),
      [`${site}/${name}-1.0.dist-info/RECORD`]: `${name}.py,,\n${name}-1.0.dist-info/METADATA,,\n`,
    });
    const files = { ...dist('wanted'), ...dist('pip'), ...dist('devtool') };
    const requirements = 'wanted==1.0\ncolorama==0.4.6; sys_platform == "win32"\n';
    const found = await project({ ...files, 'requirements.txt': requirements, 'main.py': '' });
    assert.deepEqual(await found.builds(context(), testIo()), []);
    assert.deepEqual(await purls(await found.image(context(), testIo())), ['pkg:pypi/wanted@1.0']);
  });

  it('installs for the Python of the base that was chosen', async () => {
    const found = await project({ 'requirements.txt': 'x\n', 'main.py': '' });
    const minors: string[] = [];
    for (const base of [
      undefined,
      'python:3.12-slim',
      'registry.example.com:5000/library/python:3.11.4@sha256:00',
      'gcr.io/distroless/python3-debian12:nonroot',
      'gcr.io/distroless/python3-debian13',
      'python:3',
      'cgr.dev/chainguard/python:latest',
    ])
      minors.push(minorOf((await found.builds(context(base), testIo()))[0]));
    assert.deepEqual(minors, ['3.13', '3.12', '3.11', '3.11', '3.13', '3.13', '3.13']);
  });

  it('takes the Python that a Pipfile or a runtime.txt asks for', async () => {
    // As pipenv 2022.12.19 writes it.
    const lock = '{"_meta": {"pipfile-spec": 6, "requires": {"python_version": "3.11"}}, "default": {}}';
    const pipenv = await project({ 'Pipfile.lock': lock, 'main.py': '' });
    assert.equal(pipenv.bases.at(-1), 'python:3.11-slim');
    const heroku = await project({ 'runtime.txt': 'python-3.12.7\n' });
    assert.equal(heroku.bases.at(-1), 'python:3.12-slim');
  });

  it('installs what pdm.lock names, and leaves out what PDM writes of this machine', async () => {
    const found = await project({
      'pdm.lock': '[metadata]\nlock_version = "4.0"\n',
      'pyproject.toml': '[project]\nname = "desk"\ndependencies = ["a>=1"]\n',
      'main.py': '',
      '.pdm.toml': '[python]\npath = "/home/me/.venv/bin/python"\n',
      '.pdm-python': '/home/me/.venv/bin/python',
      '__pypackages__/3.11/lib/a.py': '',
    });
    const [step, install] = await found.builds(context(), testIo());
    const file = path.join(scratch, 'out/requirements.txt');
    const words = [step?.command, ...(step?.args ?? [])].join(' ');
    assert.equal(words, `pdm export --prod --format requirements --output ${file}`);
    assert.deepEqual(step?.env, { PDM_CHECK_UPDATE: '0' });
    assert.deepEqual(install?.args.slice(-2), ['-r', file]);
    writeTree(targetOf(install), { 'a.py': '' });
    const { layers } = await unpack(await found.image(context(), testIo()), scratch, testIo());
    assert.deepEqual(layers.get('app')?.paths, ['app/main.py', 'app/pdm.lock', 'app/pyproject.toml']);
  });
});
