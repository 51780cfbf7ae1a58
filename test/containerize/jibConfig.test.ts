import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { jibBlueprint, readJibConfig } from '../../src/containerize/jibConfig.ts';
import type { ImageBlueprint } from '../../src/containerize/blueprint.ts';
import { SpecError } from '../../src/errors.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { entriesOfLayers, writeFiles } from './recipes/java/javaPrograms.ts';

const head = { apiVersion: 'jib/v1alpha1', kind: 'BuildFile' };
const oneLayer = (copy: object): object => ({ layers: { entries: [{ name: 'files', files: [copy] }] } });

function textsOf(value: unknown): readonly string[] {
  try {
    readJibConfig(value, 'jib.yaml');
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.problems.map(({ text }) => text);
  }
  return [];
}

describe('readJibConfig', () => {
  it('reads every member', () => {
    const config = readJibConfig(
      {
        ...head,
        from: { image: 'registry://gcr.io/a/b:c', platforms: [{ architecture: 'arm64', os: 'linux' }] },
        creationTime: 1_500_000,
        format: 'OCI',
        environment: { PORT: 8080, EMPTY: '', DEBUG: true },
        labels: { a: 'b' },
        volumes: ['/data'],
        exposedPorts: [80, '2000-2002/udp', '80/tcp'],
        user: 'app',
        workingDirectory: '/work',
        entrypoint: ['sh', '-c'],
        cmd: ['ls'],
        layers: {
          properties: { filePermissions: 640, user: 1, timestamp: '2020-01-01T00:00:00Z' },
          entries: [
            {
              name: 'scripts',
              properties: { filePermissions: '755', group: 2 },
              files: [
                { src: 'a', dest: '/a/', properties: { user: '3', directoryPermissions: '700' } },
                { src: 'b', dest: '/b', includes: ['**/*.sh'], excludes: ['**/x'] },
              ],
            },
          ],
        },
      },
      'jib.yaml',
      (at) => ({ line: at.length + 1, column: 2 }),
    );
    const shared = { filePermissions: 0o755, group: 2, timestamp: 1_577_836_800 };
    assert.deepEqual(config, {
      file: 'jib.yaml',
      base: 'gcr.io/a/b:c',
      platforms: ['linux/arm64'],
      creationTime: 1500,
      format: 'OCI',
      environment: new Map([
        ['PORT', '8080'],
        ['EMPTY', ''],
        ['DEBUG', 'true'],
      ]),
      labels: new Map([['a', 'b']]),
      volumes: ['/data'],
      exposedPorts: ['80/tcp', '2000/udp', '2001/udp', '2002/udp'],
      user: 'app',
      workingDirectory: '/work',
      entrypoint: ['sh', '-c'],
      cmd: ['ls'],
      layers: [
        {
          name: 'scripts',
          files: [
            {
              src: 'a',
              dest: '/a/',
              includes: [],
              excludes: [],
              properties: { ...shared, user: 3, directoryPermissions: 0o700 },
              line: 6,
              column: 2,
            },
            {
              src: 'b',
              dest: '/b',
              includes: ['**/*.sh'],
              excludes: ['**/x'],
              properties: { ...shared, user: 1 },
              line: 6,
              column: 2,
            },
          ],
        },
      ],
    });
  });

  it('starts from nothing where there is no from', () => {
    assert.equal(readJibConfig(head, 'jib.yaml').base, 'scratch');
  });

  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ['nothing', null, /apiVersion must be jib\/v1alpha1/],
    ['a text', 'x', /must be a mapping/],
    ['another version', { ...head, apiVersion: 'jib/v2' }, /apiVersion must be/],
    ['another kind', { ...head, kind: 'Pod' }, /kind must be BuildFile/],
    ['an unknown member', { ...head, entryPoint: [] }, /"entryPoint" is not a member.*entrypoint/],
    ['__proto__', JSON.parse(`{"apiVersion":"jib/v1alpha1","kind":"BuildFile","__proto__":{}}`), /"__proto__" is not/],
    ['a port that is none', { ...head, exposedPorts: ['70000'] }, /"70000" is not a port/],
    ['a range the wrong way', { ...head, exposedPorts: ['9-8'] }, /"9-8" is not a port/],
    ['a time that is none', { ...head, creationTime: 'now' }, /milliseconds/],
    ['a time after 2038', { ...head, creationTime: 1e14 }, /milliseconds/],
    ['ports without end', { ...head, exposedPorts: Array(5000).fill('1-65535') }, /more than 200000 ports/],
    ['a NUL', { ...head, ...oneLayer({ src: 'a\0b', dest: '/a' }) }, /must not hold a NUL/],
    ['a relative volume', { ...head, volumes: ['data'] }, /absolute/],
    ['an image of a daemon', { ...head, from: { image: 'docker://a' } }, /docker:\/\/ is not supported/],
    ['no image', { ...head, from: {} }, /"from.image" is missing/],
    ['a platform without os', { ...head, from: { image: 'a', platforms: [{ architecture: 'b' }] } }, /os" is missing/],
    ['modes that are none', { ...head, layers: { properties: { filePermissions: '999' }, entries: [] } }, /octal/],
    ['an owner by name', { ...head, ...oneLayer({ src: 'a', dest: '/a', properties: { user: 'me' } }) }, /a number/],
    ['a relative dest', { ...head, ...oneLayer({ src: 'a', dest: 'a' }) }, /absolute/],
    ['an archive', { ...head, layers: { entries: [{ name: 'a', archive: 'a.tar' }] } }, /archive are not supported/],
    ['a layer without files', { ...head, layers: { entries: [{ name: 'a' }] } }, /needs files/],
    ['a list where a text is', { ...head, user: ['a'] }, /must be a text/],
  ];
  for (const [title, value, pattern] of wrong) {
    it(`refuses ${title}`, () => assert.match(textsOf(value).join('\n'), pattern));
  }

  it('names all that is wrong, each at its place', () => {
    const at = (member: readonly (string | number)[]): { line: number; column: number } =>
      member[0] === 'user' ? { line: 3, column: 7 } : { line: 9, column: 1 };
    assert.throws(
      () => readJibConfig({ ...head, user: '', more: 1 }, 'jib.yaml', at),
      (error) => {
        assert.ok(error instanceof SpecError);
        assert.deepEqual(
          error.problems.map(({ line, column }) => [line, column]),
          [
            [9, 1],
            [3, 7],
          ],
        );
        return true;
      },
    );
  });
});

describe('jibBlueprint', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await newTempDir();
    await writeFiles(folder, {
      'in/a.class': 'a',
      'in/b.txt': 'b',
      'in/deep/c.class': 'c',
      'in/skip/d.class': 'd',
      'run.sh': '#!/bin/sh',
    });
    await mkdir(path.join(folder, 'in/empty'));
  });

  afterEach(async () => removeTempDir(folder));

  const blueprint = async (value: object): Promise<ImageBlueprint> =>
    jibBlueprint(readJibConfig({ ...head, ...value }, 'jib.yaml'), { folder }, testIo());

  const listed = async (copy: object): Promise<readonly string[]> =>
    (await entriesOfLayers(await blueprint(oneLayer(copy)))).map(
      ([, { name, mode, owner }]) => `${name} ${mode} ${owner}`,
    );

  it('copies a folder with all that is in it', async () => {
    assert.deepEqual(await listed({ src: 'in', dest: '/app' }), [
      'app 755 0:0',
      'app/a.class 644 0:0',
      'app/b.txt 644 0:0',
      'app/deep 755 0:0',
      'app/deep/c.class 644 0:0',
      'app/empty 755 0:0',
      'app/skip 755 0:0',
      'app/skip/d.class 644 0:0',
    ]);
  });

  it('copies what is included and not excluded, with the folders above it in their own mode', async () => {
    const properties = { filePermissions: '600', directoryPermissions: '700', user: 5, group: 6 };
    const copy = { src: './in', dest: '/app', includes: ['**/*.class'], excludes: ['**/skip/'], properties };
    assert.deepEqual(await listed(copy), [
      'app 700 5:6',
      'app/a.class 600 5:6',
      'app/deep 700 5:6',
      'app/deep/c.class 600 5:6',
    ]);
  });

  it('keeps the name of a file where dest ends in a slash', async () => {
    assert.deepEqual(await listed({ src: 'run.sh', dest: '/bin2/' }), ['bin2 755 0:0', 'bin2/run.sh 644 0:0']);
    assert.deepEqual(await listed({ src: 'run.sh', dest: '/start' }), ['start 644 0:0']);
  });

  it('takes config, platforms and time', async () => {
    const { base, config, platforms, epoch, warnings } = await blueprint({
      from: { image: 'alpine', platforms: [{ os: 'linux', architecture: 'amd64' }] },
      creationTime: 5000,
      environment: { A: 'b' },
      labels: { c: 'd' },
      entrypoint: ['x'],
      exposedPorts: ['80'],
      format: 'Docker',
      ...oneLayer({ src: 'run.sh', dest: '/x', properties: { timestamp: 9000 } }),
    });
    assert.deepEqual(
      { base, config, platforms, epoch },
      {
        base: 'alpine',
        config: { entrypoint: ['x'], env: ['A=b'], labels: { c: 'd' }, ports: ['80/tcp'] },
        platforms: ['linux/amd64'],
        epoch: 5,
      },
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['not-supported', 'not-supported'],
    );
  });

  it('277: reads nothing outside of the folder, by path or by link', async () => {
    const outside = await newTempDir();
    try {
      await writeFile(path.join(outside, 'secret'), 'x');
      await symlink(outside, path.join(folder, 'link'));
      for (const src of [
        outside,
        path.join(outside, 'secret'),
        `../${path.basename(outside)}`,
        'link',
        'link/secret',
      ]) {
        await assert.rejects(blueprint(oneLayer({ src, dest: '/x' })), /leads out of the folder/, src);
      }
    } finally {
      await removeTempDir(outside);
    }
  });

  it('279: leaves out what looks like a secret, in folders, by its name and by links', async () => {
    await mkdir(path.join(folder, 'in', '.git'), { recursive: true });
    await writeFile(path.join(folder, 'in', '.git', 'config'), 'x');
    await writeFile(path.join(folder, 'in', '.env'), 'x');
    await writeFile(path.join(folder, 'key.pem'), 'x');
    await symlink('in/.env', path.join(folder, 'settings'));
    const files = [
      { src: 'in', dest: '/in' },
      { src: 'key.pem', dest: '/k' },
      { src: 'settings', dest: '/s' },
    ];
    const entries = await entriesOfLayers(await blueprint({ layers: { entries: [{ name: 'a', files }] } }));
    const text = entries.map(([, { name }]) => `${name} `).join('\n');
    assert.doesNotMatch(text, /\.git|\.env|^k |^s /m);
    assert.match(text, /^in /m);
  });

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['a file that is not there', { src: 'gone', dest: '/x' }, /there is no "gone"/],
    ['includes of a file', { src: 'run.sh', dest: '/x', includes: ['**'] }, /for folders only/],
    [
      'globs that stand for very many',
      {
        src: 'in',
        dest: '/x',
        excludes: [`${'**a'.repeat(60)}{${Array.from({ length: 100 }, (_, at) => at).join()}}`],
      },
      /more than 16384 characters of globs/,
    ],
    ['a glob that is none', { src: 'in', dest: '/x', includes: ['{'] }, /is not a glob/],
  ];
  for (const [title, copy, pattern] of wrong) {
    it(`refuses ${title}`, async () => {
      await assert.rejects(
        blueprint(oneLayer(copy)),
        (error) => error instanceof SpecError && pattern.test(error.message),
      );
    });
  }
});
