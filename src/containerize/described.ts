import type { BinaryDescription, GoDescription } from '../api.ts';
import type { GoBuild } from './goBuild.ts';

/** What a reader of one format tells; the rest is the same for all. */
export type Described = Omit<BinaryDescription, 'file' | 'size' | 'summary' | 'advice'>;

export function goDescription({ version, path, module, settings, dependencies }: GoBuild): GoDescription {
  return { version, path: path ?? null, module: module ?? null, settings, dependencies };
}
