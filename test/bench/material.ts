import { createHash, randomFillSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

interface Written {
  readonly digest: string;
  readonly size: number;
}

/** Writes an OCI layout, tagged `bench`, of one image with `count` layers of `size` random bytes, in gzip without compression. */
export async function writeRandomImage(directory: string, count: number, size: number): Promise<void> {
  await mkdir(path.join(directory, 'blobs/sha256'), { recursive: true });
  const layers: object[] = [];
  const diffIds: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const raw = randomFillSync(Buffer.alloc(size));
    diffIds.push(`sha256:${sha256(raw)}`);
    const written = await writeBlob(directory, gzipSync(raw, { level: 0 }));
    layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...written });
  }
  const config = { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } };
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await writeJson(directory, config)) },
    layers,
  };
  const annotations = { 'org.opencontainers.image.ref.name': 'bench' };
  const entry = { mediaType: manifestType, ...(await writeJson(directory, manifest)), annotations };
  await writeFile(path.join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  await writeFile(path.join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}

/** Writes `count` files of `size` bytes cut out of real programs, machine code and JavaScript by turns, 100 in a folder. */
export async function writeFolder(directory: string, count: number, size: number): Promise<void> {
  const machine = await readFile(process.execPath);
  const script = await readFile(path.join(import.meta.dirname, '../../node_modules/typescript/lib/typescript.js'));
  for (let index = 0; index < count; index += 1) {
    const folder = path.join(directory, `d${Math.floor(index / 100)}`);
    if (index % 100 === 0) await mkdir(folder, { recursive: true });
    const pool = index % 2 === 0 ? machine : script;
    const start = (index * 7919) % (pool.length - size);
    await writeFile(path.join(folder, `f${index}`), pool.subarray(start, start + size));
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function writeJson(directory: string, value: object): Promise<Written> {
  return writeBlob(directory, Buffer.from(JSON.stringify(value)));
}

async function writeBlob(directory: string, bytes: Uint8Array): Promise<Written> {
  const encoded = sha256(bytes);
  await writeFile(path.join(directory, 'blobs/sha256', encoded), bytes);
  return { digest: `sha256:${encoded}`, size: bytes.length };
}
