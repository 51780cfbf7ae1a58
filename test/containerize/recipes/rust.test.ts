import assert from 'node:assert/strict';
import path from 'node:path';
import { ProjectFolder } from '../../../src/containerize/recipes/projectFolder.ts';
import type { Project } from '../../../src/containerize/recipes/recipe.ts';
import { rustProjects } from '../../../src/containerize/recipes/rust.ts';
import type { RustMachine } from '../../../src/containerize/recipes/rustMachine.ts';
import { matchesWildcards, rustMembers } from '../../../src/containerize/recipes/rustMembers.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { folderOf, writeTree } from './binaryTree.ts';

let folder = '';
const machine = (env: RustMachine['env'] = {}, more: Partial<RustMachine> = {}): RustMachine => ({
  env,
  home: path.join(folder, 'home'),
  platform: 'linux',
  arch: 'x64',
  ...more,
});
const crate = (name: string, more = ''): string => `[package]\nname = "${name}"\n${more}`;
const main = 'fn main() {}';

async function projects(files: Readonly<Record<string, string>>, on = machine()): Promise<readonly Project[]> {
  return rustProjects(await folderOf(path.join(folder, 'project'), files), on, testIo());
}

async function ids(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await projects(files)).map(({ id }) => id);
}

/** What stands after `cargo build --release`, and what is added to the environment. */
async function cargo(
  files: Readonly<Record<string, string>>,
  on: RustMachine,
  platform: string,
): Promise<readonly [string, Readonly<Record<string, string>>]> {
  const [project] = await projects({ 'Cargo.toml': crate('app'), 'src/main.rs': main, ...files }, on);
  const [step] = (await project?.builds({ platforms: [platform], output: '/o' }, testIo())) ?? [];
  return [step?.args.slice(2).join(' ') ?? '', step?.env ?? {}];
}

/** What the message says is missing: the place of the program. */
async function place(files: Readonly<Record<string, string>>, on: RustMachine): Promise<string> {
  const [project] = await projects({ 'Cargo.toml': crate('app'), 'src/main.rs': main, ...files }, on);
  assert.ok(project !== undefined);
  try {
    await project.image({ platforms: ['linux/amd64'], output: '/o' }, testIo());
  } catch (error) {
    return /there is no "([^"]*)"/.exec(String(error))?.[1]?.replace(`${folder}/`, '') ?? String(error);
  }
  return 'there';
}

describe('rustProjects', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => void (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  const tables: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
    ['src/main.rs', { 'Cargo.toml': crate('app'), 'src/main.rs': main }, ['app']],
    ['a library', { 'Cargo.toml': crate('lib'), 'src/lib.rs': '' }, []],
    [
      'src/bin',
      { 'Cargo.toml': crate('app'), 'src/bin/two.rs': main, 'src/bin/three/main.rs': main, 'src/bin/four/x.rs': main },
      ['app/three', 'app/two'],
    ],
    [
      '[[bin]], the default first',
      {
        'Cargo.toml': crate(
          'app',
          'default-run = "b"\n[[bin]]\nname = "a"\npath = "src/main.rs"\n[[bin]]\nname = "b"\n',
        ),
        'src/main.rs': main,
      },
      ['app/b', 'app/a'],
    ],
    [
      'no automatic ones',
      { 'Cargo.toml': crate('app', 'autobins = false\n[[bin]]\nname = "x"\n'), 'src/main.rs': main },
      ['app/x'],
    ],
    [
      'a workspace with patterns',
      {
        'Cargo.toml':
          '[workspace]\nmembers = ["crates/*", "tools/a?", "no/where", "../up"]\nexclude = ["crates/out"]\n',
        'crates/one/Cargo.toml': crate('one'),
        'crates/one/src/main.rs': main,
        'crates/out/Cargo.toml': crate('out'),
        'crates/out/src/main.rs': main,
        'tools/ab/Cargo.toml': crate('ab'),
        'tools/ab/src/main.rs': main,
        'tools/abc/Cargo.toml': crate('abc'),
        'tools/abc/src/main.rs': main,
      },
      ['one', 'ab'],
    ],
    [
      'a workspace with a package of its own, at any depth',
      {
        'Cargo.toml': `${crate('root')}[workspace]\nmembers = ["**/member"]\n`,
        'src/main.rs': main,
        'a/b/member/Cargo.toml': crate('deep'),
        'a/b/member/src/main.rs': main,
      },
      ['root', 'deep'],
    ],
    ['names that are no names', { 'Cargo.toml': crate('../../etc'), 'src/main.rs': main }, []],
    ['a bin that leads elsewhere', { 'Cargo.toml': crate('a', '[[bin]]\nname = "../x"\n') }, []],
    ['what is no TOML', { 'Cargo.toml': '[package', 'src/main.rs': main }, []],
    ['other types', { 'Cargo.toml': 'package = 1\nbin = 2\nworkspace = 3\n', 'src/main.rs': main }, []],
    [
      'dates and prototypes',
      { 'Cargo.toml': 'package = 2020-01-01\n[__proto__]\nname = "x"\n', 'src/main.rs': main },
      [],
    ],
    ['members that are no texts', { 'Cargo.toml': '[workspace]\nmembers = [1, {}, ""]\n' }, []],
    ['members with a NUL', { 'Cargo.toml': '[workspace]\nmembers = ["a\\u0000b/*", "a\\u0000"]\n' }, []],
    ['a broken member', { 'Cargo.toml': '[workspace]\nmembers = ["a"]\n', 'a/Cargo.toml': '=' }, []],
  ];
  for (const [what, files, expected] of tables) {
    it(`finds the programs of ${what}`, async () => assert.deepEqual(await ids(files), expected));
  }

  it('builds what a program asks for, with the lock', async () => {
    const files = {
      'Cargo.toml': crate('app', '[[bin]]\nname = "x"\nrequired-features = ["net", "--evil x", "tls"]\n'),
      'Cargo.lock': '',
    };
    const [project] = await projects(files);
    const [step] = (await project?.builds({ platforms: ['linux/amd64'], output: '/o' }, testIo())) ?? [];
    assert.deepEqual(step?.args, [
      ...['build', '--release', '--locked', '--package', 'app', '--bin', 'x', '--features=net,tls'],
      ...['--target', 'x86_64-unknown-linux-gnu'],
    ]);
    assert.match(step.howToGet, /rustup target add x86_64-unknown-linux-gnu/);
  });

  const chain = 'home/.rustup/toolchains/stable-x86_64-unknown-linux-gnu/lib/rustlib';
  const targets: readonly (readonly [string, string, Partial<RustMachine>, readonly string[], string, string])[] = [
    ['glibc on the same machine', 'linux/amd64', {}, [], 'x86_64-unknown-linux-gnu', ''],
    ['musl where it is installed', 'linux/amd64', {}, ['x86_64-unknown-linux-musl'], 'x86_64-unknown-linux-musl', ''],
    ['musl for another machine', 'linux/arm64', {}, [], 'aarch64-unknown-linux-musl', 'rust-lld'],
    [
      'glibc for another machine where that is installed',
      'linux/arm64',
      {},
      ['aarch64-unknown-linux-gnu'],
      'aarch64-unknown-linux-gnu',
      'aarch64-linux-gnu-gcc',
    ],
    ['a Mac', 'linux/amd64', { platform: 'darwin' }, [], 'x86_64-unknown-linux-musl', 'rust-lld'],
    ['the own architecture of a machine', 'linux/arm64', { arch: 'arm64' }, [], 'aarch64-unknown-linux-gnu', ''],
    ['levels of amd64', 'linux/amd64/v3', {}, [], 'x86_64-unknown-linux-gnu', ''],
    [
      '32 bits',
      'linux/arm/v7',
      {},
      ['armv7-unknown-linux-gnueabihf'],
      'armv7-unknown-linux-gnueabihf',
      'arm-linux-gnueabihf-gcc',
    ],
  ];
  for (const [what, platform, on, installed, triple, linker] of targets) {
    it(`chooses the target: ${what}`, async () => {
      writeTree(folder, {
        [`${chain}/etc`]: '',
        ...Object.fromEntries(installed.map((one) => [`${chain}/${one}/lib/x`, ''])),
      });
      const [args, env] = await cargo({}, machine({}, on), platform);
      assert.equal(args, `--package app --bin app --target ${triple}`);
      const name = `CARGO_TARGET_${triple.toUpperCase().replaceAll('-', '_')}_LINKER`;
      assert.deepEqual(env, linker === '' ? {} : { [name]: linker });
    });
  }

  it('looks at the tool chain that the folder names', async () => {
    writeTree(folder, {
      [`${chain}/x86_64-unknown-linux-musl/lib/x`]: '',
      'home/.rustup/toolchains/1.75-x86_64-unknown-linux-gnu/lib/rustlib/etc': '',
    });
    const named = { 'rust-toolchain.toml': '[toolchain]\nchannel = "1.75"\n' };
    assert.match((await cargo(named, machine(), 'linux/amd64'))[0], /x86_64-unknown-linux-gnu$/);
    const targeted = {
      'rust-toolchain.toml': '[toolchain]\nchannel = "1.75"\ntargets = ["x86_64-unknown-linux-musl"]\n',
    };
    assert.match((await cargo(targeted, machine(), 'linux/amd64'))[0], /x86_64-unknown-linux-musl$/);
    assert.match(
      (await cargo(named, machine({ RUSTUP_TOOLCHAIN: 'stable' }), 'linux/amd64'))[0],
      /x86_64-unknown-linux-musl$/,
    );
  });

  it('keeps to the target and the linker of .cargo/config.toml', async () => {
    const text = '[build]\ntarget = "aarch64-unknown-linux-gnu"\n[target.aarch64-unknown-linux-gnu]\nlinker = "mine"\n';
    const [args, env] = await cargo({ '.cargo/config.toml': text }, machine(), 'linux/arm64');
    assert.equal(args, '--package app --bin app --target aarch64-unknown-linux-gnu');
    assert.deepEqual(env, {});
  });

  it('refuses platforms that Rust has no Linux for', async () => {
    await assert.rejects(cargo({}, machine(), 'linux/mips'), { code: 'unsupported-media-type' });
    await assert.rejects(cargo({}, machine(), 'windows/amd64'), { code: 'unsupported-media-type' });
    await assert.rejects(cargo({}, machine(), 'linux/sparc64'), { code: 'unsupported-media-type' });
  });

  const release = 'x86_64-unknown-linux-gnu/release/app';
  it('looks for the program where Cargo puts it', async () => {
    assert.equal(await place({}, machine()), `project/target/${release}`);
    assert.equal(await place({}, machine({ CARGO_TARGET_DIR: 'elsewhere' })), `project/elsewhere/${release}`);
    assert.equal(await place({}, machine({ CARGO_TARGET_DIR: path.join(folder, 't') })), `t/${release}`);
    writeTree(folder, { 'home/.cargo/config.toml': 'build.target-dir = "home-target"\n' });
    assert.equal(await place({}, machine()), `home/home-target/${release}`);
    assert.equal(
      await place({ '.cargo/config.toml': 'build.target-dir = "own"\n' }, machine()),
      `project/own/${release}`,
    );
  });

  it('finds the folder of the workspace above', async () => {
    await projects({
      'Cargo.toml': '[workspace]\nmembers = ["app"]\nexclude = ["alone"]\n',
      'Cargo.lock': '',
      'app/Cargo.toml': crate('app'),
      'app/src/main.rs': main,
      'alone/Cargo.toml': crate('alone'),
      'alone/src/main.rs': main,
    });
    for (const [name, target] of [
      ['app', 'target'],
      ['alone', 'alone/target'],
    ] as const) {
      const opened = await ProjectFolder.open(path.join(folder, 'project', name));
      const [project] = await rustProjects(opened, machine(), testIo());
      assert.ok(project !== undefined);
      await assert.rejects(project.image({ platforms: ['linux/amd64'], output: '/o' }, testIo()), {
        code: 'not-found',
        message: new RegExp(`project/${target}/x86_64-unknown-linux-gnu/release/${name}"`),
      });
    }
  });

  it('277: does not take a link in place of the program for it', async () => {
    const files = {
      'Cargo.toml': crate('app'),
      'src/main.rs': main,
      secret: 'k',
      [`target/${release}`]: '-> ../../../secret',
    };
    const [project] = await projects(files);
    assert.ok(project !== undefined);
    await assert.rejects(project.image({ platforms: ['linux/amd64'], output: '/o' }, testIo()), {
      code: 'unsupported-media-type',
    });
  });
});

describe('rustMembers', () => {
  beforeEach(async () => void (folder = await newTempDir()));
  afterEach(() => removeTempDir(folder));

  for (const [what, pattern] of [
    ['a path of very many parts', 'a/'.repeat(100_000)],
    ['many wildcards for every depth', '**/'.repeat(300)],
  ] as const) {
    it(`takes no long time for ${what}`, async () => {
      const folders = Array.from({ length: 300 }, (_, at) => [`f${at}/g/h/x`, '']);
      const opened = await folderOf(
        path.join(folder, 'project'),
        Object.fromEntries(folders) as Record<string, string>,
      );
      const began = performance.now();
      await rustMembers(opened, Array<string>(100).fill(`${pattern}x`), [], testIo(20_000));
      assert.ok(performance.now() - began < 2000);
    });
  }
});

describe('matchesWildcards', () => {
  for (const [name, pattern, expected] of [
    ['abc', '*', true],
    ['abc', 'a*c', true],
    ['abc', 'a?c', true],
    ['ac', 'a?c', false],
    ['abcbc', '*bc', true],
    ['abcd', '*bc', false],
    ['', '*', true],
    ['a', '', false],
  ] as const) {
    it(`${pattern} and ${name}: ${expected}`, () => assert.equal(matchesWildcards(name, pattern), expected));
  }

  it('takes no long time', () => {
    const began = performance.now();
    assert.equal(matchesWildcards('a'.repeat(255), `${'*a'.repeat(2000)}b`), false);
    assert.ok(performance.now() - began < 500);
  });
});
