import { gunzipSync } from 'node:zlib';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { digestOf, encodedOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { tarOf } from './seededImage.ts';

/** A member of a tar: a file, or a link where there is a `link`. */
export interface TarMember {
  readonly name: string;
  readonly content?: Uint8Array | string;
  readonly link?: string;
  /** The type flag. Default: `0`, of links `2`. */
  readonly type?: string;
}

/** A tar (ustar) of members as they are, however they are named. */
export function tarOfMembers(members: readonly TarMember[], end: Uint8Array = Buffer.alloc(1024)): Buffer {
  return Buffer.concat([...members.map(memberBytes), end]);
}

function memberBytes({ name, content = '', link = '', type = link === '' ? '0' : '2' }: TarMember): Buffer {
  const tar = tarOf(name, Buffer.from(content)).subarray(0, -1024);
  tar.write(type, 156);
  tar.write(link, 157, 100);
  tar.write('        ', 148);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return tar;
}

/** The parts of one image, to be laid out in one form of archive or another. */
export interface ImageParts {
  readonly config: Buffer;
  /** Layers as they are stored: gzip, zstd or plain. */
  readonly layers: readonly Buffer[];
}

/** An image whose config names the given layers; all but `gzipped` ones are plain. */
export function imageParts(plain: readonly Buffer[], stored: readonly Buffer[] = plain): ImageParts {
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: plain.map((layer) => digestOf(layer)) },
  };
  return { config: Buffer.from(JSON.stringify(config)), layers: stored };
}

/** The members of a tar as `docker save` wrote it before 25: layers in folders, equal ones as links to the first. */
export function oldDockerSave({ config, layers }: ImageParts, names: readonly string[]): readonly TarMember[] {
  const first = new Map<string, string>();
  const members: TarMember[] = [];
  const paths: string[] = [];
  for (const [at, layer] of layers.entries()) {
    const id = encodedOf(digestOf(Buffer.from(`v1 id of layer ${at}`)));
    const digest = digestOf(layer);
    const same = first.get(digest);
    paths.push(`${id}/layer.tar`);
    first.set(digest, same ?? id);
    members.push(
      { name: `${id}/`, type: '5' },
      { name: `${id}/VERSION`, content: '1.0' },
      { name: `${id}/json`, content: '{}' },
    );
    members.push(
      same === undefined
        ? { name: `${id}/layer.tar`, content: layer }
        : { name: `${id}/layer.tar`, link: `../${same}/layer.tar` },
    );
  }
  const name = `${encodedOf(digestOf(config))}.json`;
  return [
    ...members,
    { name, content: config },
    { name: 'manifest.json', content: JSON.stringify([{ Config: name, RepoTags: names, Layers: paths }]) },
    { name: 'repositories', content: '{}' },
  ];
}

/** The members of a tar as kaniko writes it: gzip layers under their digests, the config without an ending. */
export function kanikoTar({ config, layers }: ImageParts, names: readonly string[]): readonly TarMember[] {
  const paths = layers.map((layer) => `${encodedOf(digestOf(layer))}.tar.gz`);
  const name = digestOf(config);
  return [
    { name, content: config },
    ...layers.map((layer, at) => ({ name: paths[at] ?? '', content: layer })),
    { name: 'manifest.json', content: JSON.stringify([{ Config: name, RepoTags: names, Layers: paths }]) },
  ];
}

/** The members of a tar as `docker save` writes it since 25: an OCI layout with a manifest.json beside it. */
export function newDockerSave({ config, layers }: ImageParts, names: readonly string[]): readonly TarMember[] {
  const blob = (bytes: Uint8Array): TarMember => ({
    name: `blobs/sha256/${encodedOf(digestOf(bytes))}`,
    content: bytes,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: describeBytes(config, mediaTypes.config),
      layers: layers.map((layer) => describeBytes(layer, isGzip(layer) ? mediaTypes.layerGzip : mediaTypes.layer)),
    }),
  );
  const annotations = { 'org.opencontainers.image.ref.name': 'v1', 'io.containerd.image.name': names[0] ?? '' };
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{ ...describeBytes(manifest, mediaTypes.manifest), annotations }],
  };
  const entry = { Config: blob(config).name, RepoTags: names, Layers: layers.map((layer) => blob(layer).name) };
  return [
    { name: 'blobs/', type: '5' },
    { name: 'blobs/sha256/', type: '5' },
    ...[config, ...layers, manifest].map(blob),
    { name: 'index.json', content: JSON.stringify(index) },
    { name: 'manifest.json', content: JSON.stringify([entry]) },
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
  ];
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && gunzipSync(bytes).length > 0;
}
