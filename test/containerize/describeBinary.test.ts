import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BinaryDescription } from '../../src/api.ts';
import { bytesSource } from '../../src/containerize/byteSource.ts';
import { describeBinary } from '../../src/containerize/describeBinary.ts';
import { LocalFile } from '../../src/containerize/localFile.ts';
import { testIo } from '../support/io.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { elfOf, type ElfSpec, gnuNote as note } from './elfWriter.ts';
import { classOf, jarOf, machOOf, peOf, wasmOf } from './programs.ts';

const run = promisify(execFile);

async function describeBytes(bytes: Uint8Array, file = '/home/me/app'): Promise<BinaryDescription> {
  return describeBinary(bytesSource(bytes), file, testIo());
}

async function describeFile(file: string): Promise<BinaryDescription> {
  const source = await LocalFile.open(file, testIo());
  try {
    return await describeBinary(source, file, testIo());
  } finally {
    await source.close();
  }
}

function titleOf({ notes = [], ...spec }: ElfSpec): string {
  return JSON.stringify({
    ...spec,
    ...(notes.length === 0 ? {} : { notes: notes.map(({ owner, type }) => `${owner} ${type}`) }),
  });
}

/** A Mach-O program with what Go before 1.18 wrote of its build: two pointers. */
function machOWithGo(): Buffer {
  const bytes = Buffer.alloc(256);
  for (const [at, value] of [0xfeedfacf, 0x01000007, 0, 2, 1, 152].entries()) bytes.writeUInt32LE(value, 4 * at);
  bytes.writeUInt32LE(0x19, 32);
  bytes.writeUInt32LE(152, 36);
  bytes.writeUInt32LE(1, 32 + 64);
  bytes.write('__go_buildinfo', 32 + 72);
  bytes.writeUInt32LE(32, 32 + 72 + 40);
  bytes.writeUInt32LE(208, 32 + 72 + 48);
  bytes.write('\xff Go buildinf:\x08\x00\x01', 208, 'latin1');
  return bytes;
}

describe('describeBinary', () => {
  const machines: readonly (readonly [string, ElfSpec])[] = [
    ['linux/amd64', { machine: 62 }],
    ['linux/386', { machine: 3, bits: 32 }],
    ['linux/arm64', { machine: 183 }],
    ['linux/arm', { machine: 40, bits: 32 }],
    ['linux/ppc64le', { machine: 21 }],
    ['linux/ppc64', { machine: 21, endian: 'big' }],
    ['linux/s390x', { machine: 22, endian: 'big' }],
    ['linux/riscv64', { machine: 243 }],
    ['linux/loong64', { machine: 258 }],
    ['linux/mips', { machine: 8, bits: 32, endian: 'big' }],
    ['linux/mips64le', { machine: 8 }],
    ['linux/mips64p32le', { machine: 8, bits: 32, flags: 0x20 }],
    ['freebsd/amd64', { osAbi: 9 }],
    ['linux/amd64/v3', { notes: [note(5, 0xc0008002, 4, 7, 0)] }],
    ['linux/amd64', { notes: [note(1, 0, 3, 2, 0)] }],
    ['freebsd/amd64', { notes: [{ owner: 'FreeBSD', type: 1, content: Buffer.alloc(4) }] }],
  ];
  for (const [platform, spec] of machines) {
    it(`derives ${platform} from ${titleOf(spec)}`, async () => {
      const described = await describeBytes(elfOf({ type: 2, ...spec }));
      assert.deepEqual(described.platforms, [platform]);
      assert.equal(described.format, 'elf');
      assert.equal(described.kind, 'program');
    });
  }

  it('tells what a dynamic program asks for', async () => {
    const { elf, summary } = await describeBytes(
      elfOf({
        interpreter: '/lib64/ld-linux-x86-64.so.2',
        needed: ['libstdc++.so.6', 'libc.so.6'],
        runpath: '$ORIGIN/../lib',
        needs: { 'libc.so.6': ['GLIBC_2.9', 'GLIBC_2.34'], 'libstdc++.so.6': ['GLIBCXX_3.4.30', 'CXXABI_1.3'] },
      }),
    );
    assert.equal(elf?.interpreter, '/lib64/ld-linux-x86-64.so.2');
    assert.equal(elf.libc, 'glibc');
    assert.equal(elf.linkage, 'dynamic');
    assert.equal(elf.runpath, '$ORIGIN/../lib');
    assert.deepEqual(elf.needed, ['libstdc++.so.6', 'libc.so.6']);
    assert.deepEqual(elf.newestVersions, { GLIBC: '2.34', GLIBCXX: '3.4.30', CXXABI: '1.3' });
    assert.equal(summary, 'An ELF program, for linux/amd64, dynamic: it needs glibc 2.34 or newer.');
  });

  it('tells which musl has the functions that a program uses', async () => {
    const interpreter = '/lib/ld-musl-aarch64.so.1';
    const { elf } = await describeBytes(
      elfOf({ machine: 183, interpreter, needed: ['libc.so'], wants: ['gettid', 'qsort_r', 'puts'] }),
    );
    assert.equal(elf?.libc, 'musl');
    assert.equal(elf.oldestMusl, '1.2.3');
    const wide = elfOf({ machine: 22, endian: 'big', interpreter, needed: ['libc.so'], wants: ['gettid'] });
    assert.equal((await describeBytes(wide)).elf?.oldestMusl, null);
  });

  it('tells programs, libraries and objects apart', async () => {
    const kinds = [{ type: 1 }, { soname: 'libx.so.1' }, { flags1: 0x08000000 }, { interpreter: '/ld.so' }];
    const described = await Promise.all(kinds.map(async (spec) => (await describeBytes(elfOf(spec))).kind));
    assert.deepEqual(described, ['object', 'library', 'program', 'program']);
  });

  it('gives the command that builds a program for Windows or macOS anew', async () => {
    const windows = await describeBytes(peOf({ machine: 0x8664, libraries: ['KERNEL32.dll'] }), '/home/me/app.exe');
    assert.deepEqual(windows.platforms, ['windows/amd64']);
    assert.deepEqual(windows.libraries, ['KERNEL32.dll']);
    assert.match(windows.advice ?? '', /do not run programs for Windows\. .*CC=x86_64-linux-gnu-gcc/);
    const mac = await describeBytes(machOOf([0x0100000c]));
    assert.deepEqual(mac.platforms, ['darwin/arm64']);
    assert.match(mac.advice ?? '', /do not run programs for macOS\. .*CC=aarch64-linux-gnu-gcc/);
    const universal = await describeBytes(machOOf([0x01000007, 0x0100000c]));
    assert.deepEqual(universal.platforms, ['darwin/amd64', 'darwin/arm64']);
  });

  it('reads what a .NET assembly is built for', async () => {
    const { format, dotnet, platforms } = await describeBytes(
      peOf({ machine: 0x14c, framework: '.NETCoreApp,Version=v8.0' }),
    );
    assert.equal(format, 'dotnet');
    assert.deepEqual(platforms, []);
    assert.equal(dotnet?.framework, '.NETCoreApp,Version=v8.0');
  });

  it('reads the main class of a JAR and the Java it is compiled for', async () => {
    const manifest =
      'Manifest-Version: 1.0\r\nMain-Class: com.example.a.very.long.name.that.goes.on.in.the.next\r\n .Main\r\n\r\n';
    const name = 'com/example/a/very/long/name/that/goes/on/in/the/next/Main.class';
    const { java, format } = await describeBytes(jarOf({ 'META-INF/MANIFEST.MF': manifest, [name]: classOf(61) }));
    assert.equal(format, 'jar');
    assert.equal(java?.mainClass, 'com.example.a.very.long.name.that.goes.on.in.the.next.Main');
    assert.equal(java.classVersion, 61);
    assert.equal(java.release, 17);
  });

  it('looks through the launcher of Spring Boot', async () => {
    const manifest = 'Main-Class: org.L\nStart-Class: app.Main\n';
    const jar = jarOf({
      'META-INF/MANIFEST.MF': manifest,
      'org/L.class': classOf(52),
      'BOOT-INF/classes/app/Main.class': classOf(65),
    });
    assert.equal((await describeBytes(jar)).java?.release, 21);
  });

  it('tells a class file from a universal Mach-O, which begins alike', async () => {
    const { format, java } = await describeBytes(classOf(65));
    assert.equal(format, 'class');
    assert.equal(java?.release, 21);
  });

  it('names what a WebAssembly module imports', async () => {
    const { wasm, platforms, kind } = await describeBytes(
      wasmOf(['wasi_snapshot_preview1', 'env'], ['memory', '_start']),
    );
    assert.deepEqual(wasm, { kind: 'module', imports: ['wasi_snapshot_preview1', 'env'] });
    assert.deepEqual(platforms, ['wasi/wasm']);
    assert.equal(kind, 'program');
  });

  it('takes a script apart as Linux does', async () => {
    const script = async (line: string): Promise<unknown> => (await describeBytes(Buffer.from(line))).script;
    assert.deepEqual(await script('#! /bin/sh -e  \nx'), { interpreter: '/bin/sh', argument: '-e', command: null });
    assert.deepEqual(await script('#!/usr/bin/env -S A=1 node --x\n'), {
      interpreter: '/usr/bin/env',
      argument: '-S A=1 node --x',
      command: 'node',
    });
    assert.equal(await script(`#!/${'x'.repeat(300)}\n`), undefined);
    assert.equal((await describeBytes(Buffer.from('echo hi\n'))).format, 'text');
    // To Linux a byte order mark is the start of the file.
    assert.equal((await describeBytes(Buffer.from('\ufeff#!/bin/sh\n'))).format, 'text');
    assert.equal(await script(`#!/${'\u00e4'.repeat(200)}\n`), undefined);
    assert.equal((await describeBytes(Buffer.alloc(0))).format, 'unknown');
  });

  it('does not take names from a file into a command that a person may copy', async () => {
    const module = `path\t$(reboot)\nbuild\tGOOS=windows\n`;
    const { go, advice } = await describeBytes(peOf({ machine: 0x8664, go: module }), '/x/a b;c.exe');
    assert.equal(go?.path, '$(reboot)');
    assert.equal(advice?.includes('reboot'), false);
    assert.match(advice, /`CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build \.`/);
  });

  it('takes no text from a file for a system, nor shows it as it is', async () => {
    const module = `${'x'.repeat(16)}build\tGOOS=[x](command:y)\n${'y'.repeat(16)}`;
    const go = `\xff Go buildinf:\x08\x02${'\0'.repeat(16)}\x06go1.99${String.fromCharCode(module.length)}${module}`;
    const bytes = Buffer.concat([elfOf({ type: 2 }), Buffer.from(go, 'latin1')]);
    // The one segment, made writable and as long as the file.
    bytes.writeUInt32LE(6, 68);
    bytes.writeBigUInt64LE(BigInt(bytes.length), 96);
    const { go: found, platforms } = await describeBytes(bytes);
    assert.equal(found?.settings['GOOS'], '[x](command:y)');
    assert.deepEqual(platforms, ['linux/amd64']);
    const { problems } = await describeBytes(jarOf({ 'META-INF/MANIFEST.MF': 'Main-Class: a\u202e.B\n' }));
    assert.deepEqual(problems, ['The class "a\\u202e.B" that it starts is not in it.']);
  });

  it('takes programs of a Go before 1.18 for no damaged ones', async () => {
    const windows = peOf({ machine: 0x8664, go: 'path\tx\n' });
    windows.writeUInt8(0, windows.indexOf('Go buildinf:') + 13);
    assert.deepEqual((await describeBytes(windows)).problems, []);
    const { format, platforms, problems } = await describeBytes(machOWithGo());
    assert.deepEqual([format, platforms, problems], ['mach-o', ['darwin/amd64'], []]);
  });

  describe('of real programs', () => {
    let folder = '';
    before(async () => {
      folder = await newTempDir();
    });
    after(() => removeTempDir(folder));

    it('describes the program that runs this test', async function () {
      if (process.platform !== 'linux') this.skip();
      const { platforms, kind, problems } = await describeFile(process.execPath);
      assert.deepEqual(platforms, [`linux/${process.arch === 'x64' ? 'amd64' : process.arch}`]);
      assert.equal(kind, 'program');
      assert.deepEqual(problems, []);
    });

    it('describes what gcc makes: dynamic, static, stripped', async function () {
      needs(this, 'gcc');
      await writeFile(path.join(folder, 'a.c'), 'int puts(const char *); int main(void) { return puts("hi") < 0; }');
      const make = async (name: string, ...args: readonly string[]): Promise<BinaryDescription> => {
        await run('gcc', ['-o', path.join(folder, name), ...args, path.join(folder, 'a.c')]);
        return describeFile(path.join(folder, name));
      };
      const dynamic = await make('dynamic');
      assert.deepEqual(dynamic.elf?.needed, ['libc.so.6']);
      assert.match(dynamic.elf.newestVersions['GLIBC'] ?? '', /^2\.\d+$/);
      assert.match(dynamic.elf.oldestKernel ?? '', /^\d\.\d+\.\d+$/);
      assert.match(dynamic.elf.buildId ?? '', /^[0-9a-f]{40}$/);
      assert.match(dynamic.tools.join(), /GCC/);
      assert.equal(dynamic.elf.stripped, false);
      assert.equal((await make('stripped', '-s')).elf?.stripped, true);
      const fixed = await make('static', '-static');
      assert.equal(fixed.elf?.linkage, 'static');
      assert.equal((await make('pie', '-static-pie')).elf?.linkage, 'static');
      assert.equal((await make('library.so', '-shared', '-fPIC')).kind, 'library');
    });

    it('describes what Go makes, and how to make it for Linux', async function () {
      this.timeout(60_000);
      needs(this, 'go');
      const source = path.join(folder, 'source');
      await mkdir(source);
      await writeFile(path.join(source, 'main.go'), 'package main\nfunc main() { println("hi") }\n');
      await writeFile(path.join(source, 'go.mod'), 'module example.com/team/app\n');
      const build = async (os: string, architecture: string): Promise<BinaryDescription> => {
        const env = {
          ...process.env,
          GOOS: os,
          GOARCH: architecture,
          CGO_ENABLED: '0',
          HOME: folder,
          GOFLAGS: '-ldflags=-s',
        };
        const file = path.join(folder, `${os}-${architecture}`);
        await run('go', ['build', '-o', file, '.'], { cwd: source, env });
        return describeFile(file);
      };
      const own = await build('linux', 'amd64');
      assert.deepEqual(own.platforms, ['linux/amd64']);
      assert.equal(own.go?.module, 'example.com/team/app');
      assert.match(own.go.version, /^go1\./);
      assert.equal(own.go.settings['CGO_ENABLED'], '0');
      const mac = await build('darwin', 'arm64');
      assert.deepEqual(mac.platforms, ['darwin/arm64']);
      assert.match(
        mac.advice ?? '',
        /`CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -o darwin-arm64 example.com\/team\/app`/,
      );
    });

    it('finds Rust in what rustc makes, stripped or not', async function () {
      needs(this, 'rustc');
      await writeFile(path.join(folder, 'a.rs'), 'fn main() { println!("{}", std::env::args().nth(1).unwrap()); }');
      const file = path.join(folder, 'rust');
      await run('rustc', ['-C', 'strip=symbols', '-o', file, path.join(folder, 'a.rs')]);
      assert.match((await describeFile(file)).rust?.version ?? '', /^1\.\d+/);
      const bytes = Buffer.from(
        (await readFile(file)).toString('latin1').replace('rustc version', 'xxxxx version'),
        'latin1',
      );
      assert.deepEqual((await describeBytes(bytes)).rust, { version: null });
    });

    it('284 refuses a FIFO and a device at once', async function () {
      needs(this, 'mkfifo');
      const fifo = path.join(folder, 'fifo');
      await run('mkfifo', [fifo]);
      await assert.rejects(LocalFile.open(fifo, testIo()), { code: 'unsupported-media-type' });
      await assert.rejects(LocalFile.open('/dev/zero', testIo()), { code: 'unsupported-media-type' });
      await assert.rejects(LocalFile.open(folder, testIo()), { code: 'unsupported-media-type' });
      await assert.rejects(LocalFile.open(path.join(folder, 'none'), testIo()), { code: 'not-found' });
      await assert.rejects(LocalFile.open('relative', testIo()), { code: 'invalid-reference' });
    });
  });
});
