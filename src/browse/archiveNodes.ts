import type { Io } from '../content/store.ts';
import { type Descriptor, isAttestation } from '../oci/descriptor.ts';
import type { ArchivedImage } from '../layout/archives.ts';
import { platformLabel } from './imageDetails.ts';
import type { LocalArchive, LocalImages } from './localImages.ts';
import { emptyNode } from './nameNodes.ts';
import type { ArchiveNode, NoteNode, PlatformNode, TagNode, TreeNode } from './nodes.ts';
import { canBeNamed, type Place, placeSegment, soleImage } from './places.ts';
import { counted, visibleText } from './text.ts';

/** Images of one archive that are shown: an archive of more is no archive that anybody keeps. */
const maxImages = 1000;

/** The id of a layout's or archive's node. */
export function archiveId(place: Place): string {
  return `A:${place.registry}:${placeSegment(place)}`;
}

/** The node of a layout or archive. */
export function archiveNode(archive: LocalArchive): ArchiveNode {
  return { kind: 'archive', id: archiveId(archive), ...archive };
}

/** Says that not all files of the workspace were looked through. */
export function skippedNode(count: number): readonly NoteNode[] {
  if (count === 0) return [];
  const message = `${counted(count, 'file')} not looked through: Open Archive… opens one`;
  return [{ kind: 'note', id: 'A:skipped', registry: 'oci', message, severity: 'info' }];
}

/**
 * The images of a layout or archive: by their names, and those without one, or with one that no reference can hold, by digest.
 * @throws OciError of the archive
 */
export async function archiveChildren(node: ArchiveNode, local: LocalImages, io: Io): Promise<readonly TreeNode[]> {
  const images = await local.images(node, io);
  const nodes = new Map<string, TreeNode>();
  for (const image of images.slice(0, maxImages)) {
    const child = tagOf(node, image) ?? (await manifestOf(node, image, local, io));
    nodes.set(child.id, child);
  }
  if (images.length > maxImages) nodes.set('more', moreNode(node, images.length - maxImages));
  return nodes.size === 0 ? [emptyNode(node, 'No images')] : [...nodes.values()];
}

function tagOf({ id, registry, repository }: ArchiveNode, { name: tag }: ArchivedImage): TagNode | undefined {
  if (tag === undefined || !canBeNamed({ registry, repository, tag })) return undefined;
  return { kind: 'tag', id: `${id}/tag:${encodeURIComponent(tag)}`, registry, repository, tag };
}

async function manifestOf(
  { id, registry, repository }: ArchiveNode,
  { name, descriptor: known }: ArchivedImage,
  local: LocalImages,
  io: Io,
): Promise<PlatformNode> {
  const descriptor = known ?? (await local.store({ registry, repository }).resolve(name ?? soleImage, io));
  const label = name === undefined ? labelOf(descriptor) : visibleText(name);
  const attestation = isAttestation(descriptor);
  return { kind: 'platform', id: `${id}/m@${descriptor.digest}`, registry, repository, descriptor, label, attestation };
}

function labelOf(descriptor: Descriptor): string {
  return descriptor.platform === undefined ? 'Image without a name' : platformLabel(descriptor);
}

function moreNode({ id, registry }: ArchiveNode, count: number): NoteNode {
  return {
    kind: 'note',
    id: `${id}/more`,
    registry,
    message: `… and ${counted(count, 'more image')}`,
    severity: 'info',
  };
}
