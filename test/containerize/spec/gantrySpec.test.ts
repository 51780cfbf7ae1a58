import assert from 'node:assert/strict';
import { type GantrySpec, readSpec } from '../../../src/containerize/spec/gantrySpec.ts';
import { parseYaml } from '../../../src/containerize/spec/yamlDocument.ts';
import { SpecError } from '../../../src/errors.ts';

function read(text: string): GantrySpec {
  return readSpec(parseYaml(text, 'gantry.yaml'));
}

function problemsOf(text: string): readonly string[] {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.problems.map(({ file, line, column, text: said }) => `${file}:${line}:${column} ${said}`);
  }
  return [];
}

const whole = `
base: gcr.io/distroless/static-debian13
platforms: [linux/amd64, linux/aarch64]
recipe: go
project: cmd/server
layers:
  - name: app
    platform: linux/x86_64
    files:
      - from: dist/server
        to: /app/server
        mode: "0755"
        owner: 65532:65532
        include: ["**/*.js"]
        exclude: ["*.map", "!keep.map"]
entrypoint: [/app/server]
cmd: [--port, 8080]
env: {PORT: 8080, DEBUG: true, EMPTY: "", VERSION: 1.10}
workdir: /app
user: 65532
ports: [8080, 53/udp]
volumes: [/data]
labels: {team: shop}
stopSignal: SIGTERM
healthcheck: {test: curl localhost, interval: 1m30s, timeout: 500ms, startPeriod: 0, retries: 3}
shell: [/bin/bash, -c]
author: Ada
annotations: {a.b: c}
target: registry.example.com/team/app:\${git.shortCommit}
tags: [latest, 1.10, "\${git.tag}"]
compression: zstd
sbom: true
provenance: false
created: 2026-01-31T12:00:00+01:00
ignore: {gitignore: true, secrets: false}
`;

describe('readSpec', () => {
  it('reads every member', () => {
    const { document, layers, ...rest } = read(whole);
    assert.equal(document.file, 'gantry.yaml');
    assert.deepEqual(layers, [
      {
        name: 'app',
        platform: 'linux/amd64',
        files: [
          {
            from: 'dist/server',
            to: '/app/server',
            path: ['layers', 0, 'files', 0],
            mode: 0o755,
            uid: 65532,
            gid: 65532,
            include: ['**/*.js'],
            exclude: ['*.map', '!keep.map'],
          },
        ],
      },
    ]);
    assert.deepEqual(rest, {
      base: 'gcr.io/distroless/static-debian13',
      platforms: ['linux/amd64', 'linux/arm64'],
      recipe: 'go',
      project: 'cmd/server',
      config: {
        entrypoint: ['/app/server'],
        cmd: ['--port', '8080'],
        env: ['PORT=8080', 'DEBUG=true', 'EMPTY=', 'VERSION=1.10'],
        workdir: '/app',
        user: '65532',
        labels: { team: 'shop' },
        ports: ['8080', '53/udp'],
        volumes: ['/data'],
        stopSignal: 'SIGTERM',
        healthcheck: {
          test: ['CMD-SHELL', 'curl localhost'],
          interval: 90e9,
          timeout: 500e6,
          startPeriod: 0,
          retries: 3,
        },
        shell: ['/bin/bash', '-c'],
        author: 'Ada',
      },
      annotations: { 'a.b': 'c' },
      target: 'registry.example.com/team/app:${git.shortCommit}',
      tags: ['latest', '1.10', '${git.tag}'],
      compression: 'zstd',
      sbom: true,
      provenance: false,
      epoch: 1769857200,
      ignore: { gitignore: true, secrets: false },
    });
  });

  it('reads env as a list, and a test as words', () => {
    const { config } = read('base: scratch\nenv: [A=1, B=]\nhealthcheck: {test: [/app, --check]}');
    assert.deepEqual(config, { env: ['A=1', 'B='], healthcheck: { test: ['CMD', '/app', '--check'] } });
    assert.deepEqual(read('base: scratch\nhealthcheck: none').config, { healthcheck: null });
    assert.deepEqual(read('base: scratch\nhealthcheck: {test: [NONE]}').config.healthcheck?.test, ['NONE']);
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['', '1:1 the file is empty. Write what the image is made of: recipe, or layers'],
    ['- a', '1:1 a spec must be members with values, one a line'],
    ['tags: [a]', '1:1 nothing says what the image is made of. Name a recipe, layers or a base'],
    ['base: a\nentryPoint: [a]', '2:1 "entryPoint" is not known here. Did you mean entrypoint?'],
    ['base: a\nENVIRONMENT: {}', '2:1 "ENVIRONMENT" is not known here. Did you mean env?'],
    ['from: a', '1:1 "from" is not known here. Did you mean base?'],
    ['base: a\nplatform: b', '2:1 "platform" is not known here. Did you mean platforms?'],
    [
      'base: a\n__proto__: b',
      '2:1 "__proto__" is not known here. Here stand base, platforms, recipe, project, layers, entrypoint, cmd, env, workdir, user, ports, volumes, labels, stopSignal, healthcheck, shell, author, annotations, target, tags, compression, sbom, provenance, created, ignore',
    ],
    ['base: A B', '1:7 "A B" is not an image reference: registry.example.com/team/app:1.0, or oci:folder:tag'],
    ['base:', '1:1 base has no value. Write "" for an empty one, or leave it out'],
    ['base: [a]', '1:7 base must be a text'],
    ['base: a\nplatforms: linux/amd64', '2:12 platforms must be a list, such as [linux/amd64, linux/arm64]'],
    ['base: a\nplatforms: [linux]', '2:13 "linux" is not a platform: os/architecture, such as linux/arm64'],
    ['base: a\nplatforms: ["linux/${git.tag}"]', '2:13 "linux/${git.tag}" is not what can stand here: no variables do'],
    ['base: a\nplatforms: []', '2:12 platforms names none. Leave it out for those of the base'],
    [
      'recipe: golang',
      '1:9 recipe must be go, rust, java, node, deno, bun, python, dotnet, static-site, binary or folder',
    ],
    [
      'recipe: nod',
      '1:9 recipe must be go, rust, java, node, deno, bun, python, dotnet, static-site, binary or folder. Did you mean node?',
    ],
    ['base: a\nproject: b', '2:1 project says which project of a recipe. Name the recipe too'],
    ['layers: {a: b}', '1:9 layers must be a list, such as - files: [{from: dist, to: /app}]'],
    ['layers: [{}]', '1:10 a layer needs files: - from: …, to: …'],
    ['layers:\n  - files:\n      - from: a', '3:9 a file needs to: /app/server'],
    ['layers: [{files: [{from: a, to: b}]}]', '1:33 "b" is not an absolute path in the image, such as /app'],
    [
      'layers: [{files: [{from: a, to: /a/../b}]}]',
      '1:33 "/a/../b" is not an absolute path in the image, such as /app',
    ],
    [
      'layers: [{files: [{from: /a, to: /b}]}]',
      '1:26 "/a" is not a path relative to the folder of the spec, such as dist/server',
    ],
    [
      'layers: [{files: [{from: "C:\\\\a", to: /b}]}]',
      '1:26 "C:\\\\a" is not a path relative to the folder of the spec, such as dist/server',
    ],
    [
      'layers: [{files: [{from: "a\\\\b", to: /b}]}]',
      '1:26 "a\\\\b" is not a path relative to the folder of the spec, such as dist/server',
    ],
    [
      'layers: [{files: [{from: a, to: /b, mode: 0755}]}]',
      '1:43 mode must be in quotes, "0755": as a number it would not be octal',
    ],
    [
      'layers: [{files: [{from: a, to: /b, mode: 755}]}]',
      '1:43 mode must be in quotes, "0755": as a number it would not be octal',
    ],
    [
      'layers: [{files: [{from: a, to: /b, mode: 0o755}]}]',
      '1:43 mode must be in quotes, "0755": as a number it would not be octal',
    ],
    [
      'layers: [{files: [{from: a, to: /b, mode: 493}]}]',
      '1:43 mode must be in quotes, "0755": as a number it would not be octal',
    ],
    [
      'layers: [{files: [{from: a, to: /b, mode: rwx}]}]',
      '1:43 "rwx" is not permissions in octal digits, such as "0755"',
    ],
    [
      'layers: [{files: [{from: a, to: /b, owner: root}]}]',
      '1:44 "root" is not an owner: uid or uid:gid in numbers, such as 65532:65532',
    ],
    [
      'layers: [{files: [{from: a, to: /b, include: ["[a"]}]}]',
      '1:47 "[a" is not a pattern of a .dockerignore file, such as **/*.js',
    ],
    ['layers: [{files: [{from: a, to: /b, chown: 1:1}]}]', '1:37 "chown" is not known here. Did you mean owner?'],
    ['base: a\nentrypoint: /app/server', '2:13 entrypoint must be a list, such as [/app/server, --verbose]'],
    ['base: a\nenv: [A]', '2:7 "A" is not NAME=value'],
    ['base: a\nenv: {A: }', '2:7 env.A has no value. Write "" for an empty one, or leave it out'],
    ['base: a\nenv: {A=B: c}', '2:7 "A=B" cannot be the name of an environment variable'],
    ['base: a\nlabels: {__proto__: c}', '2:10 no name may be __proto__'],
    ['base: a\nworkdir: app', '2:10 "app" is not an absolute path in the image, such as /app'],
    [
      'base: a\nports: [99999]',
      '2:9 "99999" is not a port: a number from 1 to 65535, with /udp or /sctp where it is not /tcp',
    ],
    ['base: a\nstopSignal: SIGNONE', '2:13 "SIGNONE" is not a signal: SIGTERM, or a number'],
    ['base: a\nhealthcheck: {}', '2:1 healthcheck needs test: the command, such as [/app/server, --check]'],
    [
      'base: a\nhealthcheck: {test: a, interval: 30}',
      '2:34 "30" is not a duration of a millisecond or more, such as 30s, 1m30s or 500ms',
    ],
    [
      'base: a\nhealthcheck: {test: a, interval: 500us}',
      '2:34 "500us" is not a duration of a millisecond or more, such as 30s, 1m30s or 500ms',
    ],
    [
      'base: a\nhealthcheck: {test: a, retries: x}',
      '2:33 healthcheck.retries must be a whole number from 0 to 1000000',
    ],
    [
      'base: a\ntags: ["a b"]',
      '2:8 "a b" is not a tag: a letter, digit or _, and up to 127 more of letters, digits, _ . and -',
    ],
    [
      'base: a\ntags: ["${HOME}"]',
      '2:8 "${HOME}" is no variable. ${env.HOME} is that of this machine; write $${ for the text ${ itself',
    ],
    [
      'base: a\ntarget: "a:${platform.arch}"',
      '2:9 variables of the platform stand only in from and to of files: the rest is the same on all platforms',
    ],
    ['base: a\ncompression: gzp', '2:14 compression must be gzip, zstd or none. Did you mean gzip?'],
    ['base: a\nsbom: yes', '2:7 sbom must be true or false'],
    ['base: a\ncreated: today', '2:10 "today" is not a time: seconds since 1970, or 2026-01-31T12:00:00Z'],
    ['base: a\ncreated: 99999999999', '2:10 "99999999999" is not a time: seconds since 1970, or 2026-01-31T12:00:00Z'],
    ['base: a\nignore: {git: true}', '2:10 "git" is not known here. Here stand gitignore, dockerignore, secrets'],
  ];
  for (const [text, expected] of wrong) {
    it(`says what is wrong with ${JSON.stringify(text)}`, () => {
      assert.equal(problemsOf(text)[0]?.replace('gantry.yaml:', ''), expected);
    });
  }

  it('says all that is wrong at once, in the order of the lines', () => {
    const found = problemsOf(
      'tgas: [a]\nbase: "A B"\nlayers:\n  - files:\n      - form: a\n        to: b\nsbom: maybe\n',
    );
    assert.deepEqual(
      found.map((line) => line.split(' ')[0]),
      [
        'gantry.yaml:1:1',
        'gantry.yaml:2:7',
        'gantry.yaml:5:9',
        'gantry.yaml:5:9',
        'gantry.yaml:6:13',
        'gantry.yaml:7:7',
      ],
    );
  });

  it('says where the first problem is, and how many there are', () => {
    assert.throws(
      () => read('base: "A B"\nsbom: 1'),
      /"gantry.yaml" says what cannot be done in line 1, column 7: .* \(and 1 more\)\./,
    );
  });

  it('answers any document with a spec or a SpecError', () => {
    const words = [
      'base',
      'layers',
      'files',
      'env',
      'healthcheck',
      'from',
      'to',
      'mode',
      'x',
      '${git.tag}',
      '${',
      '1',
      'true',
      'null',
      '/a',
      '~',
    ];
    let seed = 3;
    const next = (limit: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % limit;
    const value = (depth: number): string => {
      const kind = depth > 4 ? 0 : next(3);
      const word = JSON.stringify(words[next(words.length)]);
      if (kind === 0) return next(2) === 0 ? word : (words[10 + next(4)] ?? '');
      const items = Array.from({ length: next(4) }, () => value(depth + 1));
      if (kind === 1) return `[${items.join(', ')}]`;
      const names = new Set(items.map(() => words[next(words.length)] ?? ''));
      return `{${[...names].map((name) => `"${name}": ${value(depth + 1)}`).join(', ')}}`;
    };
    let refused = 0;
    for (let round = 0; round < 3000; round += 1) {
      const names = new Set(Array.from({ length: 3 }, () => words[next(8)] ?? ''));
      const text = [...names].map((name) => `${name}: ${value(0)}`).join('\n');
      if (problemsOf(text).length > 0) refused += 1;
    }
    assert.ok(refused > 1000 && refused < 3000);
  });
});
