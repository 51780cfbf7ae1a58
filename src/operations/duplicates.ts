import type { DuplicateFiles } from '../api.ts';
import type { Io } from '../content/store.ts';
import { shownPath } from './fileNodes.ts';
import { inTurns, largestInTurns, sortInTurns } from './inTurns.ts';
import type { StoredFile } from './storedFiles.ts';

/** Groups that are given back, the most wasteful ones. */
const maxGroups = 1000;

/**
 * Files with the same content that is stored more than once, the most wasteful first, at most 1,000 groups. Empty files, and
 * files whose digest is not known, are left out.
 */
export async function findDuplicates(files: readonly StoredFile[], io: Io): Promise<readonly DuplicateFiles[]> {
  // Most files are alone: a group is made when the second one comes.
  const found = new Map<string, StoredFile | StoredFile[]>();
  const groups: StoredFile[][] = [];
  const look = (file: StoredFile): void => {
    const { digest, size } = file.content.entry;
    if (digest === undefined || size === 0) return;
    const before = found.get(digest);
    if (before === undefined) {
      found.set(digest, file);
    } else if (Array.isArray(before)) {
      before.push(file);
    } else {
      const group = [before, file];
      found.set(digest, group);
      groups.push(group);
    }
  };
  await inTurns(files, look, io);
  const results: DuplicateFiles[] = [];
  for (const group of (await largestInTurns(groups, maxGroups, waste, io)).slice(0, maxGroups)) {
    const paths = await sortInTurns(
      group.map(({ node }) => shownPath(node.path)),
      (a, b) => (a < b ? -1 : 1),
      io,
    );
    const { digest = '', size = 0 } = group[0]?.content.entry ?? {};
    results.push({ digest, size, paths, wastedBytes: waste(group) });
  }
  return results.sort((a, b) => b.wastedBytes - a.wastedBytes || (a.digest < b.digest ? -1 : 1));
}

function waste(group: readonly StoredFile[]): number {
  return (group[0]?.content.entry.size ?? 0) * (group.length - 1);
}
