import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { contentInChunks, contentInTar } from '../../src/archive/entryContent.ts';
import type { ContentChunk, LayerEntry } from '../../src/archive/layerIndex.ts';
import type { ByteRange, ByteStream } from '../../src/content/store.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { bytesOf } from '../support/layerBlobs.ts';
import { entry } from '../support/layers.ts';
import { seededBytes } from '../support/seededImage.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A blob whose gzip members hold `padding` bytes, then a chunk, for each chunk of a file; members may hold several. */
function chunked(content: Buffer, chunkBytes: number, chunksInMember: number): { blob: Buffer; file: LayerEntry } {
  const chunks: ContentChunk[] = [];
  const members: Buffer[] = [];
  const perMember = chunkBytes * chunksInMember;
  let start = 0;
  for (let from = 0; from < content.length; from += perMember) {
    const padding = Buffer.alloc(512, 'h');
    const parts = content.subarray(from, from + perMember);
    const member = gzipSync(Buffer.concat([padding, parts, Buffer.alloc(100)]));
    for (let at = 0; at < parts.length; at += chunkBytes) {
      const bytes = parts.subarray(at, at + chunkBytes);
      const place = { start, end: start + member.length, skip: 512 + at, offset: from + at, size: bytes.length };
      chunks.push({ ...place, digest: digestOf(bytes) });
    }
    members.push(member);
    start += member.length;
  }
  const file = entry({ path: 'f', size: content.length, offset: -1, digest: digestOf(content), chunks });
  return { blob: Buffer.concat(members), file };
}

interface Opened {
  readonly ranges: ByteRange[];
  readonly open: (range: ByteRange) => Promise<ByteStream>;
}

function opening(blob: Buffer, pieceBytes = 1000): Opened {
  const ranges: ByteRange[] = [];
  const open = async (range: ByteRange): Promise<ByteStream> => {
    ranges.push(range);
    return pieces(blob.subarray(range.start, range.end), pieceBytes);
  };
  return { ranges, open };
}

describe('contentInTar', () => {
  const tar = seededBytes(1, 10_000);

  it('gives out just the file, however the tar comes in pieces', async () => {
    const content = tar.subarray(3000, 5000);
    const file = entry({ path: 'f', size: 2000, offset: 3000, digest: digestOf(content) });
    for (const size of [1, 7, 512, 2999, 3001, 10_000]) {
      assert.ok((await bytesOf(contentInTar(file, pieces(tar, size)))).equals(content), `pieces of ${size}`);
    }
  });

  it('200 reads no further than the end of the file, and closes the stream', async () => {
    let read = 0;
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) {
          read++;
          yield new Uint8Array(1000);
        }
      } finally {
        closed = true;
      }
    }
    const file = entry({ path: 'f', size: 2000, offset: 3000, digest: digestOf(new Uint8Array(2000)) });
    assert.equal((await bytesOf(contentInTar(file, endless()))).length, 2000);
    assert.deepEqual([read, closed], [5, true]);
  });

  it('puts the holes of a sparse file where they belong', async () => {
    const fragments = [
      { offset: 10, size: 5 },
      { offset: 20, size: 3 },
    ];
    const file = entry({ path: 'f', size: 30, offset: 100, fragments });
    const expected = Buffer.alloc(30);
    tar.copy(expected, 10, 100, 105);
    tar.copy(expected, 20, 105, 108);
    assert.deepEqual(await bytesOf(contentInTar(file, pieces(tar, 64))), expected);
  });

  it('refuses content that is not what the digest says', async () => {
    const file = entry({ path: 'f', size: 2000, offset: 3000, digest: digestOf(tar) });
    await assert.rejects(bytesOf(contentInTar(file, pieces(tar, 512))), { code: 'content-mismatch' });
  });

  it('refuses a tar that ends before the file does', async () => {
    const file = entry({ path: 'f', size: 2000, offset: 9000 });
    const expected = { code: 'corrupt-archive', message: 'it ends at byte 10000, before byte 11000.' };
    await assert.rejects(bytesOf(contentInTar(file, pieces(tar, 512))), expected);
  });
});

describe('contentInChunks', () => {
  it('reads neighbouring chunks with one range, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 100, max: 3000 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 2000 }),
        async (size, chunkBytes, chunksInMember, pieceBytes) => {
          const content = seededBytes(size, size);
          const { blob, file } = chunked(content, chunkBytes, chunksInMember);
          const { ranges, open } = opening(blob, pieceBytes);
          assert.ok((await bytesOf(contentInChunks(file, open))).equals(content));
          assert.deepEqual(ranges, [{ start: 0, end: blob.length }]);
        },
      ),
    );
  });

  it('200 reads no further in a member than its chunk, and closes the range', async () => {
    const content = Buffer.from('a small file');
    const blob = gzipSync(Buffer.concat([Buffer.alloc(512), content, seededBytes(5, 16 << 20)]), { level: 0 });
    const chunk = { start: 0, end: blob.length, skip: 512, offset: 0, size: content.length, digest: digestOf(content) };
    const [seen, file] = [{ bytes: 0, closed: false }, entry({ path: 'f', size: content.length, chunks: [chunk] })];
    async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for await (const piece of pieces(blob, 64 << 10)) {
          seen.bytes += piece.length;
          yield piece;
        }
      } finally {
        seen.closed = true;
      }
    }
    assert.ok((await bytesOf(contentInChunks(file, () => Promise.resolve(watched())))).equals(content));
    assert.ok(seen.bytes < 2 << 20 && seen.closed, `${seen.bytes} bytes`);
  });

  it('reads chunks that lie apart one by one', async () => {
    const content = seededBytes(3, 3000);
    const { blob, file } = chunked(content, 1000, 1);
    const gap = Buffer.alloc(50);
    const [first, ...rest] = file.chunks ?? [];
    assert.ok(first !== undefined);
    const moved = rest.map((chunk) => ({ ...chunk, start: chunk.start + 50, end: chunk.end + 50 }));
    const apart = Buffer.concat([blob.subarray(0, first.end), gap, blob.subarray(first.end)]);
    const { ranges, open } = opening(apart);
    assert.ok((await bytesOf(contentInChunks({ ...file, chunks: [first, ...moved] }, open))).equals(content));
    assert.equal(ranges.length, 2);
  });

  const content = seededBytes(4, 3000);
  const { blob, file } = chunked(content, 1000, 1);
  const chunks = file.chunks ?? [];
  const without = chunks.map(({ start, end, skip, offset, size }) => ({ start, end, skip, offset, size }));

  it('trusts the digest of the whole file where the chunks have none', async () => {
    assert.ok((await bytesOf(contentInChunks({ ...file, chunks: without }, opening(blob).open))).equals(content));
    const wrong = { ...file, chunks: without, digest: digestOf(blob) };
    await assert.rejects(bytesOf(contentInChunks(wrong, opening(blob).open)), { code: 'content-mismatch' });
  });

  const unvouched = entry({ path: 'f', size: file.size, offset: -1 });
  const lies: readonly (readonly [string, LayerEntry, string])[] = [
    ['that nothing vouches for', { ...unvouched, chunks: without }, 'content-mismatch'],
    [
      'of which a chunk has another digest',
      { ...file, chunks: changed({ digest: digestOf(blob) }) },
      'content-mismatch',
    ],
    ['of which a chunk begins elsewhere', { ...file, chunks: changed({ skip: 511 }) }, 'content-mismatch'],
    [
      'of which a chunk is longer than its member',
      { ...file, chunks: changed({ size: 2000 }).slice(0, 2) },
      'corrupt-archive',
    ],
    ['of which a chunk is missing', { ...file, chunks: chunks.slice(1) }, 'corrupt-archive'],
    ['of which a chunk comes twice', { ...file, chunks: [...chunks, ...chunks.slice(2)] }, 'corrupt-archive'],
    ['that has no chunks', { ...file, chunks: [] }, 'corrupt-archive'],
    ['of which a chunk is no gzip member', { ...file, chunks: changed({ start: 5, end: 900 }) }, 'corrupt-archive'],
  ];
  for (const [what, lying, code] of lies) {
    it(`refuses a file ${what}`, async () => {
      await assert.rejects(bytesOf(contentInChunks(lying, opening(blob).open)), { code });
    });
  }

  function changed(members: Partial<ContentChunk>): readonly ContentChunk[] {
    return chunks.map((chunk, at) => (at === 1 ? { ...chunk, ...members } : chunk));
  }
});
