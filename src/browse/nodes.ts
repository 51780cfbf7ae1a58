import type { Descriptor } from '../oci/descriptor.ts';
import type { LocalArchive } from './localImages.ts';
import type { FolderItem } from './folderItem.ts';
import { formatPlace, type Place } from './places.ts';
import type { Digest } from '../oci/digest.ts';

/** Everything the tree can show, as plain data. `id` is unique in the whole tree and holds nothing that changes. */
export type TreeNode =
  | RegistryNode
  | ArchiveNode
  | PinnedNode
  | NamespaceNode
  | RepositoryNode
  | TagNode
  | PlatformNode
  | ConfigNode
  | LayersNode
  | LayerNode
  | FilesystemNode
  | PathNode
  | UnsafeNode
  | ReferrersNode
  | ReferrerNode
  | LoadMoreNode
  | ErrorNode
  | EmptyNode
  | NoteNode;

interface NodeBase {
  readonly id: string;
  /** `host[:port]`, or the transport of a layout or archive on disk. */
  readonly registry: string;
}

export interface RegistryNode extends NodeBase {
  readonly kind: 'registry';
  readonly alias?: string;
  readonly local: boolean;
  readonly insecure: boolean;
  readonly readOnly: boolean;
}

/** The repositories a user opened by name: shown without asking the registry's catalogue. */
export interface PinnedNode extends NodeBase {
  readonly kind: 'pinned';
}

export interface NamespaceNode extends NodeBase {
  readonly kind: 'namespace';
  /** The whole path, `team/tools`. */
  readonly path: string;
  /** The path without the part that its parents show already. */
  readonly label: string;
}

export interface RepositoryNode extends NodeBase {
  readonly kind: 'repository';
  readonly repository: string;
  /** The name without the part that its parents show already. */
  readonly label: string;
  readonly pinned: boolean;
}

interface InRepository extends NodeBase {
  readonly repository: string;
}

/** A layout or an archive on disk. */
export interface ArchiveNode extends LocalArchive {
  readonly kind: 'archive';
  readonly id: string;
}

/** What a tag names is known only after `Browser.describe`: listing tags asks for no manifest. */
export interface TagNode extends InRepository {
  readonly kind: 'tag';
  readonly tag: string;
}

/** One entry of an index. */
export interface PlatformNode extends InRepository {
  readonly kind: 'platform';
  readonly descriptor: Descriptor;
  /** `linux/arm64`, or what stands for it where the entry names no platform. */
  readonly label: string;
  readonly attestation: boolean;
}

export interface ConfigNode extends InRepository {
  readonly kind: 'config';
  /** The manifest whose config this is. */
  readonly manifest: Descriptor;
  readonly descriptor: Descriptor;
}

/** The layers of an image, or the blobs of an artifact. */
export interface LayersNode extends InRepository {
  readonly kind: 'layers';
  readonly manifest: Descriptor;
  readonly artifact: boolean;
  readonly count: number;
  /** Bytes of all of them, as stored. */
  readonly size: number;
}

export interface LayerNode extends InRepository {
  readonly kind: 'layer';
  readonly manifest: Descriptor;
  /** A blob of an artifact is no layer of files. */
  readonly artifact: boolean;
  readonly descriptor: Descriptor;
  /** From 1. */
  readonly position: number;
  /** The history line that made the layer, or the title of an artifact's blob. */
  readonly createdBy?: string;
}

/** The files of an image as a container sees them. */
export interface FilesystemNode extends InRepository {
  readonly kind: 'filesystem';
  readonly manifest: Descriptor;
}

/** A file or folder of an image. */
export interface PathNode extends InRepository {
  readonly kind: 'path';
  readonly manifest: Descriptor;
  /** From 0, where it is one layer's version. */
  readonly layer?: number;
  readonly item: FolderItem;
}

/** The names of a layer that lead out of the image or are absolute, as they are written. */
export interface UnsafeNode extends InRepository {
  readonly kind: 'unsafe';
  readonly manifest: Descriptor;
  /** From 0. */
  readonly layer: number;
  readonly count: number;
}

export interface ReferrersNode extends InRepository {
  readonly kind: 'referrers';
  readonly subject: Descriptor;
}

export interface ReferrerNode extends InRepository {
  readonly kind: 'referrer';
  readonly descriptor: Descriptor;
}

export interface LoadMoreNode extends NodeBase {
  readonly kind: 'loadMore';
  /** Names that are shown already. */
  readonly shown: number;
}

/** What would help: the view offers it as an action. */
export type Fix = 'signIn' | 'openImage' | 'openSettings' | 'retry' | 'clearFilter';

export interface ErrorNode extends NodeBase {
  readonly kind: 'error';
  /** Plain text, made harmless and cut. */
  readonly message: string;
  readonly code: string;
  readonly fix: Fix;
  /** Why in one word, where the menu depends on it. */
  readonly reason?: 'auth' | 'tls' | 'net';
}

export interface EmptyNode extends NodeBase {
  readonly kind: 'empty';
  readonly message: string;
  readonly fix?: Fix;
}

/** A sentence about what stands beside it. */
export interface NoteNode extends NodeBase {
  readonly kind: 'note';
  /** Plain text, made harmless and cut. */
  readonly message: string;
  readonly severity: 'info' | 'warning' | 'progress';
}

/** A node that stands for files of an image. */
export type FilesNode = FilesystemNode | LayerNode | PathNode | UnsafeNode;

/** True for a node that stands for files of an image. */
export function isFilesNode(node: TreeNode): node is FilesNode {
  return node.kind === 'filesystem' || node.kind === 'layer' || node.kind === 'path' || node.kind === 'unsafe';
}

/** A node that names a manifest. */
export type ManifestNode = TagNode | PlatformNode | ReferrerNode;

/** True for a tag, a platform or a referrer. */
export function isManifestNode(node: TreeNode): node is ManifestNode {
  return node.kind === 'tag' || node.kind === 'platform' || node.kind === 'referrer';
}

/** The reference of what a node shows: of its manifest by tag or digest, or of its place; undefined for others. */
export function referenceOf(node: TreeNode): string | undefined {
  switch (node.kind) {
    case 'tag':
      return inPlace(node, { tag: node.tag });
    case 'platform':
    case 'referrer':
      return inPlace(node, node.descriptor);
    case 'config':
    case 'layers':
    case 'filesystem':
      return inPlace(node, node.manifest);
    case 'referrers':
      return inPlace(node, node.subject);
    case 'repository':
    case 'archive':
    case 'layer':
    case 'path':
    case 'unsafe':
      return inPlace(node, {});
    case 'registry':
    case 'pinned':
    case 'namespace':
    case 'loadMore':
    case 'error':
    case 'empty':
    case 'note':
      return undefined;
  }
}

function inPlace(
  { registry, repository }: Place,
  { tag, digest }: { readonly tag?: string; readonly digest?: Digest },
): string {
  const name = tag === undefined ? {} : { tag };
  return formatPlace({ registry, repository, ...name, ...(digest === undefined ? {} : { digest }) });
}
