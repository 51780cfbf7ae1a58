import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LayerIndex } from '../../src/archive/layerIndex.ts';
import { digestOf, isDigest } from '../../src/oci/digest.ts';
import { estargzOf, type Toc } from '../support/estargz.ts';
import { zstdChunkedOf } from '../support/zstdChunked.ts';
import { tocOf } from './tocContent.ts';

const files = [
  { name: 'd/', type: 'dir' },
  { name: 'd/large', content: Buffer.alloc(2500, 'large') },
  { name: 'd/small', content: Buffer.from('small'), xattrs: { 'user.x': 'y' }, mtime: 1_700_000_000 },
  { name: 'd/link', type: 'symlink', linkname: 'small' },
  { name: 'd/tty', type: 'char', device: { major: 5, minor: 0 } },
] as const;

const members = [
  ...['name', 'type', 'size', 'mode', 'uid', 'gid', 'modtime', 'linkName', 'xattrs', 'devMajor', 'digest'],
  ...['offset', 'innerOffset', 'endOffset', 'chunkOffset', 'chunkSize', 'chunkDigest'],
];
const interesting = [0, 1, 512, 1000, 2 ** 53 - 1, 'chunk', 'reg', 'dir', 'd/large', '', '..', digestOf(Buffer.of())];

function edited(toc: Toc, at: number, member: string, value: unknown): Toc {
  return { ...toc, entries: toc.entries.map((entry, n) => (n === at ? { ...entry, [member]: value } : entry)) };
}

/** What whoever uses an index relies on. */
function checkIndex({ entries, problems }: LayerIndex, blobSize: number): void {
  assert.deepEqual(problems, []);
  assert.equal(new Set(entries.map(({ path }) => path)).size, entries.length);
  for (const { path, type, size, mode, uid, gid, mtime, digest, chunks } of entries) {
    assert.ok(path === '' || path.split('/').every((name) => !['', '.', '..'].includes(name)), path);
    for (const number of [size, mode, uid, gid]) assert.ok(Number.isSafeInteger(number) && number >= 0);
    assert.ok(mode <= 0o7777 && Number.isSafeInteger(mtime) && (type === 'file' || size === 0));
    assert.equal(chunks === undefined, size === 0);
    let at = 0;
    for (const chunk of chunks ?? []) {
      assert.ok(chunk.start >= 0 && chunk.start < chunk.end && chunk.end < blobSize);
      assert.ok(chunk.skip >= 0 && chunk.size > 0 && chunk.offset === at);
      assert.ok(isDigest(chunk.digest) || isDigest(digest));
      at += chunk.size;
    }
    assert.equal(at, size);
  }
}

describe('readTocOrReason of any layer', () => {
  it('gives an index that holds together, or none, whatever an entry says', async () => {
    const kinds = new Set<string>();
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.integer({ min: -2, max: 3000 }),
      fc.constantFrom(...interesting),
    );
    const member = fc.constantFrom(...members);
    const edits = fc.array(fc.tuple(fc.nat(7), member, values), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(edits, fc.boolean(), async (changes, isZstd) => {
        const change = (toc: Toc): unknown =>
          changes.reduce((now, [at, name, value]) => edited(now, at, name, value), toc);
        const layer = isZstd
          ? zstdChunkedOf(files, { chunkBytes: 1000, change })
          : await estargzOf(files, { chunkBytes: 1000, memberBytes: 1500, change });
        const found = await tocOf(layer);
        kinds.add(typeof found);
        if (typeof found === 'object') checkIndex(found, layer.blob.length);
        else assert.match(found ?? '', /^the table of contents is not used: /);
      }),
      { seed: 1, numRuns: 500 },
    );
    assert.deepEqual([...kinds].sort(), ['object', 'string']);
  });

  it('gives none where a byte of the table or the footer is another', async () => {
    const { blob, descriptor } = await estargzOf(files);
    const whole = await tocOf({ blob, descriptor });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 255 }), async (back, flip) => {
        const other = Buffer.from(blob);
        const at = other.length - back;
        other.writeUInt8(other.readUInt8(at) ^ flip, at);
        // The store gives out parts unverified, as a registry does.
        const found = await tocOf({ blob: other, descriptor: { ...descriptor, digest: digestOf(other) } });
        if (typeof found === 'object') assert.deepEqual(found, whole);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
