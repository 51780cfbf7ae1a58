import type { PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import { quoted, wrong } from './complaints.ts';
import { hasWildcards } from './goMatch.ts';
import { including } from './patternFilter.ts';
import { findSources, namesInside, type SourceFolder } from './sourceFolder.ts';

/** A source of `COPY --parents`: all that a filter leaves of a folder, under the names it has there. */
export interface SourceWithParents {
  /** Below the source folder, with `/`; empty for itself. */
  readonly root: string;
  /** Absent: everything. */
  readonly filter?: PathFilter;
}

/**
 * What a source with parents names: what is before `/./` is not kept. Patterns may have `**`.
 * @throws OciError invalid-spec where a source without pattern is not there
 */
export async function findWithParents(source: string, folder: SourceFolder, io: Io): Promise<SourceWithParents> {
  const pivot = source.indexOf('/./');
  const above = pivot < 0 ? '' : source.slice(0, pivot);
  const pattern = namesInside(pivot < 0 ? source : source.slice(pivot + 3), folder).join('/');
  const isPattern = hasWildcards(pattern);
  if (hasWildcards(above)) throw wrong(`${quoted(source)}: there may be no pattern before /./.`);
  const [root] = await findSources(above, folder, io);
  if (!isPattern) await findSources([...(above === '' ? [] : [above]), pattern].join('/'), folder, io);
  if (root?.kind !== 'folder') throw wrong(`${quoted(above)} is no folder.`);
  return pattern === '' ? { root: root.path } : { root: root.path, filter: including(pattern) };
}
