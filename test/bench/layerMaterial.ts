import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf, encodedOf, Hasher } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { type EstargzFile, writeEstargz } from '../support/estargz.ts';
import { tarEntryHead } from '../support/tarEntryHead.ts';

/** Writes the blob of a layer to a file and returns its descriptor. */
export type WriteLayer = (file: string) => Promise<Descriptor>;

/** Files cut out of real programs, machine code and JavaScript by turns, 100 in a folder; `size` gives the bytes of each. */
export async function* programFiles(
  count: number,
  size: (index: number) => number,
): AsyncGenerator<EstargzFile, void, undefined> {
  const machine = await readFile(process.execPath);
  const script = await readFile(path.join(import.meta.dirname, '../../node_modules/typescript/lib/typescript.js'));
  for (let index = 0; index < count; index++) {
    const folder = `usr/share/d${Math.floor(index / 100)}/`;
    if (index % 100 === 0) yield { name: folder, type: 'dir', mode: 0o755 };
    const pool = index % 2 === 0 ? machine : script;
    const start = (index * 7919) % (pool.length - size(index));
    yield { name: `${folder}file${index}.txt`, content: pool.subarray(start, start + size(index)) };
  }
}

/** A layer as docker pushes it: gzip, level 6. */
export function gzipLayer(files: AsyncIterable<EstargzFile>): WriteLayer {
  return async (file) => {
    const hasher = new Hasher();
    let size = 0;
    const counted = async function* (stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const chunk of stream) {
        hasher.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    };
    await pipeline(Readable.from(tarOf(files)), createGzip(), counted, createWriteStream(file));
    return { mediaType: mediaTypes.layerGzip, digest: hasher.digest(), size };
  };
}

/** The same files as eStargz. */
export function estargzLayer(files: AsyncIterable<EstargzFile>): WriteLayer {
  return (file) => writeEstargz(file, files);
}

async function* tarOf(files: AsyncIterable<EstargzFile>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const file of files) {
    const { length } = file.content ?? [];
    yield tarEntryHead(file);
    if (file.content !== undefined) yield file.content;
    yield Buffer.alloc((512 - (length % 512)) % 512);
  }
  yield Buffer.alloc(1024);
}

/** Writes an OCI layout, tagged `bench`, of one image with one layer. */
export async function writeLayerImage(directory: string, write: WriteLayer): Promise<Descriptor> {
  const blobs = path.join(directory, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const unnamed = path.join(directory, 'layer');
  const layer = await write(unnamed);
  await rename(unnamed, path.join(blobs, encodedOf(layer.digest)));
  const put = async (value: object, mediaType: string): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = digestOf(bytes);
    await writeFile(path.join(blobs, encodedOf(digest)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const root = { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [layer.digest] } };
  const config = await put(root, mediaTypes.config);
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
  const entry = await put(manifest, mediaTypes.manifest);
  const annotations = { 'org.opencontainers.image.ref.name': 'bench' };
  await writeFile(
    path.join(directory, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, annotations }] }),
  );
  await writeFile(path.join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return layer;
}
