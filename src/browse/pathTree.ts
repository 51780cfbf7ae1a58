/** One level of repository names, seen as paths. */
export interface PathLevel {
  /** Paths with repositories below them, and how many. */
  readonly namespaces: ReadonlyMap<string, number>;
  /** Names that end at this level. */
  readonly repositories: readonly string[];
}

/** What stands directly below `path` (`''`: the root), in the order of the names. */
export function pathLevel(names: readonly string[], path: string): PathLevel {
  const prefix = path === '' ? '' : `${path}/`;
  const namespaces = new Map<string, number>();
  const repositories: string[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const slash = name.indexOf('/', prefix.length);
    if (slash < 0) repositories.push(name);
    else namespaces.set(name.slice(0, slash), (namespaces.get(name.slice(0, slash)) ?? 0) + 1);
  }
  return { namespaces, repositories };
}

/** The part of a path after its last slash. */
export function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
