import { isObject, type JsonObject } from '../oci/json.ts';
import { entriesOf, type IndexEntry } from './layoutIndex.ts';

/** What containerd and docker write beside the tag: the whole name of the image. */
const imageNameAnnotation = 'io.containerd.image.name';

/**
 * The entries of an archive's index.json. Where different images have one name, as in what docker saves of `one:latest` and
 * `two:latest`, each has its whole name instead.
 */
export function archivedEntries(index: JsonObject): readonly IndexEntry[] {
  const entries = entriesOf(index);
  const first = new Map<string, unknown>();
  const shared = new Set<string>();
  for (const { name, json } of entries) {
    if (name === undefined) continue;
    if (!first.has(name)) first.set(name, json['digest']);
    else if (first.get(name) !== json['digest']) shared.add(name);
  }
  return entries.map((entry) => (shared.has(entry.name ?? '') ? inFull(entry) : entry));
}

function inFull(entry: IndexEntry): IndexEntry {
  const { annotations } = entry.json;
  const name = isObject(annotations) ? annotations[imageNameAnnotation] : undefined;
  return typeof name === 'string' && name !== '' ? { ...entry, name } : entry;
}
