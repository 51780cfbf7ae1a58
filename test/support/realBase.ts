import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ImageStore, Io } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { putContent, putJson } from './seededImage.ts';

/** The program that a real base image is made for: it prints its arguments. */
export const realProgram = '/bin/echo';

/**
 * An index for linux/amd64 and linux/arm64 whose layers GNU tar made of this machine's own files: the C library that
 * `realProgram` needs, and time zones. The second platform has the files under another name.
 */
export async function putRealBase(store: ImageStore, tag: string, io: Io): Promise<Descriptor> {
  const libraries = librariesOf(realProgram);
  const manifests = [];
  for (const [architecture, prefix] of [
    ['amd64', ''],
    ['arm64', 'other'],
  ] as const) {
    const layers = [tarGz(libraries, prefix), tarGz(['/usr/share/zoneinfo/Europe'], prefix)];
    manifests.push({
      ...(await putBaseImage(store, architecture, layers, io)),
      platform: { os: 'linux', architecture },
    });
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests, annotations: { kind: 'real' } };
  const descriptor = await putJson(store, index, io);
  await store.tag(descriptor, tag, io);
  return descriptor;
}

async function putBaseImage(
  store: ImageStore,
  architecture: string,
  layers: readonly Buffer[],
  io: Io,
): Promise<Descriptor> {
  const config = {
    architecture,
    os: 'linux',
    created: '2020-09-13T12:26:40Z',
    config: { Env: ['PATH=/usr/bin:/bin'], WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => digestOf(gunzipSync(layer))) },
    history: layers.map((_, at) => ({ created: '2020-09-13T12:26:40Z', created_by: `ADD layer ${at}` })),
  };
  const pushed: Descriptor[] = [];
  for (const layer of layers) pushed.push(await putContent(store, layer, mediaTypes.layerGzip, io));
  const configBlob = await putContent(store, Buffer.from(JSON.stringify(config)), mediaTypes.config, io);
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: configBlob, layers: pushed };
  return putJson(store, manifest, io);
}

/** What the dynamic loader needs to run a program. */
function librariesOf(program: string): readonly string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/[^\s)]+)/g);
  return [...new Set([...listed].map((match) => match[1] ?? ''))].filter((file) => existsSync(file));
}

function tarGz(files: readonly string[], prefix: string): Buffer {
  const moved = prefix === '' ? [] : [`--transform=s,^,${prefix}/,`];
  const names = files.map((file) => path.relative('/', file));
  const args = ['-C', '/', '--sort=name', '--owner=0', '--group=0', ...moved, '-chz', ...names];
  return execFileSync('tar', args, { maxBuffer: 64 << 20 });
}
