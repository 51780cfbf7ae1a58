import type { BuildSummary, Compression, RecipeName } from '../../api.ts';
import type { ImageBlueprint } from '../../containerize/blueprint.ts';
import type { ContextFilter } from '../../containerize/ignore/contextFilter.ts';

/** What is to be packed, after everything has been built. */
export interface Prepared {
  readonly blueprint: ImageBlueprint;
  /** Bases that suit it, the best first, where the blueprint names none. */
  readonly bases: readonly string[];
  readonly builds: readonly BuildSummary[];
  /** The folder that it comes from, for what git knows of it. */
  readonly folder: string;
  /** The project that it is the image of, where one was found by its files. */
  readonly project?: { readonly recipe: RecipeName; readonly id: string };
  /** What it left out is known when the files have been walked. */
  readonly ignoring?: ContextFilter;
  /** What a spec says. */
  readonly compression?: Compression;
  readonly sbom?: boolean;
  readonly provenance?: boolean;
}
