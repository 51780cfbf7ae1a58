import assert from 'node:assert/strict';
import { cargoLockPackages } from '../../../src/containerize/sbom/cargoLock.ts';
import { goPackages } from '../../../src/containerize/sbom/goPackages.ts';
import { depsJsonPackages, nugetLockPackages } from '../../../src/containerize/sbom/nugetLocks.ts';
import {
  distInfoPackages,
  pipfileLockPackages,
  poetryLockPackages,
  requirementsPackages,
  uvLockPackages,
} from '../../../src/containerize/sbom/pythonLocks.ts';
import type { SbomPackage } from '../../../src/containerize/sbom/sbomPackage.ts';
import { isOciError } from '../../../src/errors.ts';

const purls = (packages: readonly SbomPackage[]): readonly string[] => packages.map(({ purl }) => purl).sort();

describe('goPackages', () => {
  it('names modules, their checksums, replacements, and the library', () => {
    const found = goPackages({
      version: 'go1.22.3 X:nocoverageredesign',
      path: 'x',
      module: 'x',
      settings: {},
      dependencies: [
        { path: 'github.com/Foo/bar', version: 'v1.0.0', sum: 'h1:abc=' },
        { path: 'example.com/fork', version: 'v2.0.0', replaces: 'example.com/orig@v1.0.0' },
        { path: '../local', version: '', replaces: 'example.com/lib@v0.0.0' },
      ],
    });
    assert.deepEqual(found, [
      { name: 'stdlib', version: '1.22.3', purl: 'pkg:golang/stdlib@1.22.3' },
      {
        name: 'github.com/Foo/bar',
        version: 'v1.0.0',
        purl: 'pkg:golang/github.com/foo/bar@v1.0.0',
        comment: 'Its checksum in go.sum is h1:abc=.',
      },
      {
        name: 'example.com/fork',
        version: 'v2.0.0',
        purl: 'pkg:golang/example.com/fork@v2.0.0',
        comment: 'It was built in place of example.com/orig@v1.0.0.',
      },
      {
        name: 'example.com/lib',
        version: 'v0.0.0',
        purl: 'pkg:golang/example.com/lib@v0.0.0',
        comment: 'A folder of the machine that built it was used in its place.',
      },
    ]);
  });
});

describe('cargoLockPackages', () => {
  it('names the crates that come from elsewhere', () => {
    const text = `version = 3
[[package]]
name = "shop"
version = "0.1.0"
dependencies = ["rand"]
[[package]]
name = "rand"
version = "0.8.5"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "${'AB'.repeat(32)}"
[[package]]
name = "own"
version = "1.0.0"
source = "git+https://github.com/o/own?branch=main#0123456789abcdef0123456789abcdef01234567"
[[package]]
name = "priv"
version = "1.0.0"
source = "sparse+https://user:token@crates.example.com/index/"
`;
    assert.deepEqual(purls(cargoLockPackages(text)), [
      'pkg:cargo/own@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fown%400123456789abcdef0123456789abcdef01234567',
      'pkg:cargo/priv@1.0.0?repository_url=https:%2F%2Fcrates.example.com%2Findex%2F',
      'pkg:cargo/rand@0.8.5',
    ]);
    assert.deepEqual(cargoLockPackages(text)[0]?.checksums, [{ algorithm: 'SHA256', value: 'ab'.repeat(32) }]);
  });
});

describe('readers of Python', () => {
  it('poetry.lock: the main group, by old and new forms', () => {
    const text = `
[[package]]
name = "Flask_Login"
version = "1.0"
groups = ["main", "dev"]
[[package]]
name = "pytest"
version = "8.0"
groups = ["dev"]
[[package]]
name = "old"
version = "1.0"
category = "main"
[[package]]
name = "olddev"
version = "1.0"
category = "dev"
[[package]]
name = "local"
version = "1.0"
[package.source]
type = "directory"
url = "../local"
`;
    assert.deepEqual(purls(poetryLockPackages(text)), ['pkg:pypi/flask-login@1.0', 'pkg:pypi/old@1.0']);
  });

  it('uv.lock: what the project needs', () => {
    const text = `version = 1
[[package]]
name = "shop"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "flask" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[package.optional-dependencies]
fast = [{ name = "uvloop" }]
[[package]]
name = "flask"
version = "3.0.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "jinja2", marker = "x" }]
[[package]]
name = "jinja2"
version = "3.1.0"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "pytest"
version = "8.0.0"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "uvloop"
version = "0.19.0"
source = { registry = "https://pypi.org/simple" }
`;
    assert.deepEqual(purls(uvLockPackages(text)), [
      'pkg:pypi/flask@3.0.0',
      'pkg:pypi/jinja2@3.1.0',
      'pkg:pypi/uvloop@0.19.0',
    ]);
  });

  it('Pipfile.lock: the default packages', () => {
    const lock = {
      default: { Requests: { version: '==2.31.0' }, local: { path: '.' } },
      develop: { x: { version: '==1' } },
    };
    assert.deepEqual(purls(pipfileLockPackages(JSON.stringify(lock))), ['pkg:pypi/requests@2.31.0']);
  });

  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['requests==2.31.0', ['pkg:pypi/requests@2.31.0']],
    ['  Requests[socks,security] == 2.31.0 ; python_version > "3"', ['pkg:pypi/requests@2.31.0']],
    ['a===1.0+local.1 \\', ['pkg:pypi/a@1.0%2Blocal.1']],
    ['a==1.0 --hash=sha256:abc', ['pkg:pypi/a@1.0']],
    ['a==1.0 # why', ['pkg:pypi/a@1.0']],
    ['a==1.*', []],
    ['a==1.0,!=2', []],
    ['a>=1.0', []],
    ['-r other.txt', []],
    ['# a==1.0', []],
    [`a${' '.repeat(100_000)}`, []],
  ];
  for (const [line, expected] of lines) {
    it(`requirements.txt: ${line.slice(0, 60)}`, () => assert.deepEqual(purls(requirementsPackages(line)), expected));
  }

  it('METADATA: the head, not the description', () => {
    const text =
      'Metadata-Version: 2.4\r\nName: Flask\r\nVersion: 3.0.0\r\nLicense-Expression: BSD-3-Clause\r\n\r\nVersion: 9\r\n';
    assert.deepEqual(distInfoPackages(text), [
      { name: 'Flask', version: '3.0.0', purl: 'pkg:pypi/flask@3.0.0', licence: 'BSD-3-Clause' },
    ]);
    assert.deepEqual(distInfoPackages('Name: x\nVersion: 1\nLicense: UNKNOWN\n'), [
      { name: 'x', version: '1', purl: 'pkg:pypi/x@1' },
    ]);
  });
});

describe('readers of .NET', () => {
  it('deps.json: packages and the runtime, not projects', () => {
    const libraries = {
      'Shop/1.0.0': { type: 'project' },
      'Newtonsoft.Json/13.0.3': { type: 'package' },
      'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': { type: 'runtimepack' },
    };
    assert.deepEqual(purls(depsJsonPackages(`\uFEFF${JSON.stringify({ libraries })}`)), [
      'pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1',
      'pkg:nuget/Newtonsoft.Json@13.0.3',
    ]);
  });

  it('packages.lock.json: what is resolved', () => {
    const dependencies = {
      'net8.0': { 'Newtonsoft.Json': { type: 'Direct', resolved: '13.0.3' }, shared: { type: 'Project' } },
    };
    assert.deepEqual(purls(nugetLockPackages(JSON.stringify({ version: 1, dependencies }))), [
      'pkg:nuget/Newtonsoft.Json@13.0.3',
    ]);
  });
});

describe('readers of other lock files', () => {
  const readers = [
    cargoLockPackages,
    poetryLockPackages,
    uvLockPackages,
    pipfileLockPackages,
    requirementsPackages,
    distInfoPackages,
    depsJsonPackages,
    nugetLockPackages,
  ];
  const damaged = [
    '',
    '\0\u{1f600}',
    '[[package]]\nname = 1\nversion = []\n',
    '[[package]]\nname = { a = 1 }\nsource = 5\n',
    'package = 5',
    '{"default":{"a":null,"__proto__":{"version":"==1"}},"libraries":{"/":{"type":"package"}},"dependencies":[[]]}',
    'Name:\nVersion:\n',
    `Name: ${'x'.repeat(100_000)}\nVersion: 1`,
    '['.repeat(50_000),
    'a'.repeat(200_000),
  ];
  for (const read of readers) {
    it(`${read.name} fails plainly, or finds nothing, on anything else`, () => {
      const started = performance.now();
      for (const text of damaged) {
        try {
          for (const { name } of read(text)) assert.equal(typeof name, 'string');
        } catch (error) {
          assert.ok(isOciError(error, 'invalid-spec'), `${read.name}: ${String(error)}`);
        }
      }
      assert.ok(performance.now() - started < 5000);
    });
  }
});
