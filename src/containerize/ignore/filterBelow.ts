import type { PathFilter } from '../../archive/pack.ts';

/** The filter of a folder for a folder in it: `folder` is relative, with `/`, and empty for the folder itself. */
export function filterBelow(filter: PathFilter, folder: string): PathFilter {
  if (folder === '') return filter;
  return {
    keeps: (path, isFolder) => filter.keeps(`${folder}/${path}`, isFolder),
    enters: (path) => filter.enters(`${folder}/${path}`),
  };
}
