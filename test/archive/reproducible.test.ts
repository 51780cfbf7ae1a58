import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { compress, type Compression } from '../../src/archive/compress.ts';
import type { PackedLayer } from '../../src/archive/pack.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { bytesOf, withLayer } from '../support/layerTools.ts';
import { seededBytes } from '../support/seededImage.ts';
import { newMemoryDir, newTempDir, removeTempDir } from '../support/tempDir.ts';

interface Node {
  readonly name: string;
  readonly content?: Uint8Array;
  readonly target?: string;
  readonly canRun?: boolean;
}

/** A tree with what layers differ by: names of several scripts, links, empty folders, long names, many blocks. */
const tree: readonly Node[] = [
  { name: 'zeta/run.sh', content: Buffer.from('#!/bin/sh\n'), canRun: true },
  { name: 'zeta/big', content: seededBytes(1, 1_500_000) },
  { name: 'alpha-1', content: Buffer.from('1') },
  { name: 'alpha/x', content: Buffer.from('x') },
  { name: 'alpha.txt', content: Buffer.from('txt') },
  { name: 'größe/ñ/日本', content: Buffer.from('names') },
  { name: `long/${'n'.repeat(150)}/${'m'.repeat(120)}`, content: Buffer.from('long') },
  { name: 'empty' },
  { name: 'link', target: 'alpha/x' },
  { name: 'Upper', content: Buffer.from('U') },
  ...Array.from({ length: 60 }, (_, at) => ({ name: `many/f${at}`, content: Buffer.from(String(at)) })),
];

function make(root: string, nodes: readonly Node[], year: number): void {
  for (const { name, content, target, canRun } of nodes) {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    if (target !== undefined) fs.symlinkSync(target, file);
    else if (content === undefined) fs.mkdirSync(file, { recursive: true });
    else {
      fs.writeFileSync(file, content, { mode: canRun === true ? 0o777 : 0o666 });
      fs.utimesSync(file, new Date(`${year}-03-31`), new Date(`${year}-10-31`));
    }
  }
}

async function packed(from: string, compression: Compression): Promise<readonly [string, string]> {
  const pack = async ({ digest, diffId }: PackedLayer): Promise<readonly [string, string]> => [digest, diffId];
  return withLayer([{ from, to: '/app' }], { compression }, pack);
}

let folder = '';
let other = '';

describe('packLayer', () => {
  beforeEach(async () => {
    folder = await newTempDir();
    other = await newMemoryDir();
  });
  afterEach(async () => {
    await removeTempDir(folder);
    await removeTempDir(other);
  });

  // Windows has other modes and links, and a disk there may not take all the names.
  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  it('287: gives one digest whatever the place, the disk, the order, the times, the owner and the umask', async function () {
    this.timeout(60_000);
    const places = [
      path.join(folder, 'a'),
      path.join(folder, 'deep/er/checkout'),
      path.join(other, 'c'),
      path.join(other, 'd'),
    ];
    const umasks = [0o022, 0o077, 0o000, 0o027];
    for (const [at, place] of places.entries()) {
      const before = process.umask(umasks[at] ?? 0o022);
      try {
        make(place, at % 2 === 0 ? tree : tree.toReversed(), 1999 + at);
      } finally {
        process.umask(before);
      }
    }
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', '-h', '1234:4321', places[3] ?? '']);
    const orders = new Set(places.map((place) => fs.readdirSync(path.join(place, 'many')).join()));
    assert.equal(fs.readdirSync(path.join(places[0] ?? '', 'many')).length, 60);
    for (const compression of ['none', 'gzip', 'zstd'] as const) {
      const digests = [];
      for (const place of places) digests.push(await packed(place, compression));
      assert.deepEqual(new Set(digests.map(([digest]) => digest)).size, 1, `${compression}, ${orders.size} orders`);
      assert.deepEqual(new Set(digests.map(([, diffId]) => diffId)), new Set([literalDiffId]), compression);
    }
  });

  it('287: gives one digest in every time zone and with every umask of the process that packs', function () {
    this.timeout(60_000);
    make(path.join(folder, 't'), tree, 2020);
    const script = path.join(import.meta.dirname, '../support/packDigest.ts');
    const digests = [
      ['UTC', '000'],
      ['Asia/Kathmandu', '022'],
      ['America/St_Johns', '077'],
    ].map(([zone, umask]) =>
      execFileSync(process.execPath, [script, path.join(folder, 't'), '/app', umask ?? ''], {
        env: { ...process.env, TZ: zone },
      }).toString(),
    );
    assert.match(digests[0] ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.equal(new Set(digests).size, 1);
  });

  it('287: gives another digest when one byte, mode, name or link is another', async () => {
    const changes: readonly ((root: string) => void)[] = [
      () => undefined,
      (root) => fs.writeFileSync(path.join(root, 'alpha-1'), '2'),
      (root) => fs.chmodSync(path.join(root, 'alpha-1'), 0o755),
      (root) => fs.renameSync(path.join(root, 'alpha-1'), path.join(root, 'alpha-2')),
      (root) => {
        fs.unlinkSync(path.join(root, 'link'));
        fs.symlinkSync('alpha/y', path.join(root, 'link'));
      },
      (root) => fs.rmdirSync(path.join(root, 'empty')),
    ];
    const digests = new Set<string>();
    for (const [at, change] of changes.entries()) {
      const root = path.join(folder, String(at));
      make(root, tree, 2020);
      change(root);
      digests.add((await packed(root, 'gzip'))[0]);
    }
    assert.equal(digests.size, changes.length);
  });
});

describe('compress', () => {
  it('287: gives the same bytes whatever pieces its input comes in', async function () {
    this.timeout(60_000);
    const input = Buffer.concat([
      seededBytes(9, 700_000),
      Buffer.alloc(600_000, 'text of a layer\n'),
      seededBytes(10, 5000),
    ]);
    const cut = fc.array(fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 600_000 })), {
      minLength: 1,
      maxLength: 30,
    });
    for (const compression of ['gzip', 'zstd'] as const) {
      const whole = digestOf(await bytesOf(compress(pieces(input, [input.length]), compression)));
      const property = fc.asyncProperty(cut, async (sizes) => {
        assert.equal(digestOf(await bytesOf(compress(pieces(input, sizes), compression))), whole);
      });
      await fc.assert(property, { numRuns: 12, seed: 287 });
    }
  });
});

/** The diffId of `tree` below `/app`: the same on every machine, for it depends on no compressor. */
const literalDiffId = 'sha256:1898ac02d44fb6b246658050f352731c7f96e63ec8661c2627b24dd5c6a82f75';

async function* pieces(input: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let round = 0; at < input.length; round++) {
    // Copies: what a stream gives may be written over later.
    const size = Math.max(sizes[round % sizes.length] ?? input.length, round > 1000 ? 100_000 : 1);
    yield new Uint8Array(input.subarray(at, at + size));
    at += size;
  }
}
