import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseIndexFile, writeIndexFile } from '../../src/archive/indexFile.ts';
import type { LayerEntry, LayerIndex } from '../../src/archive/layerIndex.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { entry, layerOf } from '../support/layers.ts';

const key = digestOf(Buffer.from('a layer'));
const content = digestOf(Buffer.from('content'));
const long = `sha512:${'ab'.repeat(64)}` as const;

async function fileOf(index: LayerIndex): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  // What is passed on is used again afterwards.
  await writeIndexFile(index, key, async (bytes) => void pieces.push(Uint8Array.from(bytes)));
  return Buffer.concat(pieces);
}

async function again(index: LayerIndex): Promise<LayerIndex | undefined> {
  return parseIndexFile(await fileOf(index), key);
}

const all: readonly LayerEntry[] = [
  entry({ path: '', type: 'directory' }),
  entry({ path: 'etc/passwd', size: 7, digest: content, offset: 512, mode: 0o4755, uid: 2 ** 40, gid: 65_534 }),
  entry({ path: 'etc/größe-漢字-😀', size: 2 ** 40, digest: long, offset: 2 ** 41, mtime: -8.64e12 }),
  entry({ path: 'bytes \udc80\udcff', type: 'symlink', linkname: 'to \udcfe' }),
  entry({ path: 'empty', type: 'symlink', linkname: '' }),
  entry({ path: 'hard', type: 'hardlink', linkname: 'etc/passwd', digest: content }),
  entry({ path: 'dev/null', type: 'char', device: { major: 1, minor: 3 } }),
  entry({ path: 'odd', type: 'other', typeflag: 'Z', unsafe: '../\udc80odd' }),
  entry({ path: 'holes', size: 1 << 30, fragments: [{ offset: 4096, size: 512 }] }),
  entry({ path: 'bin/ping', xattrs: { 'security.capability': '01000002', 'user.\udc80': '' } }),
  entry({ path: 'bin/ping6', xattrs: { 'security.capability': '01000002', 'user.\udc80': '' } }),
  entry({
    path: 'chunked',
    size: 9,
    offset: -1,
    digest: content,
    chunks: [
      { start: 2 ** 33, end: 2 ** 33 + 50, skip: 512, offset: 0, size: 5, digest: content },
      { start: 2 ** 33 + 50, end: 2 ** 33 + 90, skip: 0, offset: 5, size: 4 },
    ],
  }),
  entry({ path: 'none', chunks: [] }),
];

describe('writeIndexFile', () => {
  it('keeps every member of every kind of entry', async () => {
    const index: LayerIndex = {
      compression: 'zstd',
      tarSize: 2 ** 41,
      entries: all,
      problems: ['Data \udc80 after it.'],
    };
    assert.deepEqual(await again(index), index);
  });

  it('keeps an index without entries, and one without a size', async () => {
    const index: LayerIndex = { compression: 'gzip', entries: [], problems: [] };
    assert.deepEqual(await again(index), index);
  });

  it('keeps the order of many entries', async () => {
    const index = layerOf(
      ...Array.from({ length: 20_000 }, (_, at) => ({ path: `d${at % 7}/${'x'.repeat(at % 90)}${at}` })),
    );
    assert.deepEqual(await again(index), index);
  });

  it('writes few entries at a time where their attributes are long, so that others get their turns', async () => {
    const xattrs = (at: number) => ({ 'user.a': String(at % 10).repeat(800_000) });
    const index = layerOf(...Array.from({ length: 20 }, (_, at) => ({ path: `f${at}`, xattrs: xattrs(at) })));
    let most = 0;
    await writeIndexFile(index, key, async ({ length }) => void (most = Math.max(most, length)));
    assert.ok(most < 2 << 20, `${most} bytes`);
    assert.deepEqual(await again(index), index);
  });

  it('keeps any name', async () => {
    const unit = fc.oneof(fc.integer({ min: 1, max: 0x7f }), fc.integer({ min: 0x80, max: 0xffff }));
    const name = fc.array(unit, { maxLength: 30 }).map((units) => String.fromCharCode(...units));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, fc.option(name, { nil: undefined })), { maxLength: 30 }),
        async (names) => {
          const specs = names.map(([path, linkname]) => ({ path, ...(linkname === undefined ? {} : { linkname }) }));
          const index = layerOf(...specs);
          assert.deepEqual(await again(index), index);
        },
      ),
    );
  });
});

describe('parseIndexFile', () => {
  it('does not take the file of another layer', async () => {
    const bytes = await fileOf(layerOf({ path: 'a' }));
    assert.equal(await parseIndexFile(bytes, digestOf(Buffer.from('another layer'))), undefined);
  });

  it('reads a file that does not begin at an even address', async () => {
    const index = layerOf({ path: 'a', size: 3 });
    const bytes = await fileOf(index);
    const shifted = Buffer.concat([Buffer.of(0), bytes]).subarray(1);
    assert.deepEqual(await parseIndexFile(shifted, key), index);
  });

  it('takes no file that was cut short', async () => {
    const bytes = await fileOf(layerOf(...all));
    for (let end = 0; end < bytes.length; end += 7) {
      assert.equal(await parseIndexFile(bytes.subarray(0, end), key), undefined, `${end} bytes`);
    }
  });

  it('takes no file in which anything was changed', async () => {
    const bytes = await fileOf(layerOf(...all));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ change, at);
        assert.equal(await parseIndexFile(changed, key), undefined);
      }),
    );
  });

  it('takes nothing that is no index, though its digest is right', async () => {
    const numbers = (...values: readonly number[]): Buffer => Buffer.from(Float64Array.from(values).buffer);
    const json = (value: unknown): Buffer => {
      const text = Buffer.from(JSON.stringify(value).padEnd(160));
      return Buffer.concat([numbers(text.length), text]);
    };
    const magic = numbers(0x67616e747279, 1);
    const head = json({ key, index: {}, entries: 1e9 });
    for (const parts of [
      [],
      [Buffer.from('no index')],
      [numbers(0x67616e747279, 2), head],
      [magic, numbers(1e9)],
      [magic, numbers(NaN)],
      [magic, numbers(8), Buffer.from('no JSON!')],
      [magic, json(null)],
      [magic, head],
      [magic, head, json({ entries: 1 })],
      [magic, head, json({ entries: 1e9, chunks: 0, rare: [], texts: [] })],
      [magic, head, json({ entries: 0, chunks: -1, rare: [], texts: [] })],
      [magic, json({ key, index: {}, entries: 0 }), Buffer.alloc(8)],
    ]) {
      const body = Buffer.concat(parts);
      const bytes = Buffer.concat([body, Buffer.from(digestOf(body))]);
      assert.equal(await parseIndexFile(bytes, key), undefined);
    }
  });
});
