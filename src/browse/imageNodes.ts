import { layerHistory } from '../oci/imageConfig.ts';
import { type Descriptor, isAttestation } from '../oci/descriptor.ts';
import type { ImageManifest } from '../oci/manifest.ts';
import { isConfigType, mediaTypes } from '../oci/mediaTypes.ts';
import { type ImageDetails, platformLabel } from './imageDetails.ts';
import { filesystemNode } from './fileNodes.ts';
import type {
  ConfigNode,
  FilesystemNode,
  LayerNode,
  LayersNode,
  ManifestNode,
  PlatformNode,
  ReferrerNode,
  ReferrersNode,
  TreeNode,
} from './nodes.ts';

/** What stands below a tag, platform or referrer. Ids hold the digest, so a tag that moved has other children. */
export function manifestChildren(
  node: ManifestNode,
  details: ImageDetails,
  has: { readonly referrers: boolean },
): readonly TreeNode[] {
  const { manifest, descriptor } = details;
  const id = node.kind === 'tag' ? `${node.id}@${descriptor.digest}` : node.id;
  const place = { registry: node.registry, repository: node.repository };
  const own =
    manifest.kind === 'index'
      ? manifest.manifests.map((entry, at) => platform(id, place, entry, at))
      : image(id, place, descriptor, manifest);
  const refs: ReferrersNode = { kind: 'referrers', id: `${id}/refs`, ...place, subject: descriptor };
  return has.referrers ? [...own, refs] : own;
}

interface Place {
  readonly registry: string;
  readonly repository: string;
}

/** The position is part of the id: an index may list one manifest for two platforms. */
function platform(id: string, place: Place, descriptor: Descriptor, at: number): PlatformNode {
  const label = platformLabel(descriptor);
  const attestation = isAttestation(descriptor);
  return { kind: 'platform', id: `${id}/${at}@${descriptor.digest}`, ...place, descriptor, label, attestation };
}

function image(id: string, place: Place, manifest: Descriptor, { config, layers }: ImageManifest): readonly TreeNode[] {
  const nodes: (ConfigNode | LayersNode | FilesystemNode)[] = [];
  if (config.mediaType !== mediaTypes.empty) {
    nodes.push({ kind: 'config', id: `${id}/config`, ...place, manifest, descriptor: config });
  }
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  const artifact = !isConfigType(config.mediaType);
  nodes.push({ kind: 'layers', id: `${id}/layers`, ...place, manifest, artifact, count: layers.length, size });
  if (!artifact) nodes.push(filesystemNode(id, place, manifest));
  return nodes;
}

/** The layers of an image, each with the history line that made it; the blobs of an artifact with their titles. */
export function layerNodes(node: LayersNode, { manifest, config }: ImageDetails): readonly LayerNode[] {
  if (manifest.kind === 'index') return [];
  const history = config === undefined ? [] : layerHistory(config, manifest.layers.length);
  return manifest.layers.map((descriptor, at) => {
    const createdBy = history[at]?.created_by ?? descriptor.annotations?.['org.opencontainers.image.title'];
    return {
      kind: 'layer',
      id: `${node.id}/layer:${at}`,
      registry: node.registry,
      repository: node.repository,
      manifest: node.manifest,
      artifact: node.artifact,
      descriptor,
      position: at + 1,
      ...(createdBy === undefined ? {} : { createdBy }),
    };
  });
}

/** What refers to a manifest, each once, in the registry's order. */
export function referrerNodes(node: ReferrersNode, found: readonly Descriptor[]): readonly ReferrerNode[] {
  const once = new Map(found.map((descriptor) => [descriptor.digest, descriptor]));
  return [...once.values()].map((descriptor) => ({
    kind: 'referrer',
    id: `${node.id}@${descriptor.digest}`,
    registry: node.registry,
    repository: node.repository,
    descriptor,
  }));
}
