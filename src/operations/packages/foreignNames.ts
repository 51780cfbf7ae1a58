import type { Io } from '../../content/store.ts';
import { inTurns } from '../inTurns.ts';
import type { PackageManager, PackageRecord } from './packageRecord.ts';

/** How the managers call what fits every machine, and put an architecture behind a name. */
const conventions: Readonly<Record<PackageManager, { readonly neutral: string; readonly separator: string }>> = {
  dpkg: { neutral: 'all', separator: ':' },
  apk: { neutral: 'noarch', separator: '.' },
  rpm: { neutral: 'noarch', separator: '.' },
};

/** Gives packages of other architectures than the image's own the name that their manager shows, such as `libc6:i386`. */
export async function withForeignNames(packages: readonly PackageRecord[], io: Io): Promise<readonly PackageRecord[]> {
  const own = await ownArchitectures(packages, io);
  const named: PackageRecord[] = [];
  const add = (each: PackageRecord): void => {
    const { name, architecture, manager } = each;
    const { neutral, separator } = conventions[manager];
    const isOwn = architecture === undefined || architecture === neutral || architecture === own.get(manager);
    named.push(isOwn ? each : { ...each, name: `${name}${separator}${architecture}` });
  };
  await inTurns(packages, add, io);
  return named;
}

/** That of the manager itself; where it is not installed, as in distroless, that of most packages. */
async function ownArchitectures(
  packages: readonly PackageRecord[],
  io: Io,
): Promise<ReadonlyMap<PackageManager, string>> {
  const own = new Map<PackageManager, string>();
  const counts = new Map<PackageManager, Map<string, number>>();
  const count = ({ name, architecture, manager }: PackageRecord): void => {
    if (architecture === undefined || architecture === conventions[manager].neutral) return;
    if (name === manager && !own.has(manager)) own.set(manager, architecture);
    const ofManager = counts.get(manager) ?? new Map<string, number>();
    counts.set(manager, ofManager.set(architecture, (ofManager.get(architecture) ?? 0) + 1));
  };
  await inTurns(packages, count, io);
  for (const [manager, ofManager] of counts) {
    let most = 0;
    for (const number of ofManager.values()) most = Math.max(most, number);
    const [common] = [...ofManager].find(([, number]) => number === most) ?? [];
    if (common !== undefined && !own.has(manager)) own.set(manager, common);
  }
  return own;
}
