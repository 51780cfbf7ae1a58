import { Uri } from 'vscode';
import type { PathNode } from '../browse/nodes.ts';
import { type FileAddress, filePath } from './filePaths.ts';

/** The scheme of everything in an image that editors can open. */
export const scheme = 'gantry';

/** The address of a file or folder of an image. */
export function fileUri(address: FileAddress): Uri {
  return Uri.from({ scheme, authority: address.registry, path: filePath(address) });
}

/** What a row of the tree stands for: the file and, as its query, what its layer did to it, which decides on letter and colour. */
export function rowUri(node: PathNode): Uri {
  const { change } = node.item.entry;
  const uri = fileUri(addressOf(node));
  return change === undefined || change === 'unchanged' ? uri : uri.with({ query: change });
}

/** The file of a node; of a removed one its last version. */
export function addressOf({ registry, repository, manifest, layer, item }: PathNode): FileAddress {
  const at = item.entry.change === 'removed' ? (item.removedFrom ?? layer) : layer;
  const path = item.entry.path.slice(1);
  return { registry, repository, digest: manifest.digest, ...(at === undefined ? {} : { layer: at }), path };
}
