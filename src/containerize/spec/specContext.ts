import type { RecipeName } from '../../api.ts';
import type { PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import type { ImageBlueprint } from '../blueprint.ts';
import type { GitFacts } from './gitFacts.ts';

/** What a spec is put into effect with. */
export interface SpecContext {
  /** The absolute path of the folder that the spec is in. */
  readonly folder: string;
  /** Files may come from below here, an absolute path. Default: `folder`. */
  readonly root?: string;
  /** For which platforms, such as `linux/arm64`; at least one. */
  readonly platforms: readonly string[];
  /** Builds what the spec's recipe makes. Needed where the spec names a recipe. */
  readonly project?: (recipe: RecipeName, id: string | undefined) => Promise<ImageBlueprint>;
  /** What ignore rules leave of `root`. Default: everything. */
  readonly filter?: PathFilter;
  /** Of `${var.NAME}`. */
  readonly args?: Readonly<Record<string, string>>;
  /** Of `${env.NAME}`: only what the spec names is read of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What is known of the commit. Default: what the files in `.git` say. Asked only where the spec uses it. */
  readonly git?: (folder: string, io: Io) => Promise<GitFacts>;
}
