import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readKoConfig } from '../../src/containerize/koConfig.ts';
import { parseYaml } from '../../src/containerize/spec/yamlDocument.ts';
import { SpecError } from '../../src/errors.ts';

function problemsOf(text: string): readonly string[] {
  const document = parseYaml(text, '.ko.yaml');
  try {
    readKoConfig(document.value, '.ko.yaml', (at) => document.at(at));
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.problems.map(({ line, column, text: problem }) => `${line}:${column} ${problem}`);
  }
  return [];
}

const read = (text: string): ReturnType<typeof readKoConfig> =>
  readKoConfig(parseYaml(text, '.ko.yaml').value, '.ko.yaml');
const texts = (list: readonly { readonly text: string }[]): readonly string[] => list.map(({ text }) => text);

describe('readKoConfig', () => {
  it('reads everything that ko documents', () => {
    const config = read(`
defaultBaseImage: registry.example.com/base/image
baseImageOverrides:
  github.com/My-User/my-repo/cmd/app: registry.example.com/base/for/app
defaultPlatforms:
- linux/arm64
- linux/x86_64
defaultEnv: [FOO=foo]
defaultFlags: -v -tags netgo
defaultLdflags:
- -s
builds:
- id: foo
  dir: .
  main: ./foobar/foo/main.go
  env:
  - GOPRIVATE=git.internal.example.com
  flags:
  - -tags
  - netgo
  ldflags:
  - -s -w
  - -X main.version={{.Env.VERSION}}
- dir: ./bar
- ldflags: -s -w
  linux_capabilities: net_bind_service
`);
    assert.equal(config.defaultBaseImage, 'registry.example.com/base/image');
    assert.deepEqual(
      [...config.baseImageOverrides],
      [['github.com/my-user/my-repo/cmd/app', 'registry.example.com/base/for/app']],
    );
    assert.deepEqual(config.defaultPlatforms, ['linux/arm64', 'linux/amd64']);
    assert.deepEqual(config.defaultEnv, ['FOO=foo']);
    assert.deepEqual(texts(config.defaultFlags), ['-v', '-tags', 'netgo']);
    assert.deepEqual(texts(config.defaultLdflags), ['-s']);
    const [foo, bar, own] = config.builds;
    assert.ok(foo !== undefined && own !== undefined);
    assert.deepEqual([foo.id, foo.folder, bar?.folder, own.folder], ['foo', 'foobar/foo', 'bar', '.']);
    assert.deepEqual(foo.env, ['GOPRIVATE=git.internal.example.com']);
    assert.deepEqual(texts(foo.flags), ['-tags', 'netgo']);
    assert.deepEqual(texts(foo.ldflags), ['-s -w', '-X main.version={{.Env.VERSION}}']);
    assert.deepEqual(texts(own.ldflags), ['-s -w']);
    assert.deepEqual([foo.hasCapabilities, own.hasCapabilities], [false, true]);
  });

  it('takes names in every case, and passes over what it does not know', () => {
    const config = read('DEFAULTBASEIMAGE: a\nbuilds: [{Main: cmd/x, goos: [linux]}]\nother: 1\n');
    assert.equal(config.defaultBaseImage, 'a');
    assert.equal(config.builds[0]?.folder, 'cmd/x');
  });

  it('takes an empty file for no settings', () => {
    const config = read('');
    assert.deepEqual([config.builds, config.defaultEnv, config.defaultBaseImage], [[], [], undefined]);
  });

  for (const [text, platforms, all] of [
    ['defaultPlatforms: all', undefined, true],
    ['defaultPlatforms: [linux]', undefined, true],
    ['defaultPlatforms: linux/arm/v7,linux/386', ['linux/arm/v7', 'linux/386'], false],
    ['defaultPlatforms: []', undefined, false],
  ] as const) {
    it(`understands ${text}`, () => {
      const config = read(text);
      assert.deepEqual(config.defaultPlatforms, platforms);
      assert.equal(config.wantsAllPlatforms, all);
    });
  }

  for (const [text, problems] of [
    ['- a\n', ['1:1 the file must hold members such as defaultBaseImage']],
    ['builds: 1\n', ['1:9 builds must be a list of at most 1000 builds']],
    ['builds:\n- x\n', ['2:3 a build must have members such as dir and main']],
    ['builds:\n- dir: ../up\n', ['2:3 dir and main must name a folder inside the folder of the file']],
    ['builds:\n- main: /etc\n', ['2:3 dir and main must name a folder inside the folder of the file']],
    ['builds:\n- dir: a\n  main: ../../b\n', ['2:3 dir and main must name a folder inside the folder of the file']],
    ['defaultFlags:\n- {a: b}\n', ['2:3 an entry of defaultflags must be a text of at most 10000 characters']],
    ['defaultEnv: [A B]\n', ['1:13 an environment variable is written NAME=value']],
    ['defaultEnv: ["GOFLAGS=-v -toolexec=/x"]\n', ['1:13 GOFLAGS may not set -toolexec']],
    ['defaultEnv: ["GOFLAGS=-v \'-toolexec=/x y\'"]\n', ['1:13 GOFLAGS may not set -toolexec']],
    ['defaultEnv: ["goflags=-toolexec=/x"]\n', ['1:13 GOFLAGS may not set -toolexec']],
    ['defaultEnv: [PATH=.]\n', ['1:13 PATH may not be set here: it says which programs are run']],
    ['defaultEnv: [LD_PRELOAD=./x.so]\n', ['1:13 LD_PRELOAD may not be set here: it says which programs are run']],
    ['defaultPlatforms: [linux/amd64, "a b/c"]\n', ['1:19 a platform is written os/architecture, such as linux/arm64']],
    ['baseImageOverrides: [a]\n', ['1:21 baseImageOverrides must map import paths to images']],
    [
      'defaultBaseImage: {}\nbuilds: 2\n',
      ['1:19 defaultbaseimage must be a text', '2:9 builds must be a list of at most 1000 builds'],
    ],
  ] as const) {
    it(`says what is wrong, and where: ${JSON.stringify(text)}`, () => assert.deepEqual(problemsOf(text), problems));
  }

  it('answers every value with settings or a SpecError, and changes no prototype', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            'builds',
            'defaultEnv',
            'defaultFlags',
            'baseImageOverrides',
            'defaultPlatforms',
            '__proto__',
          ),
          fc.anything({ withNullPrototype: true, maxDepth: 3 }),
        ),
        (value) => {
          try {
            readKoConfig(value, 'x');
          } catch (error) {
            assert.ok(error instanceof SpecError, String(error));
          }
          assert.deepEqual(Object.keys(Object.prototype), []);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
