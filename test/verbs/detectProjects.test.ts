import assert from 'node:assert/strict';
import path from 'node:path';
import type { GantryApi } from '../../src/api.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { sampleProjects, writeFiles } from '../integration/sampleProjects.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { testContext } from '../support/verbContext.ts';

describe('detectProjects', () => {
  let folder = '';
  let gantry: GantryApi;
  const context = testContext();

  before(async () => {
    folder = await newTempDir();
    await context.open(path.join(folder, 'storage'));
    gantry = createGantry(context.value);
  });
  after(async () => {
    await context.close();
    await removeTempDir(folder);
  });

  for (const sample of sampleProjects) {
    it(`recognizes a ${sample.name} first`, async () => {
      const place = path.join(folder, sample.recipe);
      sample.write(place);
      const [first] = await gantry.detectProjects({ folder: place });
      assert.equal(first?.recipe, sample.recipe);
      assert.ok(first.bases.length > 0 && first.title !== '' && first.id !== '');
      assert.deepEqual(JSON.parse(JSON.stringify(first)), first);
    });
  }

  it('says each command as a shell would take it, for each platform that the project asks for', async () => {
    const place = path.join(folder, 'with space');
    writeFiles(place, {
      'go.mod': 'module example.com/a\n\ngo 1.19\n',
      'main.go': 'package main\n\nfunc main() {}\n',
      '.ko.yaml': 'defaultPlatforms: [linux/amd64, linux/arm64]\nbuilds: [{ id: a, main: ., ldflags: ["-s -w"] }]\n',
    });
    const found = await gantry.detectProjects({ folder: place });
    const builds = found[0]?.builds ?? [];
    assert.deepEqual(
      builds.map(({ platform, directory }) => [platform, directory]),
      [
        ['linux/amd64', place],
        ['linux/arm64', place],
      ],
    );
    assert.match(builds[1]?.command ?? '', /^CGO_ENABLED=0 .*GOARCH=arm64 go build .*'-ldflags=-s -w' -o \S+ \.$/);
  });

  it('names the files of a folder where nothing else fits, and refuses a folder that is not there', async () => {
    writeFiles(path.join(folder, 'plain'), { 'a.txt': 'a' });
    const found = await gantry.detectProjects({ folder: path.join(folder, 'plain') });
    assert.deepEqual(
      found.map(({ recipe }) => recipe),
      ['folder'],
    );
    await assert.rejects(gantry.detectProjects({ folder: path.join(folder, 'nothing') }), { code: 'not-found' });
    await assert.rejects(gantry.detectProjects({ folder: 'plain' }), { code: 'invalid-reference' });
  });
});
