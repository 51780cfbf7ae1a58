import assert from 'node:assert/strict';
import { bunLockPackages } from '../../../src/containerize/sbom/bunLock.ts';
import { npmLockPackages, npmTreePackages } from '../../../src/containerize/sbom/npmLock.ts';
import { pnpmLockPackages } from '../../../src/containerize/sbom/pnpmLock.ts';
import type { SbomPackage } from '../../../src/containerize/sbom/sbomPackage.ts';
import { yarnLockPackages } from '../../../src/containerize/sbom/yarnLock.ts';
import { isOciError } from '../../../src/errors.ts';

const purls = (packages: readonly SbomPackage[]): readonly string[] => packages.map(({ purl }) => purl).sort();

const packages = {
  '': { name: 'shop', version: '1.0.0' },
  'node_modules/left-pad': {
    version: '1.3.0',
    resolved: 'https://anna:token@registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz?x=1',
    integrity: 'sha1-W4o6d2Xf4AEmHd6RVYnngvjJTR4=',
    license: 'WTFPL',
  },
  'node_modules/@scope/UI': { version: '2.0.0-rc.1' },
  'node_modules/a/node_modules/left-pad': { version: '1.1.0' },
  'node_modules/test-only': { version: '1.0.0', dev: true },
  'node_modules/mac-only': { version: '1.0.0', optional: true, os: ['darwin'] },
  'node_modules/not-windows': { version: '1.0.0', os: ['!win32'] },
  'node_modules/workspace': { resolved: 'packages/workspace', link: true },
  'packages/workspace': { version: '1.0.0' },
  'node_modules/alias': { name: 'real', version: '3.0.0' },
};

describe('npmLockPackages', () => {
  for (const lockfileVersion of [2, 3]) {
    it(`reads what is installed for production of version ${lockfileVersion}`, () => {
      const found = npmLockPackages(JSON.stringify({ lockfileVersion, packages }));
      assert.deepEqual(purls(found), [
        'pkg:npm/%40scope/ui@2.0.0-rc.1',
        'pkg:npm/left-pad@1.1.0',
        'pkg:npm/left-pad@1.3.0',
        'pkg:npm/not-windows@1.0.0',
        'pkg:npm/real@3.0.0',
      ]);
      assert.deepEqual(found[0], {
        name: 'left-pad',
        version: '1.3.0',
        purl: 'pkg:npm/left-pad@1.3.0',
        licence: 'WTFPL',
        checksums: [{ algorithm: 'SHA1', value: '5b8a3a7765dfe001261dde915589e782f8c94d1e' }],
        downloadLocation: 'https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz',
      });
    });
  }

  it('reads version 1 at any depth, with aliases, without what is on disk', () => {
    const dependencies = {
      a: { version: '1.0.0', dependencies: { b: { version: '2.0.0', dependencies: { c: { version: '3.0.0' } } } } },
      dev: { version: '1.0.0', dev: true },
      alias: { version: 'npm:@s/real@4.0.0' },
      local: { version: 'file:../local' },
      git: { version: 'git+ssh://git@github.com/o/r.git#0123456789' },
    };
    assert.deepEqual(purls(npmLockPackages(JSON.stringify({ lockfileVersion: 1, dependencies }))), [
      'pkg:npm/%40s/real@4.0.0',
      'pkg:npm/a@1.0.0',
      'pkg:npm/b@2.0.0',
      'pkg:npm/c@3.0.0',
      'pkg:npm/git?download_url=git%2Bssh:%2F%2Fgithub.com%2Fo%2Fr.git',
    ]);
  });

  it('takes what is installed in node_modules, development or not', () => {
    const found = npmTreePackages(JSON.stringify({ lockfileVersion: 3, packages }));
    assert.ok(purls(found).includes('pkg:npm/test-only@1.0.0'));
  });
});

describe('pnpmLockPackages', () => {
  it('reads version 9: what the projects need, not what they are developed with', () => {
    const text = `
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      react-dom: { specifier: ^18, version: 18.2.0(react@18.2.0) }
      nick: { specifier: 'npm:real@1', version: 'real@1.0.0' }
      shop: { specifier: 'workspace:*', version: 'link:packages/shop' }
    devDependencies:
      vitest: { specifier: ^1, version: 1.0.0 }
packages:
  react-dom@18.2.0: { resolution: { integrity: sha512-AAAA } }
  react@18.2.0: { resolution: { integrity: sha1-W4o6d2Xf4AEmHd6RVYnngvjJTR4= } }
  real@1.0.0: { resolution: { integrity: x } }
  '@s/opt@1.0.0': { resolution: { integrity: x }, os: [darwin] }
  vitest@1.0.0: { resolution: { integrity: x } }
snapshots:
  react-dom@18.2.0(react@18.2.0):
    dependencies: { react: 18.2.0 }
    optionalDependencies: { '@s/opt': 1.0.0 }
  react@18.2.0: { dependencies: { react-dom: 18.2.0(react@18.2.0) } }
  real@1.0.0: {}
  '@s/opt@1.0.0': {}
  vitest@1.0.0: {}
`;
    const found = pnpmLockPackages(text);
    assert.deepEqual(purls(found), ['pkg:npm/react-dom@18.2.0', 'pkg:npm/react@18.2.0', 'pkg:npm/real@1.0.0']);
    assert.equal(found[1]?.checksums?.[0]?.algorithm, 'SHA1');
  });

  it('reads version 9: packages of git repositories, whose addresses hold an @', () => {
    const version = 'git+ssh://git@example.com/a/lib.git#0123456';
    const text = `importers:\n  .:\n    dependencies:\n      lib:\n        version: ${version}\npackages:\n  lib@${version}:\n    version: 1.0.0\nsnapshots:\n  lib@${version}: {}\n`;
    assert.deepEqual(purls(pnpmLockPackages(text)), ['pkg:npm/lib@1.0.0']);
  });

  it('reads versions 5 and 6', () => {
    const text = `
lockfileVersion: 5.4
packages:
  /@babel/core/7.1.0: { resolution: { integrity: x }, dev: false }
  /foo/1.0.0_react@17.0.2: { resolution: { integrity: x }, dev: false }
  /bar@2.0.0(react@17.0.2): { resolution: { integrity: x }, dev: false }
  /@s/bar@2.0.0: { resolution: { integrity: x }, dev: false }
  /jest/1.0.0: { resolution: { integrity: x }, dev: true }
`;
    assert.deepEqual(purls(pnpmLockPackages(text)), [
      'pkg:npm/%40babel/core@7.1.0',
      'pkg:npm/%40s/bar@2.0.0',
      'pkg:npm/bar@2.0.0',
      'pkg:npm/foo@1.0.0',
    ]);
  });
});

describe('yarnLockPackages', () => {
  it('reads version 1', () => {
    const text = `# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.
# yarn lockfile v1


"@babel/core@^7.0.0", "@babel/core@^7.1.0":
  version "7.1.2"
  resolved "https://registry.yarnpkg.com/@babel/core/-/core-7.1.2.tgz#5b8a3a7765dfe001261dde915589e782f8c94d1e"
  dependencies:
    version "^9.9.9"

nick@npm:real@^1.0.0:
  version "1.0.1"
  resolved "https://registry.yarnpkg.com/real/-/real-1.0.1.tgz"
  integrity sha1-W4o6d2Xf4AEmHd6RVYnngvjJTR4=
`;
    const found = yarnLockPackages(text);
    assert.deepEqual(purls(found), ['pkg:npm/%40babel/core@7.1.2', 'pkg:npm/real@1.0.1']);
    const checksum = [{ algorithm: 'SHA1', value: '5b8a3a7765dfe001261dde915589e782f8c94d1e' }];
    assert.deepEqual(
      found.map(({ checksums }) => checksums),
      [checksum, checksum],
    );
  });

  it('reads the form of its successors, without workspaces', () => {
    const text = `__metadata:
  version: 8
"@s/a@npm:^1.0.0, @s/a@npm:^1.1.0":
  version: 1.1.0
  resolution: "@s/a@npm:1.1.0"
  checksum: 10/abc
  linkType: hard
"@s/a-darwin@npm:1.1.0":
  version: 1.1.0
  resolution: "@s/a-darwin@npm:1.1.0"
  conditions: os=darwin & cpu=x64
  linkType: hard
"@s/a-unix@npm:1.1.0":
  version: 1.1.0
  resolution: "@s/a-unix@npm:1.1.0"
  conditions: (os=darwin | os=linux) & libc=glibc
  linkType: hard
"b@patch:b@npm%3A2.0.0#./b.patch":
  version: 2.0.0
  resolution: "b@patch:b@npm%3A2.0.0#./b.patch::version=2.0.0&hash=1"
  linkType: hard
"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  linkType: soft
`;
    assert.deepEqual(purls(yarnLockPackages(text)), [
      'pkg:npm/%40s/a-unix@1.1.0',
      'pkg:npm/%40s/a@1.1.0',
      'pkg:npm/b@2.0.0',
    ]);
  });
});

describe('bunLockPackages', () => {
  it('reads the text form with its commas', () => {
    const text = `{
  "lockfileVersion": 1,
  "packages": {
    "@s/a": ["@s/a@1.0.0", "", { "dependencies": { "b": "1", }, }, "sha1-W4o6d2Xf4AEmHd6RVYnngvjJTR4="],
    "b/c": ["c@2.0.0,", "", {}, "x"],
    "b": ["b@2.0.0", "", { "os": "darwin" }, "x"],
    "shop": ["shop@workspace:packages/shop"],
  },
}`;
    const found = bunLockPackages(text);
    assert.deepEqual(purls(found), ['pkg:npm/%40s/a@1.0.0', 'pkg:npm/c@2.0.0%2C']);
    assert.equal(found[0]?.checksums?.length, 1);
  });

  it('leaves out what the projects are developed with', () => {
    const text = `{
  "lockfileVersion": 2,
  "configVersion": 1,
  "workspaces": {
    "": {
      "name": "shop",
      "dependencies": { "chalk": "^6.0.1", "@s/web": "^1.0.0" },
      "devDependencies": { "@types/bun": "latest" },
      "peerDependencies": { "typescript": "^7" },
    },
    "packages/lib": { "name": "@m/lib", "dependencies": { "ms": "^2.0.0" } },
  },
  "packages": {
    "@m/lib": ["@m/lib@workspace:packages/lib"],
    "@m/lib/ms": ["ms@2.1.3", "", {}, "x"],
    "@s/web": ["@s/web@1.0.0", "", { "dependencies": { "ms": "1" }, "peerDependencies": { "react": "^19", "less": "*" }, "optionalPeers": ["less"] }, "x"],
    "@types/bun": ["@types/bun@1.4.4", "", { "dependencies": { "bun-types": "1.4.4" } }, "x"],
    "bun-types": ["bun-types@1.4.4", "", {}, "x"],
    "chalk": ["chalk@6.0.1", "", {}, "x"],
    "less": ["less@4.0.0", "", {}, "x"],
    "ms": ["ms@1.0.0", "", {}, "x"],
    "react": ["react@19.0.0", "", {}, "x"],
    "typescript": ["typescript@7.0.2", "", { "bin": { "tsc": "./bin/tsc" } }, "x"],
  }
}`;
    assert.deepEqual(purls(bunLockPackages(text)), [
      'pkg:npm/%40s/web@1.0.0',
      'pkg:npm/chalk@6.0.1',
      'pkg:npm/ms@1.0.0',
      'pkg:npm/ms@2.1.3',
      'pkg:npm/react@19.0.0',
    ]);
  });
});

describe('readers of lock files', () => {
  const readers = [npmLockPackages, npmTreePackages, pnpmLockPackages, yarnLockPackages, bunLockPackages];
  const damaged = [
    '',
    '{',
    '[]',
    'null',
    '{"packages":{"__proto__":{"version":"1"},"node_modules/__proto__":{"version":"1.0.0"}}}',
    '{"packages":{"node_modules/a":{"version":{"x":1}},"node_modules/b":null,"x":["@"],"y":[1]},"dependencies":[1]}',
    '{"packages":"x","snapshots":[],"importers":5,"dependencies":{"a":{"version":"1.0.0\\u0000"}}}',
    '__metadata:\n  version: 8\n"a@npm:1":\n  resolution: {a: 1}\n',
    '"\\"'.repeat(20_000),
    '/'.repeat(100_000),
    ',\n'.repeat(50_000),
    '@'.repeat(50_000) + ':',
    JSON.stringify({
      workspaces: { '': { dependencies: { ['/'.repeat(20_000)]: '1' } } },
      packages: { ['/'.repeat(20_000)]: [{ dependencies: { a: '1', b: '1' } }] },
    }),
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
      assert.equal(({} as Record<string, unknown>)['version'], undefined);
    });
  }
});
