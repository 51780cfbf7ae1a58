import type { PathFilter } from '../../../archive/pack.ts';
import { filterBelow } from '../../ignore/filterBelow.ts';
import { withoutSecrets } from '../../ignore/secrets.ts';
import type { BuildContext } from '../recipe.ts';

/** Keeps what both filters keep. */
export function both(a: PathFilter | undefined, b: PathFilter): PathFilter {
  if (a === undefined) return b;
  const opens = (filter: PathFilter, path: string): boolean => filter.keeps(path, true) || filter.enters(path);
  return {
    keeps: (path, isFolder) => a.keeps(path, isFolder) && b.keeps(path, isFolder),
    enters: (path) => opens(a, path) && opens(b, path),
  };
}

/** A filter of a folder, as it is seen from a folder below it; `.` is the folder itself. */
export function below(filter: PathFilter | undefined, folder: string): PathFilter | undefined {
  return filter === undefined ? undefined : filterBelow(filter, folder === '.' ? '' : folder);
}

/** What goes in of a folder that a build wrote, ignore rules or not: they often name it because it is no source. */
export function outputRules({ outputs = withoutSecrets }: BuildContext, folder: string): PathFilter {
  return filterBelow(outputs, folder === '.' ? '' : folder);
}

/** Keeps the files and links of a predicate. Folders are there only where something in them is, so that none is empty. */
export function filesWhere(keeps: (path: string) => boolean, enters: (folder: string) => boolean): PathFilter {
  return { keeps: (path, isFolder) => !isFolder && keeps(path), enters };
}

/** Leaves out what has one of these names, with everything in it. */
export function withoutNames(names: ReadonlySet<string>): PathFilter {
  const stays = (path: string): boolean => !names.has(path.slice(path.lastIndexOf('/') + 1));
  return { keeps: stays, enters: stays };
}

/** The folders above a path, the nearest first. */
export function ancestorsOf(path: string): readonly string[] {
  const found: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) found.push(path.slice(0, end));
  return found;
}
