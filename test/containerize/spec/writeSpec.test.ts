import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerizeOptions } from '../../../src/api.ts';
import type { ImageBlueprint } from '../../../src/containerize/blueprint.ts';
import { blueprintOfFiles } from '../../../src/containerize/recipes/binary.ts';
import { readSpec } from '../../../src/containerize/spec/gantrySpec.ts';
import { specBlueprint } from '../../../src/containerize/spec/specBlueprint.ts';
import { specText } from '../../../src/containerize/spec/writeSpec.ts';
import { parseYaml } from '../../../src/containerize/spec/yamlDocument.ts';
import { yamlText } from '../../../src/containerize/spec/yamlText.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';

const none = { layers: [], config: {}, programs: [], warnings: [], materials: [] };

async function* streamOf(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a');
}

describe('specText', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await newTempDir();
    for (const file of ['bin/server', 'bin/server-arm64', 'web/a b.js']) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), file);
    }
  });

  afterEach(() => removeTempDir(folder));

  async function readBack(text: string, platforms: readonly string[]): Promise<ImageBlueprint> {
    return specBlueprint(readSpec(parseYaml(text, 'gantry.yaml')), { folder, platforms }, testIo());
  }

  it('writes programs of two platforms so that they come to the same image again', async () => {
    const files = [
      { file: path.join(folder, 'bin/server'), platform: 'linux/amd64' },
      { file: path.join(folder, 'bin/server-arm64'), platform: 'linux/arm64' },
    ];
    const blueprint = blueprintOfFiles(files, { to: '/app', owner: { uid: 5, gid: 6 } });
    const options = { file: files.map(({ file }) => file), base: 'scratch', target: 'example.com/a:1', tags: ['2'] };
    const text = specText({ options, blueprint }, folder);
    const expected = { ...blueprint, base: 'scratch', target: 'example.com/a:1', tags: ['2'] };
    assert.deepEqual(await readBack(text, ['linux/amd64', 'linux/arm64']), expected);
    assert.deepEqual(text.split('\n').slice(1, 20), [
      '',
      '# What the image is built on; scratch is nothing.',
      'base: scratch',
      'platforms: [linux/amd64, linux/arm64]',
      '',
      '# What lies on the base: paths are relative to this folder.',
      'layers:',
      '  - name: program',
      '    platform: linux/amd64',
      '    files:',
      '      - from: bin/server',
      '        to: /app/server',
      '        mode: "0755"',
      '        owner: "5:6"',
      '  - name: program',
      '    platform: linux/arm64',
      '    files:',
      '      - from: bin/server-arm64',
      '        to: /app/server',
    ]);
  });

  it('writes a folder with all that can be chosen so that it comes to the same image again', async () => {
    const blueprint: ImageBlueprint = {
      ...none,
      base: `oci:${path.join(folder, 'base')}:1`,
      layers: [
        {
          name: 'files: all',
          files: [
            { from: folder, to: '/srv' },
            { from: path.join(folder, 'web/a b.js'), to: '/x y' },
          ],
        },
      ],
      config: {
        entrypoint: ['/srv/bin/server', '${HOME}', 'true', '1.10', '', ' ', '- a', 'a: b', '# x', 'é\u2028\n'],
      },
      epoch: 12,
    };
    const options: ContainerizeOptions = {
      folder,
      config: {
        cmd: [],
        env: ['A=1', 'B=a "b" $${c}', 'C='],
        workdir: '/srv',
        user: '0',
        ports: ['8080', '53/udp'],
        volumes: ['/data'],
        labels: { 'a b': 'yes', 'x:y': '{', constructor: '~' },
        stopSignal: '9',
        healthcheck: { test: ['CMD-SHELL', 'x'], interval: 90e9, timeout: 1500e6, startPeriod: 7e6 + 1, retries: 2 },
        shell: ['/bin/sh', '-c'],
        author: 'Ada: L',
      },
      annotations: { 'org.example': '1' },
      target: `oci-archive:${path.join(folder, 'out.tar')}:1`,
      compression: 'zstd',
      sbom: true,
      provenance: false,
      gitignore: true,
    };
    const text = specText({ options, blueprint }, folder);
    const spec = readSpec(parseYaml(text, 'gantry.yaml'));
    assert.deepEqual(await readBack(text, ['linux/amd64']), {
      ...blueprint,
      config: { ...blueprint.config, ...options.config },
      annotations: options.annotations,
      target: options.target,
      programs: [{ file: path.join(folder, 'bin/server'), path: '/srv/bin/server' }],
    });
    const { compression, sbom, provenance, ignore } = spec;
    assert.deepEqual(
      { compression, sbom, provenance, ignore },
      { compression: 'zstd', sbom: true, provenance: false, ignore: { gitignore: true } },
    );
    assert.match(text, /^base: oci:base:1$/m);
    assert.match(text, /^target: oci-archive:out\.tar:1$/m);
  });

  it('writes a recipe, not what it came to', async () => {
    const blueprint = {
      ...none,
      base: 'recipe-base',
      layers: [{ name: 'a', files: [] }],
      config: { workdir: '/r' },
      epoch: 3,
    };
    const options: ContainerizeOptions = {
      folder,
      recipe: 'go',
      project: 'cmd/server',
      config: { user: '5' },
      target: 'example.com/a:1',
    };
    const spec = readSpec(parseYaml(specText({ options, blueprint }, folder), 'gantry.yaml'));
    const { recipe, project, config, base, layers, epoch } = spec;
    assert.deepEqual(
      { recipe, project, config, base, layers, epoch },
      { recipe: 'go', project: 'cmd/server', config: { user: '5' }, base: undefined, layers: [], epoch: undefined },
    );
  });

  it('writes that no health check is wanted', async () => {
    const options = { folder, base: 'a', config: { healthcheck: null } };
    assert.deepEqual((await readBack(specText({ options, blueprint: none }, folder), ['linux/amd64'])).config, {
      healthcheck: null,
    });
  });

  it('refuses what is written down already: a spec would not say the same', () => {
    const blueprint = { ...none, layers: [{ name: 'a', files: [{ from: folder, to: '/a' }] }] };
    for (const options of [{ dockerfile: path.join(folder, 'Dockerfile') }, { spec: path.join(folder, 'jib.yaml') }]) {
      assert.throws(() => specText({ options, blueprint }, folder), {
        code: 'invalid-reference',
        message: /says itself what the image is made of/,
      });
    }
  });

  it('refuses what no spec of the folder can name', () => {
    const outside = { ...none, layers: [{ name: 'a', files: [{ from: path.dirname(folder), to: '/a' }] }] };
    assert.throws(() => specText({ options: {}, blueprint: outside }, folder), { code: 'invalid-reference' });
    const content = { size: 1, name: 'a', open: () => streamOf() };
    const generated = { ...none, layers: [{ name: 'a', files: [{ to: '/a', content }] }] };
    assert.throws(() => specText({ options: {}, blueprint: generated }, folder), { code: 'invalid-reference' });
  });
});

describe('yamlText', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['a', 'a'],
    ['example.com:5000/a-b_c/d:1.0@x', 'example.com:5000/a-b_c/d:1.0@x'],
    ['/app', '/app'],
    ['a:', '"a:"'],
    ['1', '"1"'],
    ['True', '"True"'],
    ['null', '"null"'],
    ['~', '"~"'],
    ['a b', '"a b"'],
    ['a,b', '"a,b"'],
    ['${x}', '"$${x}"'],
    ['\u0085"\\', JSON.stringify('\u0085"\\')],
  ];
  for (const [text, expected] of rows) {
    it(`writes ${JSON.stringify(text)}`, () => {
      assert.equal(yamlText(text), expected);
      const back = parseYaml(`a: [${yamlText(text)}]\n`, 'x').value;
      assert.equal(JSON.stringify(back), JSON.stringify({ a: [text.replaceAll('${', () => '$${')] }));
    });
  }
});
