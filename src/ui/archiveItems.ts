import { nameOfPlace } from '../browse/places.ts';
import { formatBytes } from '../browse/text.ts';
import { exactBytes, type NodeOf, type Parts } from './itemParts.ts';

const words = { oci: 'OCI layout', 'oci-archive': 'OCI archive', 'docker-archive': 'Docker archive' };
const localIcons = { oci: 'folder-library', 'oci-archive': 'archive', 'docker-archive': 'archive' };

/** A layout or an archive on disk. */
export function archiveParts(node: NodeOf<'archive'>): Parts {
  const { registry, repository, size, opened } = node;
  const word = words[registry];
  return {
    type: word,
    label: nameOfPlace(node),
    description: size === undefined ? word : `${word} · ${formatBytes(size)}`,
    tooltip: [repository, word, ...(size === undefined ? [] : [`${exactBytes(size)} on disk`])],
    icon: localIcons[registry],
    context: ['archive', registry === 'oci' ? 'layout' : 'tar', opened ? 'opened' : ''],
  };
}
