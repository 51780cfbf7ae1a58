import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ImageStore, Io } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { DebianPackages } from './debianPackages.ts';
import { putContent, putJson } from './seededImage.ts';

/** A layer: packages by the names they have had, and what their scripts would have made. */
interface LayerRecipe {
  readonly packages: readonly (readonly string[])[];
  readonly finish?: (root: string) => void;
}

type LayerName = 'static' | 'libc' | 'cxx' | 'musl';

const layers: Readonly<Record<LayerName, LayerRecipe>> = {
  static: { packages: [['base-files'], ['netbase'], ['ca-certificates']], finish: finishStatic },
  // Newer releases of OpenSSL need the two compressors.
  libc: { packages: [['libc6'], ['libssl3', 'libssl3t64'], ['zlib1g'], ['libzstd1']] },
  cxx: { packages: [['libgcc-s1'], ['libstdc++6']] },
  musl: { packages: [['musl'], ['busybox-static']], finish: finishShell },
};
const layerNames: readonly LayerName[] = ['static', 'libc', 'cxx', 'musl'];

export type DebianBase = 'static' | 'base' | 'cc' | 'shell';

/** What each base is made of. */
const stacks: Readonly<Record<DebianBase, readonly LayerName[]>> = {
  static: ['static'],
  base: ['static', 'libc'],
  cc: ['static', 'libc', 'cxx'],
  shell: ['static', 'musl'],
};
export const debianBases: readonly DebianBase[] = ['static', 'base', 'cc', 'shell'];

/** User and group that the bases name. */
export const baseUser = '65532:65532';

/** Packages, unpacked: what the layers hold. */
export interface DebianRoots {
  readonly architecture: string;
  /** The folder with the files of a layer. */
  readonly root: (layer: LayerName) => string;
}

/** Downloads and unpacks what the bases are made of. @throws PackagesUnavailable */
export async function unpackDebian(architecture: string, folder: string): Promise<DebianRoots> {
  const names = Object.values(layers).flatMap(({ packages }) => packages);
  const debian = await DebianPackages.download(architecture, names, path.join(folder, `apt-${architecture}`));
  const root = (layer: LayerName): string => path.join(folder, `root-${architecture}`, layer);
  for (const name of layerNames) {
    const recipe = layers[name];
    mkdirSync(root(name), { recursive: true });
    // Newer releases have links from /lib to /usr/lib in base-files, and nothing in /lib but through them.
    for (const each of recipe.packages) await debian.unpack(each, root(name));
    recipe.finish?.(root(name));
  }
  return { architecture, root };
}

/** Stores the bases, each an index with an image for each architecture, and tags them with their names. */
export async function putDebianBases(store: ImageStore, all: readonly DebianRoots[], io: Io): Promise<void> {
  const images = new Map<DebianBase, Descriptor[]>();
  for (const roots of all) {
    const packed = new Map<LayerName, PackedRoot>();
    for (const name of layerNames) {
      const tar = tarOf(roots.root(name));
      const gz = await putContent(store, gzipSync(tar, { level: 1 }), mediaTypes.layerGzip, io);
      packed.set(name, { gz, diffId: digestOf(tar) });
    }
    for (const base of debianBases) {
      const parts = stacks[base].flatMap((name) => packed.get(name) ?? []);
      const image = await putBase(store, roots.architecture, parts, io);
      images.set(base, [...(images.get(base) ?? []), image]);
    }
  }
  for (const [base, manifests] of images) {
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
    await store.tag(await putJson(store, index, io), base, io);
  }
}

interface PackedRoot {
  readonly gz: Descriptor;
  readonly diffId: string;
}

async function putBase(
  store: ImageStore,
  architecture: string,
  parts: readonly PackedRoot[],
  io: Io,
): Promise<Descriptor> {
  const platform = { os: 'linux', architecture };
  const config = {
    ...platform,
    created: '2020-09-13T12:26:40Z',
    config: {
      Env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
      ],
      User: baseUser,
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: parts.map(({ diffId }) => diffId) },
    history: parts.map(() => ({ created: '2020-09-13T12:26:40Z', created_by: 'dpkg-deb -x' })),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await putContent(store, Buffer.from(JSON.stringify(config)), mediaTypes.config, io),
    layers: parts.map(({ gz }) => gz),
  };
  return { ...(await putJson(store, manifest, io)), platform };
}

function tarOf(root: string): Buffer {
  const args = [
    '-C',
    root,
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mtime=@1600000000',
    '-c',
    '.',
  ];
  return execFileSync('tar', args, { maxBuffer: 256 << 20 });
}

/** The bundle of certificates that the package's script would write, in place of each alone; and an account. */
function finishStatic(root: string): void {
  const certificates = path.join(root, 'usr/share/ca-certificates/mozilla');
  const texts = readdirSync(certificates).map((name) => readFileSync(path.join(certificates, name), 'utf8'));
  mkdirSync(path.join(root, 'etc/ssl/certs'), { recursive: true });
  writeFileSync(path.join(root, 'etc/ssl/certs/ca-certificates.crt'), texts.join(''));
  rmSync(path.dirname(certificates), { recursive: true });
  writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0::/root:/\nnonroot:x:65532:65532::/:/\n');
}

/** Commands of the one program that is a shell and much else. */
function finishShell(root: string): void {
  const busybox = existsSync(path.join(root, 'bin/busybox')) ? '/bin/busybox' : '/usr/bin/busybox';
  for (const name of ['bin/sh', 'usr/bin/env']) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    symlinkSync(busybox, path.join(root, name));
  }
}
