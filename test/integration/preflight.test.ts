import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { GantryApi } from '../../src/api.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { Stores } from '../../src/verbs/stores.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { putContent, putJson } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { findTool, needs } from '../support/tools.ts';

const run = promisify(execFile);
/** Of a process in a container; there is no /proc in the folders here that would say where a program is. */
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LD_ORIGIN_PATH: '/app' };
const sources: Readonly<Record<string, string>> = {
  'c.c': 'int puts(const char *); int main(void) { return puts("hi") < 0; }',
  'own.c': 'int own(void); int main(void) { return own(); }',
  'lib.c': 'int own(void) { return 0; }',
  'old.c': 'int other(void) { return 0; }',
  'cxx.cc': '#include <iostream>\nint main() { std::cout << "hi" << std::endl; }',
  'ssl.c': 'void *OPENSSL_init_crypto(long, void *); int main(void) { return OPENSSL_init_crypto(0, 0) == 0; }',
  'a.rs': 'fn main() { println!("hi"); }',
};

/** How a program is made: its name, then the command and what stands behind the name of the output. */
type Recipe = readonly [name: string, ...command: string[]];

const native: readonly Recipe[] = [
  ['c-dynamic', 'gcc', 'c.c'],
  ['c-static', 'gcc', '-static', 'c.c'],
  ['c-static-pie', 'gcc', '-static-pie', 'c.c'],
  ['c-bound-now', 'gcc', '-Wl,-z,now', 'c.c'],
  ['cxx', 'g++', 'cxx.cc'],
  ['cxx-static-libraries', 'g++', '-static-libstdc++', '-static-libgcc', 'cxx.cc'],
  ['own-runpath', 'gcc', 'own.c', 'libown.so', '-Wl,--enable-new-dtags,-rpath,$ORIGIN/../opt/own'],
  ['own-rpath', 'gcc', 'own.c', 'libown.so', '-Wl,--disable-new-dtags,-rpath,$ORIGIN/../opt/own'],
  ['own-nowhere', 'gcc', 'own.c', 'libown.so'],
  ['own-lazy', 'gcc', 'own.c', 'libown.so', '-Wl,-z,lazy,-rpath,/opt/other'],
  ['own-now', 'gcc', 'own.c', 'libown.so', '-Wl,-z,now,-rpath,/opt/other'],
  ['foreign-interpreter', 'gcc', 'c.c', '-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1'],
  ['ssl', 'gcc', 'ssl.c', '-l:libcrypto.so.3'],
  ['musl', 'musl-gcc', 'c.c'],
  ['rust', 'rustc', 'a.rs'],
];
const foreign: readonly Recipe[] = [
  ['arm64-c-dynamic', 'aarch64-linux-gnu-gcc', 'c.c'],
  ['arm64-c-static', 'aarch64-linux-gnu-gcc', '-static', 'c.c'],
  ['arm64-cxx', 'aarch64-linux-gnu-g++', 'cxx.cc'],
];
const scripts: Readonly<Record<string, string>> = {
  'sh-script': '#!/bin/sh\nexit 0\n',
  'env-script': '#!/usr/bin/env sh\nexit 0\n',
  'env-arguments': '#!/usr/bin/env sh -e\nexit 0\n',
  'env-split': '#!/usr/bin/env -S sh -e\nexit 0\n',
  'no-interpreter': '#!/opt/nothing\n',
  'crlf-script': '#!/bin/sh\r\nexit 0\r\n',
};

describe('preflight against chroot', function () {
  this.timeout(120_000);
  let folder = '';
  let stores: Stores;
  let gantry: GantryApi;
  let programs: readonly string[] = [];
  const at = (...names: readonly string[]): string => path.join(folder, ...names);

  before(async function () {
    needs(this, 'gcc', 'g++', 'ldd', 'chroot', 'tar');
    if (process.getuid?.() !== 0 || process.arch !== 'x64') this.skip();
    folder = await newTempDir();
    const temporary = at('temporary');
    const credentials = { find: () => Promise.resolve(undefined) };
    stores = new Stores({ registries: () => [], network: () => defaultNetwork, credentials, temporary });
    const settings = { platforms: () => ['linux/amd64'], compression: () => 'gzip' as const, temporary, epoch: 0 };
    gantry = createGantry({ stores, layers: testLayers(at('cache')), ...settings });
    programs = [...(await compile()), ...Object.keys(scripts)];
  });
  after(async () => {
    if (folder === '') return;
    await stores.close();
    await removeTempDir(folder);
  });

  /** Makes what the tools of this machine can make. Returns its names. */
  async function compile(): Promise<readonly string[]> {
    mkdirSync(at('bin'));
    for (const [name, text] of Object.entries(sources)) writeFileSync(at(name), text);
    for (const [name, text] of Object.entries(scripts)) writeFileSync(at('bin', name), text);
    await run('gcc', ['-shared', '-fPIC', '-Wl,-soname,libown.so', '-o', 'libown.so', 'lib.c'], { cwd: folder });
    await run('gcc', ['-shared', '-fPIC', '-Wl,-soname,libown.so', '-o', 'libold.so', 'old.c'], { cwd: folder });
    const made: string[] = [];
    for (const [name, tool = '', ...rest] of [...native, ...foreign]) {
      if (findTool(tool) === undefined) continue;
      await run(tool, ['-o', at('bin', name), ...rest], { cwd: folder });
      made.push(name);
    }
    return made;
  }

  /** A base of this machine's files: a folder for chroot, and the same as an image. */
  async function base(name: string, architecture: string, files: Readonly<Record<string, string>>): Promise<void> {
    const root = at('roots', name);
    mkdirSync(path.join(root, 'app'), { recursive: true });
    for (const [to, from] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, to)), { recursive: true });
      copyFileSync(from, path.join(root, to));
    }
    const store = await LayoutStore.open(at('layouts'), testIo(), { create: true });
    const tar = execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-c', '.'], { maxBuffer: 1 << 30 });
    const layer = await putContent(store, tar, mediaTypes.layer, testIo());
    const rootfs = { type: 'layers', diff_ids: [layer.digest] };
    const text = JSON.stringify({ os: 'linux', architecture, rootfs, config: { User: '65532:65532' } });
    const config = await putContent(store, Buffer.from(text), mediaTypes.config, testIo());
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
    await store.tag(await putJson(store, manifest, testIo()), name, testIo());
  }

  /** What preflight says, and whether it ran: the cells where the two differ, and how many ran. */
  async function compare(
    name: string,
    emulator?: string,
  ): Promise<{ readonly wrong: readonly string[]; readonly ran: readonly string[] }> {
    const root = at('roots', name);
    if (emulator !== undefined) copyFileSync(emulator, path.join(root, 'emulator'));
    const [wrong, ran]: [string[], string[]] = [[], []];
    for (const program of programs) {
      const { verdict, reasons } = await gantry.preflight({
        file: at('bin', program),
        base: `oci:${at('layouts')}:${name}`,
      });
      copyFileSync(at('bin', program), path.join(root, 'app', program));
      chmodSync(path.join(root, 'app', program), 0o755);
      const start = [...(emulator === undefined ? [] : ['/emulator']), `/app/${program}`];
      const result = spawnSync('chroot', ['--userspec=65532:65532', root, ...start], {
        env: environment,
        timeout: 20_000,
      });
      if (result.status === 0) ran.push(program);
      const said = verdict === 'runs' ? 0 : 1;
      if (said !== (result.status === 0 ? 0 : 1) || (verdict === 'unknown' && program !== 'own-lazy')) {
        wrong.push(
          `${program}: ${verdict}, exit ${result.status} ${String(result.stderr)} ${reasons.map(({ text }) => text).join(' ')}`,
        );
      }
    }
    return { wrong, ran };
  }

  const libc = { '/lib64/ld-linux-x86-64.so.2': '/lib64/ld-linux-x86-64.so.2', ...native64('libc.so.6', 'libm.so.6') };

  it('agrees on a base without files', async () => {
    await base('empty', 'amd64', {});
    const { wrong, ran } = await compare('empty');
    assert.deepEqual(wrong, []);
    assert.deepEqual(ran, ['c-static', 'c-static-pie']);
  });

  it('agrees on a base with the C library only', async () => {
    await base('libc', 'amd64', libc);
    const { wrong, ran } = await compare('libc');
    assert.deepEqual(wrong, []);
    assert.deepEqual(ran, ['c-dynamic', 'c-static', 'c-static-pie', 'c-bound-now', 'cxx-static-libraries']);
  });

  it('agrees on a base with C++ and a library of its own in the folders that programs name', async () => {
    const own = { '/opt/own/libown.so': at('libown.so'), '/opt/other/libown.so': at('libold.so') };
    await base('cxx', 'amd64', { ...libc, ...native64('libstdc++.so.6', 'libgcc_s.so.1'), ...own });
    const { wrong, ran } = await compare('cxx');
    assert.deepEqual(wrong, []);
    assert.deepEqual(
      ran.filter((name) => name !== 'rust'),
      [
        'c-dynamic',
        'c-static',
        'c-static-pie',
        'c-bound-now',
        'cxx',
        'cxx-static-libraries',
        'own-runpath',
        'own-rpath',
      ],
    );
  });

  it('agrees on a base with a shell, env and what they need', async () => {
    const tools = { '/bin/sh': '/bin/sh', '/usr/bin/env': '/usr/bin/env' };
    await base('shell', 'amd64', { ...libc, ...tools, ...native64('libcrypto.so.3', 'libz.so.1', 'libselinux.so.1') });
    const { wrong, ran } = await compare('shell');
    assert.deepEqual(wrong, []);
    for (const name of ['sh-script', 'env-script', 'env-split', 'ssl']) assert.ok(ran.includes(name), name);
    for (const name of ['env-arguments', 'crlf-script', 'cxx']) assert.ok(!ran.includes(name), name);
  });

  it('agrees on bases for arm64', async function () {
    needs(this, 'qemu-aarch64-static', 'aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-g++');
    const emulator = findTool('qemu-aarch64-static');
    programs = programs.filter((name) => !(name in scripts));
    await base('arm64-empty', 'arm64', {});
    const empty = await compare('arm64-empty', emulator);
    assert.deepEqual(empty, { wrong: [], ran: ['arm64-c-static'] });
    await base('arm64-libc', 'arm64', cross('ld-linux-aarch64.so.1', 'libc.so.6', 'libm.so.6'));
    const libcOnly = await compare('arm64-libc', emulator);
    assert.deepEqual(libcOnly, { wrong: [], ran: ['arm64-c-dynamic', 'arm64-c-static'] });
    const all = ['ld-linux-aarch64.so.1', 'libc.so.6', 'libm.so.6', 'libstdc++.so.6', 'libgcc_s.so.1'];
    await base('arm64-cxx', 'arm64', cross(...all));
    const cxx = await compare('arm64-cxx', emulator);
    assert.deepEqual(cxx, { wrong: [], ran: ['arm64-c-dynamic', 'arm64-c-static', 'arm64-cxx'] });
  });
});

/** Libraries of this machine, where Debian has them. */
function native64(...names: readonly string[]): Readonly<Record<string, string>> {
  const folders = ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const folder = folders.find((each) => existsSync(path.join(each, name)));
      return folder === undefined ? [] : [[path.join(folder, name), path.join(folder, name)]];
    }),
  );
}

/** Libraries for arm64 of Debian's cross compiler. */
function cross(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [`/lib/${name}`, `/usr/aarch64-linux-gnu/lib/${name}`]));
}
