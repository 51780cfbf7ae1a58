import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { extract } from 'tar-stream';
import type { ByteStream } from '../../src/content/store.ts';
import { type LayerFile, packLayer, type PackedLayer, type PackOptions } from '../../src/archive/pack.ts';
import { Spool } from '../../src/archive/spool.ts';
import { testIo } from './io.ts';
import { newTempDir, removeTempDir } from './tempDir.ts';

/** One entry as a reader of the tar sees it. */
export interface ReadEntry {
  readonly name: string;
  readonly type: string;
  readonly mode: string;
  readonly owner: string;
  readonly mtime: number;
  readonly link: string;
  readonly content: string;
}

/** All bytes of a stream. */
export async function bytesOf(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The entries of an uncompressed tar. */
export async function entriesOf(tar: Uint8Array): Promise<readonly ReadEntry[]> {
  const reader = extract();
  const entries: ReadEntry[] = [];
  reader.end(tar);
  for await (const entry of reader) {
    const { name, type, mode, uid, gid, mtime, linkname } = entry.header;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(chunk);
    const content = Buffer.concat(chunks).toString('latin1');
    entries.push({
      name: name.replace(/\/$/, ''),
      type,
      mode: mode.toString(8),
      owner: `${uid}:${gid}`,
      mtime: mtime.getTime() / 1000,
      link: typeof linkname === 'string' ? linkname : '',
      content,
    });
  }
  return entries;
}

/** Packs with a spool of its own. `action` gets the layer while its content can be opened. */
export async function withLayer<T>(
  files: readonly LayerFile[],
  options: PackOptions,
  action: (layer: PackedLayer) => Promise<T>,
): Promise<T> {
  const folder = await newTempDir();
  const spool = new Spool(folder);
  try {
    return await action(await packLayer(files, options, spool, testIo()));
  } finally {
    await spool[Symbol.asyncDispose]();
    await removeTempDir(folder);
  }
}

/** The entries of an uncompressed layer of these files. */
export async function packedEntries(
  files: readonly LayerFile[],
  options: Partial<PackOptions> = {},
): Promise<readonly ReadEntry[]> {
  return withLayer(files, { ...options, compression: 'none' }, async (layer) =>
    entriesOf(await bytesOf(await layer.open())),
  );
}

/** What Python's tarfile reads of an uncompressed tar: an implementation that shares no code with this one. */
export function pythonEntries(tar: Uint8Array): readonly unknown[] {
  const script = path.join(import.meta.dirname, 'listTar.py');
  const { stdout, stderr, status } = spawnSync('python3', [script], { input: tar, maxBuffer: 64 << 20 });
  if (status !== 0) throw new Error(stderr.toString('utf8'));
  const listed: unknown = JSON.parse(stdout.toString('utf8'));
  return Array.isArray(listed) ? listed : [];
}
