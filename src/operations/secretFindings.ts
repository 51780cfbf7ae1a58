import type { Finding } from '../api.ts';
import type { LayerEntry, LayerIndex } from '../archive/layerIndex.ts';
import type { ContentPlace, FileNode } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import { shortDigest } from '../oci/digest.ts';
import { nodesBelow, shownPath } from './fileNodes.ts';
import type { FindingList } from './findingList.ts';
import { inTurns } from './inTurns.ts';
import { PlaceSet } from './placeSet.ts';
import { secretOf } from './secretNames.ts';
import { isFirstName } from './storedFiles.ts';

/** A layer with the digest that it is shown by. */
export interface NamedLayer {
  readonly digest: string;
  readonly index: LayerIndex;
}

const advice = 'everyone who can pull the image can read it. Build without it, and replace the secret.';

/**
 * Adds files that may hold secrets, by their names: those of the merged view, a hard-linked one once; and those that only a
 * layer still holds because a later entry removed or replaced them.
 */
export async function addSecrets(
  root: FileNode,
  layers: readonly NamedLayer[],
  list: FindingList,
  io: Io,
): Promise<void> {
  const hidden = await suspectsOf(layers, io);
  const seen = new PlaceSet();
  const look = (node: FileNode): void => {
    const { path, content } = node;
    if (content === undefined || content.entry.size === 0) return;
    const { layer, entry } = content;
    const what = secretOf(path);
    const suspect = path === entry.path ? what : secretOf(entry.path);
    // Seen by a hard link of a harmless name alone it is still what was removed.
    if (suspect !== undefined && (what !== undefined || isFirstName(node, content))) hidden.delete(keyOf(content));
    if (what === undefined || !seen.add(content)) return;
    const text = `By its name this file may hold ${what}: ${advice}`;
    list.add({ kind: 'secret', path: shownPath(path), text, layer, bytes: entry.size });
  };
  await inTurns(nodesBelow(root), ({ node }) => look(node), io);
  for (const suspect of hidden.values()) list.add(hiddenSecret(suspect));
}

interface Suspect extends ContentPlace {
  readonly what: string;
  readonly digest: string;
}

/** Every entry of a layer that may be a secret. */
async function suspectsOf(layers: readonly NamedLayer[], io: Io): Promise<Map<string, Suspect>> {
  const suspects = new Map<string, Suspect>();
  for (const [layer, { digest, index }] of layers.entries()) {
    const look = (entry: LayerEntry): void => {
      const what = entry.type === 'file' && entry.size > 0 ? secretOf(entry.path) : undefined;
      if (what !== undefined) suspects.set(keyOf({ layer, entry }), { layer, entry, what, digest });
    };
    await inTurns(index.entries, look, io);
  }
  return suspects;
}

/** One text for an entry, for an index that was read again has other objects than the merged view. */
function keyOf({ layer, entry }: ContentPlace): string {
  return `${layer} ${entry.offset} ${entry.path}`;
}

function hiddenSecret({ entry: { path, size }, what, layer, digest }: Suspect): Finding {
  const text =
    `By its name this file may hold ${what}. It was removed or replaced later, but layer ${shortDigest(digest)} ` +
    `still holds it: ${advice}`;
  return { kind: 'secret', path: shownPath(path), text, layer, bytes: size };
}
