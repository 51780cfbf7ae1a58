import { Uri } from 'vscode';
import type { PathNode } from '../browse/nodes.ts';
import { type FileAddress, filePath } from './filePaths.ts';

/** The scheme of everything in an image that editors can open. */
export const scheme = 'gantry';

/** The address of a file or folder of an image. */
export function fileUri(address: FileAddress): Uri {
  return Uri.from({ scheme, authority: address.registry, path: filePath(address) });
}

/** What an address of the tree says a layer did to a path: its icon and colours are found by it, and nothing else. */
export const changeQueries = { added: 'added', modified: 'modified', removed: 'removed' } as const;

/** What a row of the tree stands for: the file, and what its layer did to it. */
export function rowUri(node: PathNode): Uri {
  const { change } = node.item.entry;
  const uri = fileUri(addressOf(node));
  return change === undefined || change === 'unchanged' ? uri : uri.with({ query: changeQueries[change] });
}

/** The file of a node; of a removed one its last version. */
export function addressOf({ registry, repository, manifest, layer, item }: PathNode): FileAddress {
  const at = item.entry.change === 'removed' ? (item.removedFrom ?? layer) : layer;
  const path = item.entry.path.slice(1);
  return { registry, repository, digest: manifest.digest, ...(at === undefined ? {} : { layer: at }), path };
}
