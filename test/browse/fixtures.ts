import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RegistryAccess, type RegistryList, storeOf } from '../../src/browse/access.ts';
import { Browser } from '../../src/browse/browser.ts';
import type { BrowseSettings } from '../../src/browse/browseOptions.ts';
import { ImageFolders } from '../../src/browse/imageFolders.ts';
import { LocalImages } from '../../src/browse/localImages.ts';
import type { TreeNode } from '../../src/browse/nodes.ts';
import { visibleName } from '../../src/browse/pathNames.ts';
import { nameOfPlace } from '../../src/browse/places.ts';
import { defaultPatience, type Patience } from '../../src/browse/slowReads.ts';
import { opens } from '../../src/content/bytes.ts';
import { MemoryStore } from '../../src/content/memoryStore.ts';
import type { ImageStore, Io } from '../../src/content/store.ts';
import { describe as descriptorOf, type Descriptor } from '../../src/oci/descriptor.ts';
import { buildManifest, manifestDescriptor } from '../../src/oci/manifest.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { testIo } from '../support/io.ts';
import { testLayers } from '../support/layers.ts';

/** A registry of stores in memory that counts what is asked of it. */
export class MemoryRegistry implements RegistryAccess {
  readonly name: string;
  readonly stores = new Map<string, ImageStore>();
  /** One line for each question: `page 1`, `resolve 1.0`, `fetch sha256:…`. */
  readonly asked: string[] = [];
  /** Called before each page of the catalogue; what it throws, the catalogue throws. */
  beforePage: (page: number, io: Io) => Promise<void> | void = () => undefined;
  pageLength = 100;
  catalog: 'auto' | 'off' = 'auto';
  namespaces: readonly string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  async ping(): Promise<void> {
    this.asked.push('ping');
  }

  async *repositoryPages(io: Io): AsyncGenerator<readonly string[], void, undefined> {
    const names = [...this.stores.keys()];
    for (let from = 0, page = 1; from < names.length || page === 1; from += this.pageLength, page++) {
      await this.beforePage(page, io);
      this.asked.push(`page ${page}`);
      yield names.slice(from, from + this.pageLength);
    }
  }

  repository(name: string): ImageStore {
    const store = this.stores.get(name) ?? new MemoryStore();
    this.stores.set(name, store);
    return store;
  }

  /** Adds a store that notes what is asked of it. */
  add(name: string): CountingMemory {
    const store = new CountingMemory(this.asked);
    this.stores.set(name, store);
    return store;
  }
}

export class CountingMemory extends MemoryStore {
  readonly #asked: string[];

  constructor(asked: string[]) {
    super();
    this.#asked = asked;
  }

  override async resolve(identifier: string, io: Io): Promise<Descriptor> {
    this.#asked.push(`resolve ${identifier}`);
    return super.resolve(identifier, io);
  }

  override async fetch(descriptor: Descriptor, io: Io): ReturnType<MemoryStore['fetch']> {
    this.#asked.push(`fetch ${descriptor.mediaType}`);
    return super.fetch(descriptor, io);
  }
}

export interface Setup {
  readonly registries: readonly MemoryRegistry[];
  readonly settings?: Partial<BrowseSettings>;
  readonly opened?: readonly { readonly registry: string; readonly repository: string }[];
  readonly patience?: Patience;
  readonly local?: LocalImages;
  /** What is wrong with the settings. */
  readonly problems?: readonly string[];
}

/** The registries of a test; any other name is an empty registry. */
export function listOf(registries: readonly MemoryRegistry[]): RegistryList {
  return {
    all: () => registries,
    get: (name) => registries.find((registry) => registry.name === name) ?? new MemoryRegistry(name),
    onDidChange: () => ({ dispose: () => undefined }),
  };
}

export function browserOf({
  registries,
  settings = {},
  opened = [],
  patience = defaultPatience,
  local = noLocalImages(),
  problems = [],
}: Setup): Browser {
  const all: BrowseSettings = { pageSize: 100, groupByPath: true, sortTags: 'semver', ...settings };
  const list = { ...listOf(registries), problems: () => problems };
  return new Browser({
    registries: list,
    settings: () => all,
    opened: () => opened,
    folders: foldersOf(list, local),
    local,
    patience,
  });
}

/** The files of the images of a test; nothing of them is kept on disk. */
export function foldersOf(registries: RegistryList, local = noLocalImages()): ImageFolders {
  return new ImageFolders({
    layers: () => Promise.resolve(testLayers(path.join(tmpdir(), 'gantry-never-written'), 0)),
    store: (place) => storeOf({ registries, local }, place),
  });
}

/** No layouts and no archives. */
export function noLocalImages(): LocalImages {
  const none = (): Promise<never> => Promise.reject(new Error('nothing on disk is part of this test'));
  return new LocalImages({
    stores: { source: none, repository: none },
    candidates: () => Promise.resolve([]),
    opened: () => [],
    isInWorkspace: () => false,
  });
}

/** The children of the node at the end of a path of labels. */
export async function childrenAt(browser: Browser, ...path: readonly string[]): Promise<readonly TreeNode[]> {
  const io = testIo();
  let nodes: readonly TreeNode[] = browser.roots();
  for (const label of path) {
    const next = nodes.find((node) => labelOf(node) === label);
    if (next === undefined) throw new Error(`no ${label} among ${nodes.map(labelOf).join(', ')}`);
    nodes = await browser.children(next, io);
  }
  return nodes;
}

/** One word for a node, for expectations. */
export function labelOf(node: TreeNode): string {
  switch (node.kind) {
    case 'registry':
      return node.registry;
    case 'namespace':
      return `${node.path}/`;
    case 'repository':
    case 'platform':
      return node.label;
    case 'archive':
      return nameOfPlace(node);
    case 'tag':
      return node.tag;
    case 'layer':
      return `#${node.position} ${node.createdBy ?? ''}`;
    case 'error':
    case 'empty':
      return `${node.kind}: ${node.message}`;
    case 'path':
      return visibleName(node.item.name);
    case 'note':
      return `note: ${node.message}`;
    case 'filesystem':
    case 'unsafe':
    case 'pinned':
    case 'config':
    case 'layers':
    case 'referrers':
    case 'referrer':
    case 'loadMore':
      return node.kind;
  }
}

/** Without a deadline: this file is loaded long before its last test runs. */
const io: Io = { signal: new AbortController().signal };

/** Stores an image of one layer; returns its descriptor. */
export async function pushImage(store: ImageStore, tag: string, architecture = 'amd64'): Promise<Descriptor> {
  const layer = descriptorOf(Buffer.from(`layer of ${architecture}`), mediaTypes.layer);
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture,
      created: '2020-01-02T03:04:05Z',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      history: [{ created_by: 'COPY app /app' }, { created_by: 'ENV A=b', empty_layer: true }],
    }),
  );
  await store.push(layer, opens(Buffer.from(`layer of ${architecture}`)), io);
  return pushManifest(store, tag, {
    mediaType: mediaTypes.manifest,
    config: await pushBlob(store, config, mediaTypes.config),
    layers: [layer],
  });
}

export async function pushBlob(store: ImageStore, bytes: Uint8Array, mediaType: string): Promise<Descriptor> {
  const descriptor = descriptorOf(bytes, mediaType);
  await store.push(descriptor, opens(bytes), io);
  return descriptor;
}

export async function pushManifest(
  store: ImageStore,
  tag: string | undefined,
  json: Readonly<Record<string, unknown>> & { readonly mediaType: string },
): Promise<Descriptor> {
  const manifest = buildManifest({ schemaVersion: 2, ...json });
  const descriptor = manifestDescriptor(manifest);
  await store.push(descriptor, opens(manifest.bytes), io);
  if (tag !== undefined) await store.tag(descriptor, tag, io);
  return descriptor;
}

/** Stores an index of two images and an attestation. */
export async function pushIndex(store: ImageStore, tag: string): Promise<Descriptor> {
  const [amd64, arm64] = [await pushImage(store, 'a'), await pushImage(store, 'b', 'arm64')];
  const attestation = await pushImage(store, 'c', 'unknown');
  await store.untag?.('a', io);
  await store.untag?.('b', io);
  await store.untag?.('c', io);
  return pushManifest(store, tag, {
    mediaType: mediaTypes.index,
    manifests: [
      { ...amd64, platform: { os: 'linux', architecture: 'amd64' } },
      { ...arm64, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      {
        ...attestation,
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
      },
    ],
  });
}

/** One word for each child at the end of a path of labels. */
export async function labels(browser: Browser, ...path: readonly string[]): Promise<readonly string[]> {
  return (await childrenAt(browser, ...path)).map(labelOf);
}

/** The first child of a kind at the end of a path of labels. */
export async function child(browser: Browser, kind: TreeNode['kind'], ...path: readonly string[]): Promise<TreeNode> {
  const found = (await childrenAt(browser, ...path)).find((node) => node.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
}

/** The nodes and all that is below them. */
export async function everything(browser: Browser, nodes: readonly TreeNode[]): Promise<readonly TreeNode[]> {
  const below = await Promise.all(
    nodes.map(async (node) => everything(browser, await browser.children(node, testIo()))),
  );
  return [...nodes, ...below.flat()];
}
