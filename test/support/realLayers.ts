import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { statOf } from '../../src/archive/fileNode.ts';
import type { EntryType, LayerIndex } from '../../src/archive/layerIndex.ts';
import type { LayerStack } from '../../src/archive/layerStack.ts';
import type { ImageStore, Io } from '../../src/content/store.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { layerOf } from './layers.ts';
import { putContent, putJson } from './seededImage.ts';

/** An entry of a tar that Python writes. Lone surrogates U+DC80 to U+DCFF in texts are bytes that are not UTF-8. */
export interface TarSpec {
  readonly path: string;
  readonly type: EntryType;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly linkname?: string;
  readonly content?: string;
  readonly device?: readonly [number, number];
}

/** What is at a path: comparable between a directory on disk and the merged view. */
export interface Listed {
  readonly type: string;
  readonly owner: string;
  readonly size: number;
  /** Octal; absent for symbolic links. */
  readonly mode?: string;
  readonly linkname?: string;
  readonly digest?: string;
}

export type Listing = Readonly<Record<string, Listed>>;

/** Owners can be compared only where the unpacker may set them. */
const isRoot = process.getuid?.() === 0;

/** Writes tars with Python's tarfile, which shares no code with ours. */
export function writeTars(folder: string, tars: readonly (readonly TarSpec[])[]): readonly Buffer[] {
  const wanted = tars.map((entries, at) => ({ file: path.join(folder, `${at}.tar`), entries }));
  execFileSync('python3', [script('writeTars.py')], { input: JSON.stringify(wanted), maxBuffer: 64 << 20 });
  return wanted.map(({ file }) => readFileSync(file));
}

/** The index that reading such a tar gives. */
export function indexOf(entries: readonly TarSpec[]): LayerIndex {
  return layerOf(
    ...entries.map(({ content, device, ...entry }) => ({
      ...entry,
      ...(content === undefined ? {} : contentOf(content)),
      ...(device === undefined ? {} : { device: { major: device[0], minor: device[1] } }),
    })),
  );
}

function contentOf(content: string): { readonly size: number; readonly digest?: ReturnType<typeof digestOf> } {
  const bytes = Buffer.from(content);
  return bytes.length === 0 ? { size: 0 } : { size: bytes.length, digest: digestOf(bytes) };
}

/** Stores an image of these uncompressed layers, and tags it. */
export async function putLayers(store: ImageStore, tag: string, tars: readonly Buffer[], io: Io): Promise<Descriptor> {
  const layers: Descriptor[] = [];
  for (const tar of tars) layers.push(await putContent(store, tar, mediaTypes.layer, io));
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const history = layers.map((_, at) => ({ created_by: `step ${at}` }));
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', config: {}, rootfs, history }));
  const configBlob = await putContent(store, config, mediaTypes.config, io);
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: configBlob, layers };
  const descriptor = await putJson(store, manifest, io);
  await store.tag(descriptor, tag, io);
  return descriptor;
}

/** Unpacks a tag of an OCI layout with umoci. Returns the root file system, or why umoci gave up. */
export function unpackWithUmoci(layout: string, tag: string, folder: string): { readonly rootfs: string } | string {
  mkdirSync(folder, { recursive: true });
  const bundle = path.join(folder, `bundle-${tag}`);
  const args = ['unpack', ...(isRoot ? [] : ['--rootless']), '--image', `${layout}:${tag}`, bundle];
  const { status, stderr } = spawnSync('umoci', args, { encoding: 'utf8' });
  return status === 0 ? { rootfs: path.join(bundle, 'rootfs') } : stderr;
}

/** What is in directories on disk, as Python sees it. */
export function listTrees(folders: readonly string[]): readonly Listing[] {
  const output = execFileSync('python3', [script('listTree.py'), ...folders], { maxBuffer: 256 << 20 });
  const trees = JSON.parse(output.toString('utf8')) as readonly Listing[];
  return trees.map((tree) => Object.fromEntries(Object.entries(tree).map(([at, listed]) => [at, comparable(listed)])));
}

/** What is in the merged view. */
export function listView(stack: LayerStack): Listing {
  const listing: Record<string, Listed> = {};
  for (const node of stack.walk()) {
    const { type, size, mode, uid, gid, linkname } = statOf(node);
    const digest = type === 'file' ? (node.content?.entry.digest ?? digestOf(Buffer.alloc(0))) : undefined;
    listing[node.path] = comparable({
      type,
      owner: `${uid}:${gid}`,
      size,
      ...(type === 'symlink' ? {} : { mode: mode.toString(8) }),
      ...(linkname === undefined ? {} : { linkname }),
      ...(digest === undefined ? {} : { digest }),
    });
  }
  return listing;
}

function comparable(listed: Listed): Listed {
  return isRoot ? listed : { ...listed, owner: '' };
}

function script(name: string): string {
  return path.join(import.meta.dirname, name);
}
