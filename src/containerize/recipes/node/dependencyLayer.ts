import type { LayerFile, PathFilter } from '../../../archive/pack.ts';
import type { LayerBlueprint } from '../../blueprint.ts';
import { ancestorsOf, withoutNames } from '../folder/pathFilters.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import { type Closure, modulesOf, type NeededPackage } from './productionClosure.ts';

/** Where the project's folder goes in the image. */
export const appRoot = '/app';

const junk: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);

/** The layer with what is installed in node_modules, at the same places as on disk; undefined where that is nothing. */
export function dependencyLayer(folder: ProjectFolder, closure: Closure): LayerBlueprint | undefined {
  const packages = installedPackages(closure);
  if (packages.length === 0 && closure.links.length === 0) return undefined;
  const inPlace = packages.filter(({ place, from }) => place === from);
  const files: LayerFile[] = packages
    .filter(({ place, from }) => place !== from)
    .map(({ place, from }) => ({
      from: folder.path(from),
      to: `${appRoot}/${place}`,
      filter: withoutNames(new Set([...junk, 'node_modules'])),
    }));
  const kept = packagesFilter(inPlace, closure.links);
  return { name: 'dependencies', files: [{ from: folder.root, to: appRoot, filter: kept }, ...files] };
}

/** Packages that lie in a node_modules folder. */
export function installedPackages({ packages }: Closure): readonly NeededPackage[] {
  return packages.filter(({ from }) => modulesOf(from) !== undefined);
}

/** Packages of the workspace that others find by links: their files are the user's own, and change as often. */
export function workspacePackages({ packages }: Closure): readonly NeededPackage[] {
  return packages.filter(({ from }) => modulesOf(from) === undefined);
}

/** Keeps whole packages and links. What is in a package's own node_modules is kept only where it is one of them. */
export function packagesFilter(packages: readonly NeededPackage[], links: readonly string[]): PathFilter {
  const byPlace = new Map(packages.map((one) => [one.place, one]));
  const linked = new Set(links);
  const above = new Set([...byPlace.keys(), ...links].flatMap(ancestorsOf));
  return {
    keeps: (path) => {
      if (linked.has(path) || byPlace.has(path)) return true;
      const owner = ancestorsOf(path).find((folder) => byPlace.has(folder));
      if (owner === undefined || junk.has(path.slice(path.lastIndexOf('/') + 1))) return false;
      const rest = path.slice(owner.length + 1);
      return !`${rest}/`.startsWith('node_modules/') || byPlace.get(owner)?.json.bundles === true;
    },
    enters: (path) => above.has(path),
  };
}
