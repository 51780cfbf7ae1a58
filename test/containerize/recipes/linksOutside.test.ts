import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { detectProjects } from '../../../src/containerize/recipes/detectProjects.ts';
import { ProjectFolder } from '../../../src/containerize/recipes/projectFolder.ts';
import type { Project } from '../../../src/containerize/recipes/recipe.ts';
import { isOciError } from '../../../src/errors.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';
import { elfOf } from '../elfWriter.ts';
import { unpack, writeTree } from './folder/packed.ts';

let scratch = '';
let root = '';
const elf = elfOf({ machine: 62, interpreter: '/lib64/ld-linux-x86-64.so.2' });
const none = { keeps: () => false, enters: () => false };

function link(place: string, target: string): void {
  fs.mkdirSync(path.dirname(path.join(root, place)), { recursive: true });
  fs.symlinkSync(target, path.join(root, place));
}

/** Everything that images of all projects of the folder would hold. */
async function packed(filter?: typeof none): Promise<readonly string[]> {
  const folder = await ProjectFolder.open(root);
  const found: string[] = [];
  for (const project of await detectProjects(folder, testIo())) found.push(...(await pathsOf(project, filter)));
  return found;
}

async function pathsOf(project: Project, filter?: typeof none): Promise<readonly string[]> {
  const rules = filter === undefined ? {} : { filter };
  const context = { platforms: ['linux/amd64'], output: path.join(scratch, 'out'), ...rules };
  try {
    const { layers } = await unpack(await project.image(context, testIo()), scratch, testIo());
    return [...layers.values()].flatMap(({ paths }) => paths);
  } catch (error) {
    if (isOciError(error)) return [];
    throw error;
  }
}

async function leaked(filter?: typeof none): Promise<readonly string[]> {
  return (await packed(filter)).filter((one) => /secret|passwords/.test(one));
}

describe('detectProjects, links', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
    needs(this, 'tar');
  });
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
    writeTree(scratch, {
      'home/secret.txt': 'x',
      'home/index.html': 'x',
      'home/index.js': 'x',
      'home/package.json': '{}',
    });
  });
  afterEach(() => removeTempDir(scratch));

  it('277: takes no folder of compiled JavaScript that is a link out of the workspace', async () => {
    writeTree(root, { 'package.json': '{"main":"dist/index.js"}', 'tsconfig.json': '{}' });
    link('dist', '../home');
    assert.deepEqual(await leaked(none), []);
  });

  it('277: takes no static files of Next.js through links out of the workspace', async () => {
    writeTree(root, {
      'package.json': '{"scripts":{"start":"next start","build":"next build"},"dependencies":{"next":"1"}}',
      'next.config.js': 'module.exports = { output: "standalone" }',
      '.next/standalone/server.js': '',
    });
    link('public', '../home');
    link('.next/static', '../home');
    const paths = await packed();
    assert.ok(paths.includes('app/server.js'));
    assert.deepEqual(
      paths.filter((one) => /secret/.test(one)),
      [],
    );
  });

  it('277: takes no site through a link out of the workspace', async () => {
    writeTree(root, { 'package.json': '{"scripts":{"build":"vite build"},"devDependencies":{"vite":"5"}}' });
    link('dist', '../home');
    assert.deepEqual(await leaked(), []);
  });

  it('277: takes no member of a workspace through a link out of it', async () => {
    writeTree(scratch, { 'home/package.json': '{"name":"home","scripts":{"start":"node index.js"}}' });
    writeTree(root, { 'package.json': '{"workspaces":["ext/home"]}' });
    link('ext', '..');
    assert.deepEqual(await leaked(), []);
  });

  it('277: takes no virtual environment through a link out of the workspace', async () => {
    writeTree(scratch, {
      'env/lib/python3.12/site-packages/a-1.dist-info/METADATA': 'Name: a\n',
      'env/lib/python3.12/site-packages/a-1.dist-info/RECORD': 'a/secret.py,,\n',
      'env/lib/python3.12/site-packages/a/secret.py': '',
    });
    writeTree(root, { 'main.py': '', 'requirements.txt': 'a\n', '.python-version': '3.12\n' });
    link('.venv', '../env');
    assert.deepEqual(await leaked(), []);
  });

  it('277: takes no classes and resources of a Gradle build through links out of the workspace', async () => {
    writeTree(root, { 'build.gradle': 'plugins {\n  id "application"\n}\napplication {\n  mainClass = "Main"\n}\n' });
    writeTree(root, { 'build/classes/java/main/Main.class': 'damaged' });
    fs.mkdirSync(path.join(root, 'build/install/project/lib'), { recursive: true });
    link('build/resources/main', '../../../home');
    assert.deepEqual(await leaked(), []);
  });

  it('277: takes no programs from a folder that is a link out of the workspace', async () => {
    fs.writeFileSync(path.join(scratch, 'home/secret'), elf, { mode: 0o755 });
    link('bin', '../home');
    const projects = await detectProjects(await ProjectFolder.open(root), testIo());
    assert.deepEqual(
      projects.map(({ recipe }) => recipe),
      ['folder'],
    );
  });

  it('277: takes no source through a link out of the workspace', async () => {
    writeTree(root, { 'bun.lock': '{}', 'package.json': '{"module":"index.ts"}' });
    link('index.ts', '../home/index.js');
    const projects = await detectProjects(await ProjectFolder.open(root), testIo());
    assert.equal(
      projects.find(({ recipe }) => recipe === 'bun'),
      undefined,
    );
  });

  it('279: puts no secrets in that lie in outputs, nor the repository where an output is a link to it', async () => {
    writeTree(root, {
      'package.json': '{"scripts":{"start":"node dist/index.js"}}',
      'tsconfig.json': '{}',
      'dist/index.js': '',
      'dist/index.html': '',
      'dist/.env': 'passwords',
      'dist/passwords.key': '',
    });
    assert.deepEqual(await packed(none), [
      'app/dist/index.html',
      'app/dist/index.js',
      'usr/share/nginx/html/index.html',
      'usr/share/nginx/html/index.js',
    ]);
    writeTree(root, { '.git/passwords': '', '.git/server.js': '' });
    fs.mkdirSync(path.join(root, '.next'));
    link('.next/static', '../.git');
    writeTree(root, {
      'next.config.js': 'module.exports = { output: "standalone" }',
      '.next/standalone/server.js': '',
    });
    assert.deepEqual((await packed(none)).slice(0, 1), ['app/server.js']);
    assert.deepEqual(await leaked(none), []);
  });
});
