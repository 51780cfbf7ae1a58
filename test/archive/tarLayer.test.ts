import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Spool } from '../../src/archive/spool.ts';
import { packTar } from '../../src/archive/tarLayer.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { testIo } from '../support/io.ts';
import { bytesOf, entriesOf } from '../support/layerTools.ts';
import { seededBytes, tarOf } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';

const tar = tarOf('file', seededBytes(1, 400_000));
const ways = { gzip: gzipSync(tar), zstd: zstdCompressSync(tar), none: tar } as const;

function isOpen(file: string): boolean {
  return fs.readdirSync('/proc/self/fd').some((number) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${number}`) === file;
    } catch {
      return false;
    }
  });
}

describe('packTar', () => {
  let folder = '';
  let spool: Spool;
  beforeEach(async () => {
    folder = fs.realpathSync(await newTempDir());
    spool = new Spool(path.join(folder, 'spool'));
  });
  afterEach(async () => {
    await spool[Symbol.asyncDispose]();
    await removeTempDir(folder);
  });

  function write(name: string, bytes: Uint8Array): string {
    fs.writeFileSync(path.join(folder, name), bytes);
    return path.join(folder, name);
  }

  for (const compression of ['gzip', 'zstd'] as const) {
    it(`195: keeps a tar that is ${compression} as it is, whatever its name says`, async () => {
      const file = write('layer.tar', ways[compression]);
      const layer = await packTar(file, { compression: 'none' }, spool, testIo());
      const { open, ...rest } = layer;
      assert.deepEqual(rest, {
        digest: digestOf(ways[compression]),
        diffId: digestOf(tar),
        size: ways[compression].length,
        compression,
        entries: 1,
        contents: ['layer.tar'],
        leaving: [],
      });
      assert.equal(digestOf(await bytesOf(await open())), layer.digest);
      assert.equal(digestOf(await bytesOf(await open())), layer.digest);
      assert.equal(fs.existsSync(path.join(folder, 'spool')), false);
    });
  }

  it('195: says the digest of the whole file where zeros follow the gzip data', async () => {
    const bytes = Buffer.concat([ways.gzip, Buffer.alloc(3 << 20)]);
    const layer = await packTar(write('padded.tgz', bytes), { compression: 'gzip' }, spool, testIo());
    assert.deepEqual([layer.digest, layer.diffId, layer.size], [digestOf(bytes), digestOf(tar), bytes.length]);
  });

  it('closes the file when it is cancelled in the middle', async function () {
    if (!fs.existsSync('/proc/self/fd')) return this.skip();
    const file = write('zeros.tgz', gzipSync(tarOf('file', Buffer.alloc(64 << 20)), { level: 1 }));
    const controller = new AbortController();
    const onBytes = (): void => void setImmediate(() => controller.abort(new Error('enough')));
    // What is forgotten is closed too, but late and with a warning.
    const warnings: string[] = [];
    const hear = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', hear);
    try {
      await assert.rejects(packTar(file, { compression: 'gzip', onBytes }, spool, controller), /^Error: enough$/);
      for (let turns = 0; isOpen(file) && turns < 1000; turns++) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('warning', hear);
    }
    assert.deepEqual([isOpen(file), warnings], [false, []]);
  });

  it('compresses a plain tar as asked', async () => {
    const file = write('layer.tar', tar);
    const packed = await packTar(file, { compression: 'gzip' }, spool, testIo());
    assert.equal(packed.compression, 'gzip');
    assert.equal(packed.diffId, digestOf(tar));
    const bytes = await bytesOf(await packed.open());
    assert.equal(digestOf(bytes), packed.digest);
    assert.equal(bytes.subarray(0, 2).toString('hex'), '1f8b');
    const plain = await packTar(file, { compression: 'none' }, spool, testIo());
    assert.deepEqual([plain.digest, plain.diffId, plain.compression], [digestOf(tar), digestOf(tar), 'none']);
    assert.deepEqual((await entriesOf(await bytesOf(await plain.open()))).length, 1);
  });

  it('194: refuses what is no tar, also behind a compression, naming the file', async () => {
    const cases = {
      text: Buffer.from('hello'),
      zip: Buffer.from('PK\x03\x04'.padEnd(600)),
      empty: Buffer.alloc(0),
      packed: gzipSync('hello'),
    };
    for (const [name, bytes] of Object.entries(cases)) {
      const file = write(name, bytes);
      await assert.rejects(packTar(file, { compression: 'gzip' }, spool, testIo()), (error) => {
        assert.ok(error instanceof Error && 'code' in error);
        assert.equal(error.code, 'corrupt-archive', name);
        assert.ok(
          error.message.startsWith(`cannot use ${JSON.stringify(file)} as a layer: it is no tar: `),
          error.message,
        );
        return true;
      });
    }
    await assert.rejects(packTar(folder, { compression: 'gzip' }, spool, testIo()), { code: 'corrupt-archive' });
    await assert.rejects(packTar(path.join(folder, 'none'), { compression: 'gzip' }, spool, testIo()), {
      code: 'not-found',
    });
  });

  it('183: refuses a tar that is cut short', async () => {
    for (const [name, bytes] of Object.entries(ways)) {
      const file = write(name, bytes.subarray(0, 200_000));
      await assert.rejects(packTar(file, { compression: 'gzip' }, spool, testIo()), { code: 'corrupt-archive' }, name);
    }
  });

  it('206: says that xz is not supported', async () => {
    const file = write('layer.tar.xz', Buffer.from('fd377a585a00'.padEnd(1200, '0'), 'hex'));
    await assert.rejects(packTar(file, { compression: 'gzip' }, spool, testIo()), {
      code: 'unsupported-media-type',
      message: `cannot use "${file}" as a layer: xz is not supported. Compress with gzip or zstd.`,
    });
  });

  it('283: fails where the tar has changed since it was read', async () => {
    const file = write('layer.tgz', ways.gzip);
    const layer = await packTar(file, { compression: 'gzip' }, spool, testIo());
    fs.appendFileSync(file, 'x');
    const stream = await layer.open();
    await assert.rejects(bytesOf(stream), { code: 'content-mismatch' });
  });
});
