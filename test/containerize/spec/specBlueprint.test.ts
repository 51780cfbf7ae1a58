import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigChanges } from '../../../src/api.ts';
import { walk } from '../../../src/archive/walk.ts';
import type { ImageBlueprint } from '../../../src/containerize/blueprint.ts';
import { readSpec } from '../../../src/containerize/spec/gantrySpec.ts';
import { mergeConfig } from '../../../src/containerize/spec/mergeConfig.ts';
import { specBlueprint } from '../../../src/containerize/spec/specBlueprint.ts';
import type { SpecContext } from '../../../src/containerize/spec/specContext.ts';
import { parseYaml } from '../../../src/containerize/spec/yamlDocument.ts';
import { SpecError } from '../../../src/errors.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';

const none = { layers: [], config: {}, programs: [], warnings: [], materials: [] };

describe('specBlueprint', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await newTempDir();
    for (const file of [
      'dist/server-amd64',
      'dist/server-arm64',
      'web/a.js',
      'web/b.css',
      'web/lib/c.js',
      'web/lib/c.test.js',
      '.env',
    ]) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), file);
    }
  });

  afterEach(() => removeTempDir(folder));

  async function blueprintOf(text: string, context: Partial<SpecContext> = {}): Promise<ImageBlueprint> {
    const spec = readSpec(parseYaml(text, 'gantry.yaml'));
    return specBlueprint(spec, { folder, platforms: ['linux/amd64', 'linux/arm64'], ...context }, testIo());
  }

  async function problemsOf(text: string, context: Partial<SpecContext> = {}): Promise<readonly string[]> {
    try {
      await blueprintOf(text, context);
    } catch (error) {
      assert.ok(error instanceof SpecError, String(error));
      return error.problems.map(({ line, column, text: said }) => `${line}:${column} ${said}`);
    }
    return [];
  }

  async function pathsOf(text: string, context: Partial<SpecContext> = {}): Promise<readonly string[]> {
    const { layers } = await blueprintOf(text, context);
    const walked = await walk(
      layers.flatMap(({ files }) => files),
      {},
      testIo(),
    );
    return walked.entries.flatMap(({ kind, path: found }) => (kind === 'directory' ? [] : [found])).sort();
  }

  it('makes a layer for each platform of files that differ, and one of the others', async () => {
    const text = [
      'base: scratch',
      'layers:',
      '  - files: [{from: web/a.js, to: /web/}]',
      '  - name: app',
      '    files:',
      '      - from: dist/server-${platform.arch}',
      '        to: /app/${platform.os}',
      '        mode: "0755"',
      '        owner: 5:6',
      'entrypoint: [/app/linux]',
    ].join('\n');
    assert.deepEqual(await blueprintOf(text), {
      ...none,
      base: 'scratch',
      platforms: ['linux/amd64', 'linux/arm64'],
      layers: [
        { name: 'files', files: [{ from: path.join(folder, 'web/a.js'), to: '/web/' }] },
        ...['amd64', 'arm64'].map((arch) => ({
          name: 'app',
          files: [{ from: path.join(folder, `dist/server-${arch}`), to: '/app/linux', mode: 0o755, uid: 5, gid: 6 }],
          platform: `linux/${arch}`,
        })),
      ],
      config: { entrypoint: ['/app/linux'] },
      programs: ['amd64', 'arm64'].map((arch) => ({
        file: path.join(folder, `dist/server-${arch}`),
        path: '/app/linux',
        platform: `linux/${arch}`,
      })),
    });
  });

  it('leaves out layers of platforms that are not made', async () => {
    const layer = (arch: string): string =>
      `  - {name: ${arch}, platform: linux/${arch}, files: [{from: dist/server-${arch}, to: /app/server}]}`;
    const text = `base: scratch\nlayers:\n${layer('amd64')}\n${layer('arm64')}\n`;
    const { layers, platforms } = await blueprintOf(text, { platforms: ['linux/aarch64'] });
    assert.deepEqual(
      layers.map(({ name, platform }) => [name, platform]),
      [['arm64', 'linux/arm64']],
    );
    assert.equal(platforms, undefined);
  });

  it('finds the program that is started in a folder, and none that is not put in', async () => {
    const text = 'base: a\nlayers: [{files: [{from: web, to: /srv}]}]\n';
    const { programs } = await blueprintOf(`${text}entrypoint: [/srv/lib/../a.js]`);
    assert.deepEqual(programs, []);
    const started = await blueprintOf(`${text}cmd: [/srv/lib/c.js]`);
    assert.deepEqual(started.programs, [{ file: path.join(folder, 'web/lib/c.js'), path: '/srv/lib/c.js' }]);
    assert.deepEqual((await blueprintOf(`${text}entrypoint: [/srv/none]`)).programs, []);
    assert.deepEqual((await blueprintOf(`${text}entrypoint: [/bin/sh]`)).programs, []);
  });

  it('takes what include names and exclude does not', async () => {
    const web = (rest: string): string => `base: a\nlayers: [{files: [{from: web, to: /srv${rest}}]}]`;
    assert.deepEqual(await pathsOf(web('')), ['srv/a.js', 'srv/b.css', 'srv/lib/c.js', 'srv/lib/c.test.js']);
    assert.deepEqual(await pathsOf(web(', include: ["**/*.js"]')), ['srv/a.js', 'srv/lib/c.js', 'srv/lib/c.test.js']);
    assert.deepEqual(await pathsOf(web(', include: ["**/*.js"], exclude: ["**/*.test.js", "a*"]')), ['srv/lib/c.js']);
    assert.deepEqual(await pathsOf(web(', include: [lib]')), ['srv/lib/c.js', 'srv/lib/c.test.js']);
    assert.deepEqual(await pathsOf(web(', exclude: [lib, "!lib/c.js"]')), ['srv/a.js', 'srv/b.css', 'srv/lib/c.js']);
  });

  it('279: applies ignore rules to what is in a folder, and names the line of what they leave out as a whole', async () => {
    const filter = {
      keeps: (found: string) =>
        found !== '.env' && found !== 'web/lib' && !found.startsWith('web/lib/') && !found.startsWith('dist'),
      enters: () => false,
    };
    assert.deepEqual(await pathsOf('base: a\nlayers: [{files: [{from: web, to: /srv}]}]', { filter }), [
      'srv/a.js',
      'srv/b.css',
    ]);
    assert.deepEqual(await pathsOf('base: a\nlayers: [{files: [{from: ., to: /srv}]}]', { filter }), [
      'srv/web/a.js',
      'srv/web/b.css',
    ]);
    const files = '[{from: .env, to: /a}, {from: dist, to: /b}, {from: web/a.js, to: /c}]';
    assert.deepEqual(await problemsOf(`base: a\nlayers:\n  - files: ${files}`, { filter }), [
      '3:20 ".env" is left out by ignore rules, or as a secret. Change them, or ignore: in this file',
      '3:42 "dist" is left out by ignore rules, or as a secret. Change them, or ignore: in this file',
    ]);
  });

  it('277: takes nothing from outside of the folder, be it by .. or by a link', async () => {
    await symlink(path.dirname(folder), path.join(folder, 'up'));
    await symlink('web', path.join(folder, 'inside'));
    const found = await problemsOf(
      'base: a\nlayers:\n  - files:\n      - {from: ../x, to: /a}\n      - {from: up, to: /b}\n      - {from: web/../../x, to: /c}\n      - {from: inside, to: /d}\n      - {from: none, to: /e}',
    );
    assert.deepEqual(
      found.map((line) => line.split('.')[0]),
      ['4:16 "', '5:16 "up" leads out of the folder', '6:16 "web/', '8:16 "none" is not there'],
    );
    assert.deepEqual(
      await problemsOf('base: a\nlayers: [{files: [{from: ../web, to: /a}]}]', {
        folder: path.join(folder, 'dist'),
        root: folder,
      }),
      [],
    );
  });

  it('names the file that is missing for one platform', async () => {
    const text = 'base: a\nlayers:\n  - files:\n      - from: dist/server-${platform.arch}\n        to: /a';
    assert.deepEqual(await problemsOf(text, { platforms: ['linux/amd64', 'linux/s390x'] }), [
      '4:15 "dist/server-s390x" is not there. Build it first, or correct its path',
    ]);
  });

  it('fills in variables everywhere, and asks git only where they are used', async () => {
    let asked = 0;
    const git: NonNullable<SpecContext['git']> = async () => {
      asked += 1;
      return { commit: '0123456789abcdef0123456789abcdef01234567', branch: 'main', tags: [], commitTimestamp: 1000 };
    };
    await blueprintOf('base: a\nlabels: {a: "$${git.tag}"}', { git });
    assert.equal(asked, 0);
    const text = [
      'base: ${var.BASE}',
      'labels: {user: "${env.WHO}", literal: "$${HOME}"}',
      'annotations: {name: "${folder.name}"}',
      'target: example.com/a:${git.shortCommit}',
      'tags: ["${git.tag:-untagged}", "${git.branch}"]',
      'created: ${git.commitTimestamp}',
    ].join('\n');
    assert.deepEqual(await blueprintOf(text, { git, args: { BASE: 'alpine:3' }, env: { WHO: 'ada' } }), {
      ...none,
      base: 'alpine:3',
      config: { labels: { user: 'ada', literal: '${HOME}' } },
      annotations: { name: path.basename(folder) },
      target: 'example.com/a:0123456789ab',
      tags: ['untagged', 'main'],
      epoch: 1000,
    });
    assert.equal(asked, 1);
  });

  it('says at their lines what variables come to that cannot stand there, without their values', async () => {
    const env = { TAG: 'feature/hunter2', TIME: 'hunter2' };
    assert.deepEqual(
      await problemsOf('base: a\ntags: ["${env.TAG}"]\ncreated: ${env.TIME}\nuser: ${var.none}', { env }),
      [
        '2:8 "${env.TAG}" is not a tag: a letter, digit or _, and up to 127 more of letters, digits, _ . and -',
        '3:10 "${env.TIME}" is not a time: seconds since 1970, or 2026-01-31T12:00:00Z',
        '4:7 ${var.none} has no value: give it in args, or write ${var.none:-…} with what stands for it',
      ],
    );
  });

  it('warns of variables that put what seems a secret into the image', async () => {
    const env = { NPM_TOKEN: 'hunter2', WHO: 'ada', REGISTRY_TOKEN_PATH: 'x' };
    const text =
      'base: a\nenv: {A: "${env.NPM_TOKEN}", B: "${env.WHO}"}\ntarget: example.com/${env.REGISTRY_TOKEN_PATH}:1';
    const { warnings } = await blueprintOf(text, { env });
    assert.deepEqual(warnings, [
      {
        code: 'secret-included',
        text: 'The value of the environment variable NPM_TOKEN goes into the image: whoever can pull it can read it.',
      },
    ]);
  });

  it('takes paths of layouts from the folder of the spec', async () => {
    const { base, target } = await blueprintOf('base: oci:web:1.0\ntarget: oci-archive:dist/a.tar:1.0');
    assert.equal(base, `oci:${path.join(folder, 'web')}:1.0`);
    assert.equal(target, `oci-archive:${path.join(folder, 'dist/a.tar')}:1.0`);
    assert.equal((await blueprintOf('base: oci:/abs/web')).base, 'oci:/abs/web');
  });

  it('puts its layers and config over those of its recipe', async () => {
    const asked: unknown[] = [];
    const project: NonNullable<SpecContext['project']> = async (...chosen) => {
      asked.push(chosen);
      return {
        base: 'recipe-base',
        layers: [{ name: 'deps', files: [] }],
        config: { entrypoint: ['/r'], cmd: ['x'], env: ['A=1', 'B=2'], workdir: '/r' },
        programs: [{ file: '/tmp/r', path: '/r' }],
        platforms: ['linux/amd64'],
        annotations: { a: '1' },
        epoch: 5,
        warnings: [{ code: 'note', text: 'from the recipe' }],
        materials: ['/lock'],
      };
    };
    const text =
      'recipe: node\nproject: web\nlayers: [{name: web, files: [{from: web, to: /srv}]}]\nenv: {B: 3}\nannotations: {b: 2}\nuser: 5\n';
    const merged = await blueprintOf(text, { project });
    assert.deepEqual(asked, [['node', 'web']]);
    assert.deepEqual(merged, {
      base: 'recipe-base',
      layers: [
        { name: 'deps', files: [] },
        { name: 'web', files: [{ from: path.join(folder, 'web'), to: '/srv' }] },
      ],
      config: { entrypoint: ['/r'], cmd: ['x'], env: ['A=1', 'B=3'], workdir: '/r', user: '5' },
      programs: [{ file: '/tmp/r', path: '/r' }],
      platforms: ['linux/amd64'],
      annotations: { a: '1', b: '2' },
      epoch: 5,
      warnings: [{ code: 'note', text: 'from the recipe' }],
      materials: ['/lock'],
    });
    const other = await blueprintOf(`${text}base: own\nentrypoint: [/srv/a.js]\ncreated: 7`, { project });
    assert.deepEqual(other.config.cmd, undefined);
    assert.deepEqual(other.programs, [{ file: path.join(folder, 'web/a.js'), path: '/srv/a.js' }]);
    assert.deepEqual([other.base, other.epoch], ['own', 7]);
  });

  it('stops when it is cancelled', async () => {
    const spec = readSpec(parseYaml('base: a\nlayers: [{files: [{from: web, to: /a}]}]', 'gantry.yaml'));
    const signal = AbortSignal.abort();
    await assert.rejects(specBlueprint(spec, { folder, platforms: ['linux/amd64'] }, { signal }), {
      name: 'AbortError',
    });
  });
});

describe('mergeConfig', () => {
  const rows: readonly (readonly [string, ConfigChanges, ConfigChanges, ConfigChanges])[] = [
    ['nothing of nothing', {}, {}, {}],
    [
      'the cmd of a recipe with its entrypoint',
      { entrypoint: ['a'], cmd: ['b'] },
      { user: '1' },
      { entrypoint: ['a'], cmd: ['b'], user: '1' },
    ],
    [
      'no cmd of a recipe under another entrypoint',
      { entrypoint: ['a'], cmd: ['b'] },
      { entrypoint: ['c'] },
      { entrypoint: ['c'] },
    ],
    ['another cmd', { entrypoint: ['a'], cmd: ['b'] }, { cmd: ['c'] }, { entrypoint: ['a'], cmd: ['c'] }],
    [
      'ports, volumes and labels of both',
      { ports: ['1'], labels: { a: '1' } },
      { ports: ['1', '2'], volumes: ['/v'], labels: { a: '2' } },
      { ports: ['1', '2'], volumes: ['/v'], labels: { a: '2' } },
    ],
    ['no health check', { healthcheck: { test: ['CMD', 'a'] } }, { healthcheck: null }, { healthcheck: null }],
  ];
  for (const [what, recipe, spec, expected] of rows) {
    it(`keeps ${what}`, () => assert.deepEqual(mergeConfig(recipe, spec), expected));
  }
});
