import type { Finding, FindingKind } from '../api.ts';
import { type FileNode, type FileStat, statOf } from '../archive/fileNode.ts';
import type { Io } from '../content/store.ts';
import { nodesBelow, shownPath } from './fileNodes.ts';
import type { FindingList } from './findingList.ts';
import { inTurns } from './inTurns.ts';
import { PlaceSet } from './placeSet.ts';

const bits = { setuid: 0o4000, setgid: 0o2000, sticky: 0o1000, writable: 0o002 } as const;

type ModeKind = FindingKind & ('setuid' | 'setgid' | 'world-writable');

/** Adds files of the merged view that run with the rights of their owner or group, and what everybody may write to. */
export async function addPermissions(root: FileNode, list: FindingList, io: Io): Promise<void> {
  const places = new PlaceSet();
  // What is in a directory such as /tmp is writable on purpose.
  const shared = new Set<FileNode>();
  await inTurns(
    nodesBelow(root),
    ({ node, directory }) => {
      const stat = statOf(node);
      const isShared = stat.type === 'directory' && has(stat.mode, bits.sticky) && has(stat.mode, bits.writable);
      const inShared = shared.has(directory);
      if (node.children !== undefined && (isShared || inShared)) shared.add(node);
      const kinds = kindsOf(stat, inShared || isShared);
      if (kinds.length === 0 || (node.content !== undefined && !places.add(node.content))) return;
      for (const kind of kinds) list.add(modeFinding(kind, node));
    },
    io,
  );
}

function kindsOf({ type, mode }: FileStat, inShared: boolean): readonly ModeKind[] {
  const kinds: ModeKind[] = [];
  if (type === 'file' && has(mode, bits.setuid)) kinds.push('setuid');
  if (type === 'file' && has(mode, bits.setgid)) kinds.push('setgid');
  const counts = type === 'file' || type === 'directory';
  if (counts && has(mode, bits.writable) && !inShared) kinds.push('world-writable');
  return kinds;
}

function modeFinding(kind: ModeKind, node: FileNode): Finding {
  const place = node.content ?? node;
  return { kind, path: shownPath(node.path), text: modeText(kind, node), layer: place.layer, bytes: 0 };
}

function modeText(kind: ModeKind, node: FileNode): string {
  const { uid, gid, mode } = statOf(node);
  switch (kind) {
    case 'setuid':
      return `Whoever runs it gets the rights of user ${uid}. Where containers do not need it, run "chmod u-s" on it or remove it.`;
    case 'setgid':
      return `Whoever runs it gets the rights of group ${gid}. Where containers do not need it, run "chmod g-s" on it or remove it.`;
    case 'world-writable': {
      const octal = mode.toString(8).padStart(4, '0');
      return `Every user can write to it (mode ${octal}). Run "chmod o-w" on it${node.children === undefined ? '' : ', or "chmod +t" where users share it'}.`;
    }
  }
}

function has(mode: number, bit: number): boolean {
  return (mode & bit) !== 0;
}
