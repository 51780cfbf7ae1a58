import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { CompareImagesResult } from '../../src/api.ts';
import { createEngine } from '../harness/engine.ts';
import { listTrees, type Listing, unpackWithUmoci } from '../support/realLayers.ts';
import { newMemoryDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { run } from './judges.ts';

const rootless = process.getuid?.() === 0 ? [] : ['--rootless'];
const modules = path.join(import.meta.dirname, '../../node_modules');

describe('compareImages of real files', () => {
  let folder: string;
  let layout: string;

  before(async function () {
    this.timeout(120_000);
    needs(this, 'umoci', 'python3', 'diff');
    folder = await newMemoryDir();
    layout = path.join(folder, 'layout');
    run('umoci', 'init', '--layout', layout);
    run('umoci', 'new', '--image', `${layout}:left`);
    for (const name of ['eslint', '@typescript-eslint', 'undici', 'mocha', '@types']) {
      run('umoci', 'insert', ...rootless, '--image', `${layout}:left`, path.join(modules, name), `/lib/${name}`);
    }
    run('umoci', 'tag', '--image', `${layout}:left`, 'right');
    changeImage('right');
  });

  after(async () => removeTempDir(folder));

  /** Unpacks an image, changes files as a RUN step would, and has umoci make a layer of the changes. */
  function changeImage(tag: string): void {
    const bundle = path.join(folder, `changing-${tag}`);
    run('umoci', 'unpack', ...rootless, '--image', `${layout}:${tag}`, bundle);
    const rootfs = path.join(bundle, 'rootfs');
    for (const [at, name] of fs.globSync('**/*', { cwd: rootfs }).sort().entries()) {
      const full = path.join(rootfs, name);
      if (fs.existsSync(full)) change(full, fs.lstatSync(full), at);
    }
    run('umoci', 'repack', '--image', `${layout}:${tag}`, bundle);
  }

  it('finds what `diff -rq` finds between the two unpacked, and modes and owners too', async () => {
    const found = await createEngine().compareImages({ left: `oci:${layout}:left`, right: `oci:${layout}:right` });
    const [left, right] = [unpacked('left'), unpacked('right')];
    assert.deepEqual(judgedBy(found), diff(left, right));
    const [before = {}, after = {}] = listTrees([left, right]);
    assert.deepEqual(metadataOf(found), metadataDifferences(before, after));
    for (const { path: name, size, type } of [...found.added, ...found.removed]) {
      const listed = (name.slice(1) in after ? after : before)[name.slice(1)];
      assert.deepEqual([type, size], [listed?.type, listed?.size], name);
    }
    assert.deepEqual(found.problems, []);
    const counts = [found.added, found.removed, found.changed].map(({ length }) => length);
    assert.ok(Math.min(...counts) >= 50, counts.join());
  }).timeout(120_000);

  it('finds the opposite the other way round', async () => {
    const [left, right] = [`oci:${layout}:left`, `oci:${layout}:right`];
    const there = await createEngine().compareImages({ left, right });
    const back = await createEngine().compareImages({ left: right, right: left });
    assert.deepEqual([back.added, back.removed], [there.removed, there.added]);
    assert.deepEqual(
      back.changed.map(({ path: name, differences }) => [name, differences]),
      there.changed.map(({ path: name, differences }) => [name, differences]),
    );
  }).timeout(60_000);

  function unpacked(tag: string): string {
    const made = unpackWithUmoci(layout, tag, path.join(folder, `unpacked-${tag}`));
    return typeof made === 'string' ? assert.fail(made) : made.rootfs;
  }
});

function change(full: string, found: fs.Stats, at: number): void {
  const isFile = found.isFile();
  if (at % 17 === 0 && isFile) fs.rmSync(full);
  else if (at % 17 === 1 && isFile) fs.appendFileSync(full, 'changed');
  else if (at % 17 === 2 && isFile) fs.chmodSync(full, 0o4711);
  else if (at % 17 === 3 && isFile) replaceByte(full);
  else if (at % 17 === 4 && isFile) fs.linkSync(full, `${full}.again`);
  else if (at % 51 === 5 && isFile) fs.writeFileSync(full, fs.readFileSync(full));
  else if (at % 51 === 22 && isFile)
    turnInto(full, () => fs.mkdirSync(path.join(full, 'now a directory'), { recursive: true }));
  else if (at % 51 === 39 && isFile) turnInto(full, () => fs.symlinkSync('elsewhere', full));
  else if (at % 17 === 6 && isFile) fs.writeFileSync(`${full}.new`, 'new');
  else if (at % 51 === 7 && found.isDirectory()) fs.chmodSync(full, 0o2775);
  else if (at % 51 === 24 && found.isDirectory() && fs.readdirSync(full).length < 20) {
    turnInto(full, () => fs.writeFileSync(full, 'was a directory'));
  } else if (at % 17 === 8 && isFile && process.getuid?.() === 0) fs.chownSync(full, 1000, 50);
}

/** The size stays, the content does not. */
function replaceByte(full: string): void {
  const bytes = fs.readFileSync(full);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  fs.writeFileSync(full, bytes);
}

function turnInto(full: string, make: () => void): void {
  fs.rmSync(full, { recursive: true });
  make();
}

/** What GNU diff can tell: of what is on one side only the top, of both sides types and contents. */
function judgedBy({ added, removed, changed }: CompareImagesResult): readonly string[] {
  const turned = changed.filter(({ differences }) => differences.includes('type')).map((each) => each.path);
  const tops = (files: readonly { readonly path: string }[], word: string): readonly string[] => {
    const paths = new Set([...files.map((each) => each.path), ...turned]);
    const isTop = (name: string): boolean => !paths.has(path.posix.dirname(name));
    return files.filter((each) => isTop(each.path)).map((each) => `${word} ${each.path}`);
  };
  const different = changed.flatMap(({ path: name, differences }) => {
    if (differences.includes('type')) return [`type ${name}`];
    return differences.includes('content') || differences.includes('linkname') ? [`content ${name}`] : [];
  });
  return [...tops(added, 'right'), ...tops(removed, 'left'), ...different].sort();
}

function diff(left: string, right: string): readonly string[] {
  const env = { ...process.env, LC_ALL: 'C' };
  const { stdout, stderr, status } = spawnSync('diff', ['-rq', '--no-dereference', left, right], {
    env,
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [1, '']);
  const told = stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const only = /^Only in (.+?): (.+)$/.exec(line);
      if (only !== null) {
        const [, directory = '', name = ''] = only;
        const [side, root] = directory.startsWith(left) ? ['left', left] : ['right', right];
        return `${side} ${directory.slice(root.length)}/${name}`;
      }
      const differ = /^(?:Files|Symbolic links) (.+) and .+ differ$/.exec(line);
      if (differ !== null) return `content ${differ[1]?.slice(left.length) ?? ''}`;
      const type = /^File (.+) is a .+ while file .+ is a .+$/.exec(line);
      return `type ${type?.[1]?.slice(left.length) ?? line}`;
    });
  return told.sort();
}

function metadataOf({ changed }: CompareImagesResult): readonly string[] {
  return changed
    .flatMap(({ path: name, differences }) =>
      differences.filter((each) => each === 'mode' || each === 'owner').map((each) => `${each} ${name}`),
    )
    .sort();
}

function metadataDifferences(before: Listing, after: Listing): readonly string[] {
  return Object.entries(before)
    .flatMap(([name, one]) => {
      const other = after[name];
      if (other === undefined) return [];
      const hasModes = one.mode !== undefined && other.mode !== undefined && one.mode !== other.mode;
      return [...(hasModes ? [`mode /${name}`] : []), ...(one.owner === other.owner ? [] : [`owner /${name}`])];
    })
    .sort();
}
