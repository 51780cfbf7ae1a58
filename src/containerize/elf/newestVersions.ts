/** The newest version of each kind among names such as `GLIBC_2.34`: `{GLIBC: '2.34'}`. Names without numbers are left out. */
export function newestVersions(names: Iterable<string>): Readonly<Record<string, string>> {
  const newest = new Map<string, string>();
  for (const name of names) {
    const [, kind, version] = /^([A-Z][A-Z_]{0,40})_(\d{1,6}(?:\.\d{1,6}){0,5})$/.exec(name) ?? [];
    if (kind === undefined || version === undefined) continue;
    if (compareVersions(version, newest.get(kind) ?? '') > 0) newest.set(kind, version);
  }
  return Object.fromEntries(newest);
}

/** Compares versions number by number: `2.9` is before `2.34`. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split('.').map(Number), right.split('.').map(Number)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
