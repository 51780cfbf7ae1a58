import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { LayerIndex } from '../../src/archive/layerIndex.ts';
import type { LayerStack } from '../../src/archive/layerStack.ts';
import { fetchBytes } from '../../src/content/bytes.ts';
import type { Io } from '../../src/content/store.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { ImageFiles } from '../../src/operations/imageFiles.ts';
import { breakouts } from '../support/breakouts.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';
import { bytesOf, pythonEntries } from '../support/layerTools.ts';
import {
  listTrees,
  listView,
  type Listing,
  putLayers,
  type TarSpec,
  unpackWithUmoci,
  writeTars,
} from '../support/realLayers.ts';
import { pathsOf } from '../support/stacks.ts';
import { newMemoryDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { run } from './judges.ts';

const isRoot = process.getuid?.() === 0;
const rootless = isRoot ? [] : ['--rootless'];

let folder = '';
let layout = '';
let io: Io;

/** Everything that is odd but right, by Python. */
const oddLayers: readonly (readonly TarSpec[])[] = [
  [
    { path: './', type: 'directory', mode: 0o755 },
    { path: './usr/', type: 'directory' },
    { path: './usr/lib/', type: 'directory', mode: 0o711, gid: 8 },
    { path: './lib', type: 'symlink', linkname: 'usr/lib' },
    { path: './usr/bin/su', type: 'file', mode: 0o4755, content: 'setuid' },
    { path: './usr/bin/su2', type: 'hardlink', linkname: './usr/bin/su', mode: 0o4755 },
    { path: './tmp/', type: 'directory', mode: 0o1777 },
    { path: './opt/app/a', type: 'file', uid: 1000, gid: 1000, content: 'a' },
    { path: './opt/app/sub/b', type: 'file', content: 'b' },
    { path: './opt/keep', type: 'file', content: 'keep' },
    { path: `./${'long'.repeat(30)}/${'name'.repeat(50)}`, type: 'file', content: 'long' },
    { path: './names/with space', type: 'file', content: ' ' },
    { path: './names/new\nline', type: 'file', content: 'n' },
    { path: './names/\u001b[31mred', type: 'file', content: 'r' },
    { path: './names/back\\slash', type: 'file', content: '\\' },
    { path: './names/\udcff\udc80', type: 'file', content: 'bytes' },
    { path: './names/\u00e4', type: 'file', content: 'composed' },
    { path: './names/a\u0308', type: 'file', content: 'decomposed' },
    { path: './names/\u{1f600}', type: 'file', content: 'smile' },
    { path: './run/pipe', type: 'fifo', mode: 0o600 },
    ...(isRoot ? [{ path: './dev/null', type: 'char', mode: 0o666, device: [1, 3] } as const] : []),
  ],
  [
    { path: 'lib/x', type: 'file', content: 'through the link' },
    { path: 'opt/app/.wh.a', type: 'file' },
    { path: 'opt/app/sub/', type: 'directory', mode: 0o700 },
    { path: 'usr/bin/su', type: 'file', mode: 0o755, content: 'no longer setuid' },
    { path: 'names/.wh.with space', type: 'file' },
    { path: 'loop', type: 'symlink', linkname: 'loop' },
    { path: 'out', type: 'symlink', linkname: '../../../../etc' },
    { path: 'out/passwd', type: 'file', content: 'inside' },
  ],
  [
    { path: 'opt/app/sub/c', type: 'file', content: 'c' },
    { path: 'opt/app/.wh..wh..opq', type: 'file' },
    { path: 'opt/keep', type: 'directory', mode: 0o2775, gid: 50 },
    { path: 'opt/keep/d', type: 'hardlink', linkname: 'lib/x' },
    { path: 'tmp', type: 'symlink', linkname: '/opt/keep' },
    { path: 'tmp/e', type: 'file', content: 'e' },
    { path: '.wh.lib', type: 'file' },
  ],
];

describe('looking inside real images', () => {
  before(function () {
    needs(this, 'umoci', 'python3', 'tar');
  });
  beforeEach(async () => {
    folder = await newMemoryDir();
    layout = path.join(folder, 'layout');
    io = testIo(110_000);
  });
  afterEach(async () => removeTempDir(folder));

  it('shows layers with odd names, owners, links and whiteouts as umoci unpacks them', async () => {
    const store = await LayoutStore.open(layout, io, { create: true });
    await putLayers(store, 'it', writeTars(folder, oddLayers), io);
    const stack = await assertSame('it');
    assert.equal(stack.get('usr/lib/x')?.layer, 1);
    assert.equal(stack.resolve('tmp/d').content?.entry.path, 'lib/x');
    assert.deepEqual(stack.problems, []);
  });

  it('166 shows images that want to break out as umoci, which holds them too, unpacks them', async () => {
    const store = await LayoutStore.open(layout, io, { create: true });
    const held = breakouts.filter(({ unpacks }) => unpacks !== false);
    const tars = writeTars(
      folder,
      held.flatMap(({ layers }) => layers),
    );
    const unpackedViews: { readonly rootfs: string; readonly view: Listing }[] = [];
    let next = 0;
    for (const [at, { layers, paths }] of held.entries()) {
      await putLayers(store, `b${at}`, tars.slice(next, (next += layers.length)), io);
      const files = await ImageFiles.open(store, `b${at}`, {}, testLayers(path.join(folder, 'cache')), io);
      const unpacked = unpackWithUmoci(layout, `b${at}`, folder);
      if (typeof unpacked === 'string') assert.fail(unpacked);
      const stack = await files.filesystem({}, io);
      assert.deepEqual(pathsOf(stack), paths);
      unpackedViews.push({ ...unpacked, view: listView(stack) });
    }
    const trees = listTrees(unpackedViews.map(({ rootfs }) => rootfs));
    assert.deepEqual(
      unpackedViews.map(({ view }) => view),
      trees,
    );
    assert.ok(held.length >= 16);
  });

  it('shows thousands of real files, with what umoci notes of changes to them, as umoci unpacks them', async function () {
    this.timeout(120_000);
    run('umoci', 'init', '--layout', layout);
    run('umoci', 'new', '--image', `${layout}:it`);
    for (const from of realFolders()) run('umoci', 'insert', ...rootless, '--image', `${layout}:it`, from, from);
    changeInBundle();
    const stack = await assertSame('it');
    const count = [...stack.walk()].length;
    assert.ok(count >= 2000, `${count} files`);
  });

  it('shows what umoci inserts and hides as umoci unpacks it', async () => {
    const source = path.join(folder, 'source');
    fs.mkdirSync(path.join(source, 'sub'), { recursive: true });
    fs.writeFileSync(path.join(source, 'sub/file'), 'new');
    fs.symlinkSync('sub/file', path.join(source, 'link'));
    const store = await LayoutStore.open(layout, io, { create: true });
    await putLayers(store, 'it', writeTars(folder, oddLayers), io);
    const insert = (...args: readonly string[]) =>
      run('umoci', 'insert', ...rootless, '--image', `${layout}:it`, ...args);
    insert(source, '/opt/app');
    insert('--opaque', source, '/names');
    insert('--whiteout', '/usr/bin/su2');
    const stack = await assertSame('it');
    assert.deepEqual([...(stack.get('names')?.children?.keys() ?? [])].sort(), ['link', 'sub']);
    assert.equal(stack.get('usr/bin/su2'), undefined);
  });
});

/**
 * Holds every layer against Python's tarfile, all of them together against what umoci unpacks, and the content of some files
 * against that on disk.
 */
async function assertSame(tag: string): Promise<LayerStack> {
  const store = await LayoutStore.open(layout, io);
  const files = await ImageFiles.open(store, tag, {}, testLayers(path.join(folder, 'cache')), io);
  for (const [at, layer] of files.manifest.layers.entries()) {
    const index = await files.layer(at, {}, io);
    const bytes = Buffer.from(await fetchBytes(store, layer, 1 << 30, io));
    assert.deepEqual(ownListing(index), pythonListing(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes));
    assert.deepEqual([index.damage, index.problems], [undefined, []]);
  }
  const stack = await files.filesystem({}, io);
  const unpacked = unpackWithUmoci(layout, tag, folder);
  if (typeof unpacked === 'string') assert.fail(unpacked);
  assert.deepEqual(listView(stack), listTrees([unpacked.rootfs])[0]);
  const places = [...stack.walk()].filter(({ content }) => content !== undefined);
  for (const { path: name, content } of places.filter((_, at) => at % 97 === 0)) {
    assert.ok(content !== undefined);
    const shown = await bytesOf(await files.read(content.layer, content.entry, io));
    assert.ok(shown.equals(fs.readFileSync(path.join(unpacked.rootfs, name))), name);
  }
  return stack;
}

/** A layer's entries, by name. */
function ownListing({ entries }: LayerIndex): readonly unknown[] {
  const types = {
    file: '0',
    hardlink: '1',
    symlink: '2',
    char: '3',
    block: '4',
    directory: '5',
    fifo: '6',
    other: '?',
  };
  return entries.map(({ path: name, type, mode, uid, gid, mtime, linkname = '', digest = '' }) => {
    const start = digest.slice('sha256:'.length, 'sha256:'.length + 8);
    return [name, types[type], mode.toString(8), uid, gid, mtime, linkname, start];
  });
}

/** umoci leaves out the padding and the end of its tars, which Python wants. */
function pythonListing(tar: Buffer): readonly unknown[] {
  const whole = Buffer.concat([tar, Buffer.alloc(1536 - (tar.length % 512))]);
  return pythonEntries(whole).map((listed) => {
    assert.ok(Array.isArray(listed));
    const [name, type, mode, uid, gid, , mtime, linkname, digest] = listed as readonly unknown[];
    const clean = path.posix.join('/', String(name)).slice(1).replace(/\/$/, '');
    return [clean, type, mode, uid, gid, Math.floor(Number(mtime)), linkname, digest];
  });
}

/** Folders of this machine with some thousand files, links and directories. */
function realFolders(): readonly string[] {
  const packages = ['undici', 'mocha', 'fast-check'].map((name) =>
    path.join(import.meta.dirname, '../../node_modules', name),
  );
  const wanted = ['/usr/share/zoneinfo', '/usr/share/perl5', '/usr/lib/python3', ...packages];
  const chosen: string[] = [];
  let files = 0;
  for (const from of wanted.filter((each) => fs.existsSync(each))) {
    if (files > 3000) break;
    files += fs.globSync('**/*', { cwd: from }).length;
    chosen.push(from);
  }
  return chosen;
}

/** Unpacks the image, changes files as a RUN step would, and has umoci make a layer of the changes. */
function changeInBundle(): void {
  const bundle = path.join(folder, 'changing');
  run('umoci', 'unpack', ...rootless, '--image', `${layout}:it`, bundle);
  const rootfs = path.join(bundle, 'rootfs');
  const files = fs.globSync('**/*', { cwd: rootfs }).sort();
  for (const [at, name] of files.entries()) {
    const full = path.join(rootfs, name);
    const found = fs.lstatSync(full, { throwIfNoEntry: false });
    if (found === undefined || at % 17 > 4) continue;
    if (at % 17 === 0 && !found.isDirectory()) fs.rmSync(full);
    else if (at % 17 === 1 && found.isFile()) fs.appendFileSync(full, 'changed');
    else if (at % 17 === 2 && found.isFile()) fs.chmodSync(full, 0o4711);
    else if (at % 51 === 3 && found.isDirectory() && fs.readdirSync(full).length < 20)
      fs.rmSync(full, { recursive: true });
    else if (at % 51 === 20 && found.isFile()) {
      fs.rmSync(full);
      fs.mkdirSync(path.join(full, 'now a directory'), { recursive: true });
    } else if (at % 17 === 4 && found.isFile()) fs.linkSync(full, `${full}.again`);
  }
  execFileSync('umoci', ['repack', '--image', `${layout}:it`, bundle], { stdio: 'pipe' });
}
