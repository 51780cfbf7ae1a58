import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { forEachInTurns, inPathOrder } from './pathOrder.ts';
import { nameOf, type TreeEntry } from './treeEntry.ts';

/** What a layer lies on: `base`, an image with the usual folders, or `scratch`, nothing. */
export type Onto = 'base' | 'scratch';

type DirectoryEntry = TreeEntry & { readonly kind: 'directory' };

// Nearly every image has these, some as links (/bin), some with modes of their own (/tmp), homes with owners of their own.
const usual =
  /^(?:bin|boot|dev|etc|home|home\/[^/]+|lib|lib32|lib64|libx32|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|usr\/(?:bin|games|include|lib|lib32|lib64|libexec|libx32|local|sbin|share|src)|usr\/local\/(?:bin|etc|games|include|lib|libexec|man|sbin|share|src)|var|var\/(?:backups|cache|empty|lib|local|lock|log|mail|opt|run|spool|tmp))$/;
const open: ReadonlySet<string> = new Set(['tmp', 'var/tmp']);

/**
 * Puts entries into the order they are written in: by path, folders before what is in them, whatever order they came in.
 *
 * Folders above an entry that nothing names are added with mode 0755 and owner 0, because runtimes make missing ones with
 * modes of their own (0600, 0700 and 0755 have been seen). Folders that images usually have are left out on a base, because
 * an entry would replace its links and modes. Of several hard links to one file the first is a file and the others name it.
 * Lets others run while it arranges many.
 * @throws OciError invalid-reference where two things go to one path or below a path that is not a folder
 */
export async function arrange(entries: readonly TreeEntry[], onto: Onto, io: Io): Promise<readonly TreeEntry[]> {
  const byPath = new Map<string, TreeEntry>();
  await forEachInTurns(entries, (entry) => addEntry(byPath, entry), io);
  await forEachInTurns(entries, (entry) => addAncestors(byPath, entry), io);
  const kept: TreeEntry[] = [];
  const keep = (entry: TreeEntry): void => {
    if (onto === 'scratch') kept.push(opened(entry));
    else if (!isUsual(entry)) kept.push(entry);
  };
  await forEachInTurns(byPath.values(), keep, io);
  return linked(await inPathOrder(kept, io), io);
}

function addEntry(byPath: Map<string, TreeEntry>, entry: TreeEntry): void {
  const other = byPath.get(entry.path);
  if (other === undefined) byPath.set(entry.path, entry);
  else if (entry.kind !== 'directory' || other.kind !== 'directory') throw clash(entry, other);
}

function addAncestors(byPath: Map<string, TreeEntry>, entry: TreeEntry): void {
  for (let end = entry.path.lastIndexOf('/'); end > 0; end = entry.path.lastIndexOf('/', end - 1)) {
    const path = entry.path.slice(0, end);
    const above = byPath.get(path);
    if (above === undefined) byPath.set(path, { path, kind: 'directory', mode: 0o755, uid: 0, gid: 0 });
    else if (above.kind !== 'directory') {
      throw new OciError(
        'invalid-reference',
        `${escapeText(`/${entry.path}`)} cannot be in a layer where ${escapeText(`/${path}`)} is no folder. Give one of them another place.`,
      );
    } else return;
  }
}

function isUsual(entry: TreeEntry): entry is DirectoryEntry {
  return entry.kind === 'directory' && usual.test(entry.path);
}

function opened(entry: TreeEntry): TreeEntry {
  return entry.kind === 'directory' && open.has(entry.path) ? { ...entry, mode: 0o1777 } : entry;
}

async function linked(entries: readonly TreeEntry[], io: Io): Promise<readonly TreeEntry[]> {
  const first = new Map<string, TreeEntry>();
  const all: TreeEntry[] = [];
  await forEachInTurns(entries, (entry) => all.push(linkOf(first, entry)), io);
  return all;
}

/** The entry, or a link to the first with the same content, owner and mode. */
function linkOf(first: Map<string, TreeEntry>, entry: TreeEntry): TreeEntry {
  if (entry.kind !== 'file' || 'open' in entry.source || entry.source.names < 2) return entry;
  const { path, mode, uid, gid } = entry;
  const key = [entry.source.device, entry.source.inode, mode, uid, gid].join();
  const target = first.get(key);
  if (target !== undefined) return { path, mode, uid, gid, kind: 'link', target: target.path };
  first.set(key, entry);
  return entry;
}

function clash(a: TreeEntry, b: TreeEntry): OciError {
  const [from, other] = [a, b].map((entry) =>
    entry.kind === 'file' ? escapeText(nameOf(entry.source)) : `a ${entry.kind}`,
  );
  return new OciError(
    'invalid-reference',
    `two things go to ${escapeText(`/${a.path}`)}: ${other ?? ''} and ${from ?? ''}. Give one of them another place.`,
  );
}
