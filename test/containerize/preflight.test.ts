import assert from 'node:assert/strict';
import type { PreflightResult } from '../../src/api.ts';
import { type BaseSpec, glibc, glibcBase, glibcLoader, glibcPath, muslLoader, muslPath, preflightOn } from './bases.ts';
import { type ElfSpec, elfOf } from './elfWriter.ts';
import { classOf, jarOf, machOOf, peOf } from './programs.ts';

type Outcome = Pick<PreflightResult, 'verdict' | 'reasons'>;

const dynamic: ElfSpec = { interpreter: glibcPath, needed: ['libc.so.6'], needs: { 'libc.so.6': ['GLIBC_2.34'] } };
const withLibrary: ElfSpec = { ...dynamic, needed: ['libfoo.so.1', 'libc.so.6'] };
const foo = elfOf({ soname: 'libfoo.so.1' });

/** The verdict and the codes that made it. */
function outcome({ verdict, reasons }: Outcome): readonly string[] {
  return [verdict, ...reasons.filter(({ effect }) => effect !== 'note').map(({ code }) => code)];
}

async function expect(base: BaseSpec, program: ElfSpec | Uint8Array | string, ...expected: string[]): Promise<void> {
  assert.deepEqual(outcome(await preflightOn(base, program)), expected);
}

/** /etc/ld.so.cache with one library (glibc's dl-cache.h). */
function cacheOf(name: string, file: string, hwcap = 0): Buffer {
  const bytes = Buffer.alloc(48 + 24);
  bytes.write('glibc-ld.so.cache1.1');
  bytes.writeUInt32LE(1, 20);
  bytes.writeUInt32LE(72, 52);
  bytes.writeUInt32LE(72 + name.length + 1, 56);
  bytes.writeUInt32LE(hwcap, 64);
  return Buffer.concat([bytes, Buffer.from(`${name}\0${file}\0`)]);
}

describe('preflight', () => {
  it('lets a static program run on anything', async () => {
    const result = await preflightOn({}, { type: 2 });
    assert.equal(result.verdict, 'runs');
    assert.deepEqual(
      result.reasons.map(({ code, effect }) => [code, effect]),
      [
        ['no-ca-certificates', 'note'],
        ['no-time-zones', 'note'],
      ],
    );
  });

  it('lets a program run whose interpreter, library and versions are there', async () => {
    await expect(glibcBase, dynamic, 'runs');
  });

  it('says which loader is missing, and what has it', async () => {
    const result = await preflightOn({}, dynamic);
    const [reason] = result.reasons;
    assert.equal(result.verdict, 'fails');
    assert.equal(
      reason?.text,
      '"/lib64/ld-linux-x86-64.so.2", glibc\'s loader, is not in the base: "/app/app" cannot be started.',
    );
    assert.match(reason.fix ?? '', /Choose a base with glibc, such as Debian/);
  });

  it('names a missing library and the package that has it', async () => {
    const result = await preflightOn(glibcBase, { ...dynamic, needed: ['libssl.so.3', 'libc.so.6'] });
    assert.deepEqual(outcome(result), ['fails', 'no-library']);
    assert.equal(result.reasons[0]?.text, '"libssl.so.3" is missing in the base: the program needs it.');
    assert.match(result.reasons[0].fix ?? '', /Debian's libssl3/);
  });

  it("finds what a library's library needs, and says who needs what is missing", async () => {
    const needy = elfOf({ soname: 'libfoo.so.1', needed: ['libbar.so.2'] });
    const base = { ...glibcBase, '/usr/lib/x86_64-linux-gnu/libfoo.so.1': needy };
    const result = await preflightOn(base, withLibrary);
    assert.deepEqual(outcome(result), ['fails', 'no-library']);
    assert.match(result.reasons[0]?.text ?? '', /"libbar.so.2" .*"\/usr\/lib\/x86_64-linux-gnu\/libfoo.so.1" needs it/);
    await expect({ ...base, '/lib/libbar.so.2': elfOf({ soname: 'libbar.so.2' }) }, withLibrary, 'runs');
  });

  it('follows links to libraries inside the image only', async () => {
    const link = { '/lib/libfoo.so.1': { link: '../../../opt/foo/libfoo.so' }, '/opt/foo/libfoo.so': foo };
    await expect({ ...glibcBase, ...link }, withLibrary, 'runs');
    await expect({ ...glibcBase, '/lib/libfoo.so.1': { link: 'libfoo.so.1' } }, withLibrary, 'fails', 'no-library');
  });

  it('looks where RUNPATH, RPATH and LD_LIBRARY_PATH say, $ORIGIN being where the program is', async () => {
    const base = { ...glibcBase, '/app/lib/libfoo.so.1': foo, '/opt/libfoo.so.1': foo };
    await expect(base, withLibrary, 'fails', 'no-library');
    await expect(base, { ...withLibrary, runpath: '$ORIGIN/lib' }, 'runs');
    await expect(base, { ...withLibrary, rpath: '/nowhere:${ORIGIN}/lib' }, 'runs');
    await expect(base, { ...withLibrary, rpath: '$ORIGINAL/lib' }, 'fails', 'no-library');
    const config = { config: { Env: ['LD_LIBRARY_PATH=/srv:/opt'] } };
    assert.deepEqual(outcome(await preflightOn(base, withLibrary, config)), ['runs']);
  });

  it('takes $ORIGIN from where links to the folder of the program lead', async () => {
    const base = { ...glibcBase, '/app': { link: 'srv/deep' }, '/srv/lib/libfoo.so.1': foo, '/srv/deep/x': '' };
    await expect(base, { ...withLibrary, runpath: '$ORIGIN/../lib' }, 'runs');
  });

  it('hands RPATH, but not RUNPATH, on to the libraries of a library', async () => {
    const needy = elfOf({ soname: 'libfoo.so.1', needed: ['libbar.so.2'] });
    const base = { ...glibcBase, '/x/libfoo.so.1': needy, '/x/libbar.so.2': elfOf({ soname: 'libbar.so.2' }) };
    await expect(base, { ...withLibrary, rpath: '/x' }, 'runs');
    await expect(base, { ...withLibrary, runpath: '/x' }, 'fails', 'no-library');
  });

  it("takes the folders of ld.so.conf from ldconfig's cache, as the loader does", async () => {
    const base = { ...glibcBase, '/opt/x/libfoo.so.1': foo, '/etc/ld.so.conf': '/opt/x\n' };
    await expect(base, withLibrary, 'fails', 'no-library');
    await expect({ ...base, '/etc/ld.so.cache': cacheOf('libfoo.so.1', '/opt/x/libfoo.so.1') }, withLibrary, 'runs');
    const gone = cacheOf('libfoo.so.1', '/opt/y/libfoo.so.1');
    await expect({ ...base, '/etc/ld.so.cache': gone }, withLibrary, 'fails', 'no-library');
    const others = cacheOf('libfoo.so.1', '/opt/x/libfoo.so.1', 2);
    await expect({ ...base, '/etc/ld.so.cache': others }, withLibrary, 'fails', 'no-library');
  });

  it('passes over a library for another machine, and stops at a file that is none', async () => {
    const other = elfOf({ soname: 'libfoo.so.1', machine: 183 });
    const small = elfOf({ soname: 'libfoo.so.1', bits: 32, machine: 3 });
    const first = '/lib/x86_64-linux-gnu/libfoo.so.1';
    await expect({ ...glibcBase, [first]: other }, withLibrary, 'fails', 'no-library');
    await expect({ ...glibcBase, [first]: small, '/usr/lib/libfoo.so.1': foo }, withLibrary, 'runs');
    await expect(
      { ...glibcBase, [first]: 'GROUP ( libfoo.a )', '/usr/lib/libfoo.so.1': foo },
      withLibrary,
      'fails',
      'damaged-library',
    );
  });

  it('names versions that the library of the base does not have, and a release that does', async () => {
    const result = await preflightOn(glibcBase, { ...dynamic, needs: { 'libc.so.6': ['GLIBC_2.34', 'GLIBC_2.38'] } });
    assert.deepEqual(outcome(result), ['fails', 'no-version']);
    assert.match(result.reasons[0]?.text ?? '', /does not have GLIBC_2\.38, .* Its newest is GLIBC_2\.36\./);
    assert.match(result.reasons[0]?.fix ?? '', /such as Ubuntu 24\.04/);
  });

  it('goes on without a version that only weak symbols want, and where a library has no versions', async () => {
    await expect(glibcBase, { ...dynamic, needs: { 'libc.so.6': ['weak:GLIBC_2.99'] } }, 'runs');
    const unversioned = { ...glibcBase, '/lib/libfoo.so.1': foo };
    await expect(unversioned, { ...withLibrary, needs: { 'libfoo.so.1': ['FOO_1'] } }, 'runs');
  });

  it('cannot tell where a function is missing that is bound when it is called; at once it fails', async () => {
    const wants = { ...dynamic, wants: ['puts', 'frobnicate'] };
    await expect(glibcBase, wants, 'unknown', 'no-symbol');
    await expect(glibcBase, { ...wants, flags1: 1 }, 'fails', 'no-symbol');
    assert.deepEqual(outcome(await preflightOn(glibcBase, wants, { config: { Env: ['LD_BIND_NOW=1'] } })), [
      'fails',
      'no-symbol',
    ]);
    await expect(glibcBase, { ...dynamic, wants: ['puts', '__tls_get_addr'] }, 'runs');
  });

  it("keeps to musl's rules: no versions, its own libraries built in, every function at once", async () => {
    const base = { [muslPath]: muslLoader };
    const program: ElfSpec = { interpreter: muslPath, needed: ['libc.musl-x86_64.so.1', 'libm.so.6'], wants: ['puts'] };
    await expect(base, program, 'runs');
    await expect(base, { ...program, needs: { 'libc.so': ['X_9'] } }, 'runs');
    await expect(base, { ...program, wants: ['puts', 'qsort_r'] }, 'fails', 'no-symbol');
    await expect(glibcBase, program, 'fails', 'no-interpreter');
    const more = { ...program, needed: ['libfoo.so.1'] };
    await expect({ ...base, '/usr/local/lib/libfoo.so.1': foo }, more, 'runs');
    await expect({ ...base, '/opt/libfoo.so.1': foo }, more, 'fails', 'no-library');
    const path = { '/etc/ld-musl-x86_64.path': '/opt\n/usr/lib', '/opt/libfoo.so.1': foo };
    await expect({ ...base, ...path }, more, 'runs');
  });

  it('cannot tell for a loader that stands in for glibc', async () => {
    const base = {
      [glibcPath]: { link: '../lib/libgcompat.so.0' },
      '/lib/libgcompat.so.0': elfOf({ soname: 'libgcompat.so.0' }),
    };
    await expect(base, dynamic, 'unknown', 'not-checked');
  });

  it('lets the user of the image run what its permissions allow', async () => {
    const user = (name: string): Readonly<Record<string, unknown>> => ({ config: { User: name } });
    const closed = { ...glibcBase, [glibcPath]: { content: glibcLoader, mode: 0o750 } };
    assert.deepEqual(outcome(await preflightOn(closed, dynamic, user('1000:1000'))), ['fails', 'not-permitted']);
    assert.deepEqual(outcome(await preflightOn(closed, dynamic, user(''))), ['runs']);
    // Without an account a user is in the group of root.
    assert.deepEqual(outcome(await preflightOn(closed, dynamic, user('1000'))), ['runs']);
    const noFolder = { '/lib64': { isFolder: true, mode: 0o700 }, ...glibcBase };
    assert.deepEqual(outcome(await preflightOn(noFolder, dynamic, user('1000'))), ['fails', 'not-permitted']);
    const unread = { ...glibcBase, '/lib/x86_64-linux-gnu/libc.so.6': { content: glibc, mode: 0o700 } };
    assert.deepEqual(outcome(await preflightOn(unread, dynamic, user('1000'))), ['fails', 'no-library']);
    const named = { ...glibcBase, '/etc/passwd': 'root:x:0:0::/:\nweb:x:33:33::/:/bin/sh\n' };
    assert.deepEqual(outcome(await preflightOn(named, dynamic, user('web'))), ['runs']);
    assert.deepEqual(outcome(await preflightOn(named, dynamic, user('wen'))), ['fails', 'no-user']);
  });

  it('refuses a program for another platform, and says how to build it', async () => {
    const result = await preflightOn(glibcBase, { type: 2, machine: 183 });
    assert.deepEqual(outcome(result), ['fails', 'wrong-platform']);
    assert.equal(result.reasons[0]?.text, 'The program is for linux/arm64, and the base for linux/amd64.');
    assert.match(result.reasons[0].fix ?? '', /CC=x86_64-linux-gnu-gcc/);
    await expect(glibcBase, { type: 2, osAbi: 9 }, 'fails', 'wrong-platform');
    const hostile = await preflightOn(glibcBase, { type: 2 }, { architecture: 'arm64;reboot\u001b' });
    assert.equal(
      hostile.reasons[0]?.text,
      'The program is for linux/amd64, and the base for linux/arm64;reboot\\u001b.',
    );
    assert.equal(hostile.reasons[0].fix?.includes('reboot'), false);
    await expect(glibcBase, { type: 2, machine: 3, bits: 32 }, 'runs');
    await expect(glibcBase, { type: 2, machine: 4711 }, 'fails', 'wrong-platform');
  });

  it('follows the first line of a script, links and PATH, and checks what runs it', async () => {
    const shell = { ...glibcBase, '/bin/dash': elfOf(dynamic), '/bin/sh': { link: 'dash' } };
    await expect(shell, '#!/bin/sh\necho\n', 'runs');
    await expect({}, '#!/bin/sh\necho\n', 'fails', 'no-command');
    await expect({ '/bin/sh': elfOf(dynamic) }, '#!/bin/sh\n', 'fails', 'no-interpreter');
    const env = { ...shell, '/usr/bin/env': elfOf(dynamic), '/usr/local/bin/python3': elfOf(dynamic) };
    await expect(env, '#!/usr/bin/env python3\n', 'runs');
    await expect(env, '#!/usr/bin/env node\n', 'fails', 'no-command');
    const large = { ...env, '/usr/local/bin/node': elfOf({ ...dynamic, codeBytes: 130 << 20 }) };
    await expect(large, '#!/usr/bin/env node\n', 'runs');
    await expect(env, '#!/usr/bin/env -S python3 -u\n', 'runs');
    await expect(env, '#!/usr/bin/env python3 -u\n', 'fails', 'bad-shebang');
    await expect(shell, '#!/bin/sh\r\necho\r\n', 'fails', 'bad-shebang');
    await expect(shell, 'echo\n', 'fails', 'bad-shebang');
    const loop = { '/bin/a': '#!/bin/b\n', '/bin/b': '#!/bin/a\n' };
    await expect(loop, '#!/bin/a\n', 'fails', 'bad-shebang');
    await expect(
      { ...shell, '/bin/sh': { content: elfOf(dynamic), mode: 0o644 } },
      '#!/bin/sh\n',
      'fails',
      'not-permitted',
    );
  });

  it('looks for a Java that runs by itself and is new enough for a JAR', async () => {
    const jar = (version: number): Buffer => {
      return jarOf({ 'META-INF/MANIFEST.MF': 'Main-Class: Main\n', 'Main.class': classOf(version) });
    };
    const home = '/usr/lib/jvm/java-17';
    const java = elfOf({ interpreter: glibcPath, needed: ['libjli.so'], runpath: '$ORIGIN/../lib' });
    const base = {
      ...glibcBase,
      [`${home}/bin/java`]: java,
      [`${home}/lib/libjli.so`]: elfOf({ soname: 'libjli.so' }),
      [`${home}/release`]: 'IMPLEMENTOR="x"\nJAVA_VERSION="17.0.15"\n',
      '/usr/bin/java': { link: '../lib/jvm/java-17/bin/java' },
    };
    await expect(base, jar(61), 'runs');
    await expect(base, jar(65), 'fails', 'old-java');
    await expect({ ...base, [`${home}/release`]: 'JAVA_VERSION="1.8.0_392"\n' }, jar(61), 'fails', 'old-java');
    await expect({ ...base, [`${home}/release`]: '' }, jar(61), 'unknown', 'not-checked');
    await expect({ ...base, [`${home}/lib/libjli.so`]: { isFolder: true } }, jar(61), 'fails', 'no-library');
    await expect(glibcBase, jar(61), 'fails', 'no-java');
    const hidden = await preflightOn({ ...base, '/usr/bin/java': { link: '/gone' } }, jar(61));
    assert.equal(hidden.verdict, 'runs');
    assert.match(hidden.reasons.find(({ code }) => code === 'no-java')?.text ?? '', /not on its PATH/);
  });

  it('looks for a .NET that an assembly rolls forward to', async () => {
    const assembly = (version: string): Buffer => peOf({ machine: 0x14c, framework: `.NET${version}` });
    const runtime = '/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.11/x.dll';
    const base = { ...glibcBase, '/usr/share/dotnet/dotnet': elfOf(dynamic), [runtime]: '' };
    await expect(base, assembly('CoreApp,Version=v8.0'), 'runs');
    await expect(base, assembly('CoreApp,Version=v8.1'), 'fails', 'no-dotnet');
    await expect(base, assembly('CoreApp,Version=v9.0'), 'fails', 'no-dotnet');
    await expect(glibcBase, assembly('CoreApp,Version=v8.0'), 'fails', 'no-dotnet');
    await expect(base, assembly('Framework,Version=v4.8'), 'fails', 'wrong-platform');
    await expect(base, peOf({ machine: 0x8664 }), 'fails', 'wrong-platform');
    await expect(base, machOOf([0x0100000c]), 'fails', 'wrong-platform');
  });

  it('refuses what Linux does not start', async () => {
    await expect(glibcBase, Buffer.from([0, 1, 2]), 'fails', 'not-a-program');
    await expect(glibcBase, { soname: 'libx.so' }, 'fails', 'not-a-program');
    await expect(glibcBase, { type: 1 }, 'fails', 'not-a-program');
    await expect(glibcBase, elfOf(dynamic).subarray(0, 100), 'fails', 'not-a-program');
    await expect(glibcBase, Buffer.from('0061736d01000000', 'hex'), 'fails', 'needs-wasm-runtime');
  });
});
