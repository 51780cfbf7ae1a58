import assert from 'node:assert/strict';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { LayerEntry, LayerIndex } from '../../src/archive/layerIndex.ts';
import { readTocOrReason } from '../../src/archive/toc.ts';
import { opens } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ByteRange, Io, LayerSource } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { EstargzFile, EstargzLayer } from '../support/estargz.ts';
import { testIo } from '../support/io.ts';

/** A store that holds a layer, and the ranges that were asked of it. */
export interface Watched {
  readonly source: LayerSource;
  readonly ranges: ByteRange[];
}

export async function storeOf({ blob, descriptor }: EstargzLayer): Promise<Watched> {
  const store = new MemoryStore();
  await store.push(descriptor, opens(blob), testIo());
  const ranges: ByteRange[] = [];
  const source: LayerSource = {
    fetch: (wanted, io) => store.fetch(wanted, io),
    fetchRange: (wanted, range, io) => {
      ranges.push(range);
      return store.fetchRange(wanted, range, io);
    },
  };
  return { source, ranges };
}

/** What `readTocOrReason` says of a layer in memory. */
export async function tocOf(layer: EstargzLayer): Promise<LayerIndex | string | undefined> {
  return readTocOrReason((await storeOf(layer)).source, layer.descriptor, testIo());
}

/** What a table of contents says; undefined where it is not used. */
export async function readToc(source: LayerSource, descriptor: Descriptor, io: Io): Promise<LayerIndex | undefined> {
  const found = await readTocOrReason(source, descriptor, io);
  return typeof found === 'string' ? undefined : found;
}

/** The index of a layer that has one. */
export async function indexOf(layer: EstargzLayer): Promise<LayerIndex> {
  const found = await tocOf(layer);
  if (typeof found === 'object') return found;
  throw new Error(found ?? 'no table of contents');
}

/** Why the table of contents of a layer is not used. */
export async function reasonOf(layer: EstargzLayer): Promise<string> {
  const found = await tocOf(layer);
  if (typeof found === 'string') return found;
  throw new Error('it is used');
}

/** A file's content, from nothing but the ranges that its chunks name. */
export function contentOf(blob: Buffer, index: LayerIndex, path: string): Buffer {
  const entry = entryAt(index, path);
  const unpack = index.compression === 'gzip' ? gunzipSync : zstdDecompressSync;
  const parts = (entry.chunks ?? []).map((chunk) => {
    const part = unpack(blob.subarray(chunk.start, chunk.end)).subarray(chunk.skip, chunk.skip + chunk.size);
    if (chunk.digest !== undefined) assert.equal(digestOf(part), chunk.digest);
    return part;
  });
  const content = Buffer.concat(parts);
  assert.equal(content.length, entry.size);
  if (entry.digest !== undefined) assert.equal(digestOf(content), entry.digest);
  return content;
}

export function entryAt(index: LayerIndex, path: string): LayerEntry {
  const found = index.entries.find((entry) => entry.path === path);
  assert.ok(found !== undefined, `no ${path}`);
  return found;
}

/** Entries without what a scan and a table of contents tell differently: where the content is. */
export function withoutPlaces(entries: readonly LayerEntry[]): readonly unknown[] {
  return entries.map((entry) =>
    Object.fromEntries(Object.entries(entry).filter(([member]) => member !== 'offset' && member !== 'chunks')),
  );
}

/** Some of everything. */
export const someFiles: readonly EstargzFile[] = [
  { name: 'etc/', type: 'dir', mode: 0o755, mtime: 1_700_000_000 },
  { name: 'etc/motd', content: Buffer.from('hello\n'), mtime: 1_700_000_001, uid: 7, gid: 8 },
  { name: './etc//empty', content: new Uint8Array() },
  { name: 'etc/link', type: 'symlink', mode: 0o777, linkname: '../etc/motd' },
  { name: 'etc/hard', type: 'hardlink', linkname: 'etc/motd' },
  { name: 'bin/', type: 'dir', mode: 0o1777 },
  { name: 'bin/ping', content: Buffer.alloc(3000, 'ping'), mode: 0o4755, xattrs: { 'user.a': 'yes', 'user.ä': 'ü' } },
  { name: 'bin/.wh.old', content: new Uint8Array() },
  { name: 'bin/.wh..wh..opq', content: new Uint8Array() },
  { name: 'dev/null', type: 'char', device: { major: 1, minor: 3 }, mode: 0o666 },
  { name: 'dev/sda', type: 'block', device: { major: 8, minor: 0 } },
  { name: 'dev/pipe', type: 'fifo' },
  { name: 'lib/größe "x"\\y', content: Buffer.from('a name with quotes and {braces}') },
  { name: `deep/${'d/'.repeat(80)}file`, content: Buffer.from('deep') },
  { name: 'lib/large', content: Buffer.alloc(300_000, 'a large file, ') },
];
