import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readApkInstalled, readDpkgControl, readDpkgStatus } from '../../../src/operations/packages/textDatabases.ts';
import type { DatabaseContent } from '../../../src/operations/packages/packageRecord.ts';
import { testIo } from '../../support/io.ts';

const status = 'install ok installed';

async function content(reading: Promise<DatabaseContent | string>): Promise<DatabaseContent> {
  const found = await reading;
  return typeof found === 'string' ? assert.fail(found) : found;
}

function stanza(fields: Readonly<Record<string, string>>): string {
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}\n`;
}

function dpkg(name: string, more: Readonly<Record<string, string>> = {}): string {
  return stanza({ Package: name, Status: status, Architecture: 'amd64', Version: '1', ...more });
}

async function names(text: string): Promise<readonly string[]> {
  const { packages } = await content(readDpkgStatus(Buffer.from(text), testIo()));
  return packages.map(({ name, version }) => `${name} ${version}`);
}

describe('readDpkgStatus', () => {
  it('reads name, version with its epoch, and architecture', async () => {
    const text = `Package: libc6
Status: install ok installed
Priority: optional
Description: GNU C Library
 Version: 9
 .
 more
Conffiles:
 /etc/x 0123
Architecture: amd64
Version: 1:2.36-9+deb12u9

Package: tzdata
Status: install ok installed
Architecture: all
Version: 2024a-0
`;
    assert.deepEqual(await readDpkgStatus(Buffer.from(text), testIo()), {
      packages: [
        { name: 'libc6', version: '1:2.36-9+deb12u9', architecture: 'amd64' },
        { name: 'tzdata', version: '2024a-0', architecture: 'all' },
      ],
      skipped: 0,
    });
  });

  const states: readonly (readonly [string, boolean])[] = [
    ['install ok installed', true],
    ['hold ok installed', true],
    ['deinstall ok installed', true],
    ['install ok triggers-pending', true],
    ['deinstall ok config-files', false],
    ['install ok half-installed', false],
    ['install ok unpacked', false],
    ['purge ok not-installed', false],
  ];
  for (const [state, counts] of states) {
    it(`${counts ? 'counts' : 'does not count'} a package that is ${state}`, async () => {
      const { packages, skipped } = await content(readDpkgStatus(Buffer.from(dpkg('a', { Status: state })), testIo()));
      assert.equal(packages.length, counts ? 1 : 0);
      assert.equal(skipped, 0);
    });
  }

  it('passes over what is damaged and counts it', async () => {
    const bad = [
      stanza({ Package: 'no version', Status: status }),
      stanza({ Version: '1', Status: status }),
      stanza({ Package: 'no status', Version: '1' }),
      stanza({ Package: 'x', Version: '1', Status: 'installed' }),
      stanza({ Package: 'n'.repeat(5000), Version: '1', Status: status }),
      'no field at all\n\n',
    ];
    const text = `${dpkg('first')}${bad.join('')}${dpkg('last')}`;
    const { packages, skipped } = await content(readDpkgStatus(Buffer.from(text), testIo()));
    assert.deepEqual(
      packages.map(({ name }) => name),
      ['first', 'last'],
    );
    assert.equal(skipped, 6);
  });

  it('reads lines that end as on Windows, several empty lines, and no line end at the end', async () => {
    const text = `\n\n${dpkg('a')}\n\n${dpkg('b')}`.replaceAll('\n', '\r\n');
    assert.deepEqual(await names(`${text}${dpkg('c').trimEnd()}`), ['a 1', 'b 1', 'c 1']);
    assert.deepEqual(await names(''), []);
  });

  it('takes the first of fields that are there twice', async () => {
    assert.deepEqual(await names(dpkg('a').replace('Version: 1\n', 'Version: 1\nVersion: 2\nPackage: b\n')), ['a 1']);
  });

  it('lets others run while it reads 64 MiB of short lines', async () => {
    const bytes = Buffer.alloc(64 << 20, 'a\n');
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const { packages, skipped } = await content(readDpkgStatus(bytes, testIo(60_000)));
    clearInterval(timer);
    assert.deepEqual([packages.length, skipped], [0, 1]);
    assert.ok(longest < 500, `others waited ${longest} ms`);
  }).timeout(60_000);

  it("reads this machine's own database, where it has one", function () {
    const file = '/var/lib/dpkg/status';
    if (!existsSync(file)) this.skip();
    return content(readDpkgStatus(readFileSync(file), testIo())).then(({ packages, skipped }) => {
      assert.equal(skipped, 0);
      assert.ok(packages.every(({ name, version, architecture }) => name && version && architecture));
    });
  });
});

describe('readDpkgControl', () => {
  it("reads distroless' files, which have no status", async () => {
    const text = 'Package: base-files\nVersion: 12.4\nArchitecture: amd64\nDescription: x\n y\n';
    assert.deepEqual((await content(readDpkgControl(Buffer.from(text), testIo()))).packages, [
      { name: 'base-files', version: '12.4', architecture: 'amd64' },
    ]);
    const removed = `${text}Status: deinstall ok config-files\n`;
    assert.deepEqual((await content(readDpkgControl(Buffer.from(removed), testIo()))).packages, []);
  });
});

describe('readApkInstalled', () => {
  it('reads packages between lists of files', async () => {
    const text = `C:Q1abc=
P:musl
V:1.2.5-r0
A:x86_64
T:the musl c library
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755

P:broken

C:Q1=
P:tzdata
V:2024a-r1
F:usr
`;
    assert.deepEqual(await readApkInstalled(Buffer.from(text), testIo()), {
      packages: [
        { name: 'musl', version: '1.2.5-r0', architecture: 'x86_64' },
        { name: 'tzdata', version: '2024a-r1' },
      ],
      skipped: 1,
    });
  });

  it('reads no more than 100,000 packages', async () => {
    const of = (count: number): Buffer => Buffer.from('P:a\nV:1\n\n'.repeat(count));
    assert.equal((await content(readApkInstalled(of(100_000), testIo()))).packages.length, 100_000);
    assert.equal(await readApkInstalled(of(100_001), testIo()), 'it has more than 100000 packages');
  });
});
