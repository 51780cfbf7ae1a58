import type { LayerStack } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import { escapeText } from '../oci/reference.ts';
import { addCaches } from './cacheFindings.ts';
import { shownPath } from './fileNodes.ts';
import { FindingList } from './findingList.ts';
import { inTurns } from './inTurns.ts';
import { addPermissions } from './permissionFindings.ts';
import { addSecrets, type NamedLayer } from './secretFindings.ts';

/** What deserves a look in an image, by names and permissions alone: no content is read. */
export async function findFindings(stack: LayerStack, layers: readonly NamedLayer[], io: Io): Promise<FindingList> {
  const list = new FindingList();
  await addSecrets(stack.root, layers, list, io);
  await addUnsafePaths(layers, list, io);
  await addPermissions(stack.root, list, io);
  await addCaches(stack, list, io);
  return list;
}

/** Adds entries whose names lead out of the image or are changed by unpackers. */
async function addUnsafePaths(layers: readonly NamedLayer[], list: FindingList, io: Io): Promise<void> {
  for (const [layer, { index }] of layers.entries()) {
    await inTurns(
      index.entries,
      ({ path, unsafe, size }) => {
        if (unsafe === undefined) return;
        const text = `The layer names it ${escapeText(unsafe)}, which a careless unpacker may write outside of the image. Build the layer with paths below its root.`;
        list.add({ kind: 'unsafe-path', path: shownPath(path), text, layer, bytes: size });
      },
      io,
    );
  }
}
