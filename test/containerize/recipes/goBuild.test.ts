import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { goRecipe } from '../../../src/containerize/recipes/go.ts';
import type { Project } from '../../../src/containerize/recipes/recipe.ts';
import { packedEntries, withLayer } from '../../support/layerTools.ts';
import { describeProgram } from '../../../src/verbs/containerizing/programs.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';
import { folderOf, runSteps } from './binaryTree.ts';

const platforms = ['linux/amd64', 'linux/arm64'];
const sources = {
  'go.mod': 'module example.com/shop\n\ngo 1.19\n',
  'cmd/server/main.go': `package main

import (
	"fmt"
	"os"

	"example.com/shop/internal/text"
)

var version = "none"

func main() { fmt.Println(text.Hello, version, os.Getenv("KO_DATA_PATH")) }
`,
  'internal/text/text.go': 'package text\n\nconst Hello = "hello"\n',
  'cmd/server/kodata/a.txt': 'a',
  'cmd/server/kodata/sub/b.txt': 'b',
  'cmd/server/kodata/LICENSE': '-> ../../../LICENSE',
  LICENSE: 'free',
  '.ko.yaml':
    'defaultLdflags: ["-s", "-w", "-X main.version={{.Env.SHOP_VERSION}}"]\ndefaultEnv: ["SHOP_VERSION=1.2.3"]\n',
};

// What stands for a repository here has no commits.
const offline = { GOFLAGS: '-mod=mod -buildvcs=false' };

let folder = '';

async function projectIn(root: string): Promise<Project> {
  const [project] = await goRecipe.detect(await folderOf(path.join(folder, root), sources), testIo());
  assert.ok(project !== undefined);
  fs.mkdirSync(path.join(folder, root, '.git'), { recursive: true });
  return project;
}

async function layerDigests(project: Project, output: string): Promise<readonly string[]> {
  const build = { platforms, output: path.join(folder, output) };
  const { layers } = await project.image(build, testIo());
  const digests: string[] = [];
  for (const { files } of layers) {
    await withLayer(files, { compression: 'gzip' }, async ({ digest }) => void digests.push(digest));
  }
  return digests;
}

describe('goRecipe, with the go command', () => {
  before(function () {
    needs(this, 'go');
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => void (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  it('builds a program for two platforms and lays it out as ko does', async function () {
    this.timeout(240_000);
    const project = await projectIn('one');
    const build = { platforms, output: path.join(folder, 'output') };
    runSteps(await project.builds(build, testIo()), offline);
    const image = await project.image(build, testIo(60_000));
    assert.deepEqual(
      image.layers.map(({ name, platform }) => [name, platform]),
      [
        ['static files', undefined],
        ['program', 'linux/amd64'],
        ['program', 'linux/arm64'],
      ],
    );
    const [data, amd64, arm64] = await Promise.all(image.layers.map(({ files }) => packedEntries(files)));
    const common = { owner: '0:0', mtime: 0, link: '' };
    assert.deepEqual(data, [
      { name: 'var/run/ko', type: 'directory', mode: '555', content: '', ...common },
      { name: 'var/run/ko/LICENSE', type: 'file', mode: '555', content: 'free', ...common },
      { name: 'var/run/ko/a.txt', type: 'file', mode: '555', content: 'a', ...common },
      { name: 'var/run/ko/sub', type: 'directory', mode: '555', content: '', ...common },
      { name: 'var/run/ko/sub/b.txt', type: 'file', mode: '555', content: 'b', ...common },
    ]);
    for (const entries of [amd64, arm64]) {
      const listed = entries?.map(({ name, type, mode, owner, mtime }) => [name, type, mode, owner, mtime]);
      assert.deepEqual(listed, [
        ['ko-app', 'directory', '555', '0:0', 0],
        ['ko-app/server', 'file', '555', '0:0', 0],
      ]);
    }
    assert.deepEqual(image.config, {
      entrypoint: ['/ko-app/server'],
      env: ['KO_DATA_PATH=/var/run/ko'],
      path: ['/ko-app'],
    });
    for (const { file, platform, path: place } of image.programs) {
      assert.equal(place, '/ko-app/server');
      assert.deepEqual((await describeProgram(file, testIo())).platforms, [platform]);
    }
    const own = image.programs.find(
      ({ platform }) => platform === `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`,
    );
    const printed = execFileSync(own?.file ?? '', { env: { KO_DATA_PATH: '/x' }, encoding: 'utf8' });
    assert.equal(printed, 'hello 1.2.3 /x\n');
  });

  it('makes the same layers from two checkouts at different paths', async function () {
    this.timeout(240_000);
    const digests: (readonly string[])[] = [];
    for (const root of ['first', 'a/second/checkout']) {
      const project = await projectIn(root);
      const output = `output of ${path.basename(root)}`;
      runSteps(await project.builds({ platforms, output: path.join(folder, output) }, testIo()), offline);
      digests.push(await layerDigests(project, output));
    }
    assert.equal(digests[0]?.length, 3);
    assert.deepEqual(digests[0], digests[1]);
  });

  it('says which command makes the program where there is none', async () => {
    const project = await projectIn('one');
    await assert.rejects(project.image({ platforms, output: path.join(folder, 'output') }, testIo()), {
      code: 'not-found',
      message: /linux_amd64\/server".*Run "go build .*\.\/cmd\/server" in ".*one" first/,
    });
  });
});
