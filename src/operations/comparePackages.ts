import type { PackageDifference } from '../api.ts';
import type { Io } from '../content/store.ts';
import { inTurns, sortInTurns } from './inTurns.ts';
import type { PackageManager, PackageRecord } from './packages/packageRecord.ts';

/** Versions of a package on each side. */
interface Versions {
  readonly name: string;
  readonly manager: PackageManager;
  readonly before: string[];
  readonly after: string[];
}

/**
 * How the packages of two images differ, in the order of managers and names. Of a name with several versions (kernels
 * of rpm) all stand in one text, with commas.
 */
export async function comparePackages(
  left: readonly PackageRecord[],
  right: readonly PackageRecord[],
  io: Io,
): Promise<readonly PackageDifference[]> {
  const all = new Map<string, Versions>();
  const add = ({ name, manager, version }: PackageRecord, side: 'before' | 'after'): void => {
    const key = `${manager} ${name}`;
    const versions = all.get(key) ?? { name, manager, before: [], after: [] };
    all.set(key, versions);
    versions[side].push(version);
  };
  await inTurns(left, (record) => add(record, 'before'), io);
  await inTurns(right, (record) => add(record, 'after'), io);
  const different: PackageDifference[] = [];
  const compare = ({ name, manager, before, after }: Versions): void => {
    const difference = { name, manager, before: textOf(before), after: textOf(after) };
    if (difference.before !== difference.after) different.push(difference);
  };
  await inTurns(all.values(), compare, io);
  return sortInTurns(different, inOrder, io);
}

function textOf(versions: readonly string[]): string | null {
  return versions.length === 0 ? null : versions.toSorted().join(', ');
}

function inOrder(one: PackageDifference, other: PackageDifference): number {
  if (one.manager !== other.manager) return one.manager < other.manager ? -1 : 1;
  return one.name < other.name ? -1 : 1;
}
