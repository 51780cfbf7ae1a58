import type { RecipeName } from '../../api.ts';
import type { PathFilter } from '../../archive/pack.ts';
import type { Io } from '../../content/store.ts';
import type { ImageBlueprint } from '../blueprint.ts';
import type { ProjectFolder } from './projectFolder.ts';

/** How projects of one ecosystem become images. One file each, in the list of `detectProjects.ts`. */
export interface Recipe {
  readonly name: RecipeName;
  /**
   * What it can make of a folder, the likeliest first; empty where nothing. Reads small files, runs nothing, and never throws
   * for what the files hold: a broken pom.xml is a project with a warning, or none.
   */
  detect(folder: ProjectFolder, io: Io): Promise<readonly Project[]>;
}

/** Something in a folder that can be made into an image. */
export interface Project {
  readonly recipe: RecipeName;
  /** Unique in the folder for its recipe and the same each time: `cmd/server`. */
  readonly id: string;
  /** Such as `Go program ./cmd/server`. */
  readonly title: string;
  /** References of bases that suit it, the best first. */
  readonly bases: readonly string[];
  /** Platforms that its own settings ask for. */
  readonly platforms?: readonly string[];
  /** The commands of the user's own tool chain, in order; empty where there is nothing to build. Reads nothing big, runs nothing. */
  builds(build: BuildContext, io: Io): Promise<readonly BuildStep[]>;
  /**
   * The image, after the builds have run.
   * @throws OciError not-found naming the output that is missing and the command that makes it; invalid-reference, corrupt-archive
   */
  image(build: BuildContext, io: Io): Promise<ImageBlueprint>;
}

export interface BuildContext {
  /** For which platforms, such as `linux/arm64`; at least one. */
  readonly platforms: readonly string[];
  /** An absolute path of a folder of this project's own outside the workspace, for outputs that have no place in it. It is kept between builds. */
  readonly output: string;
  /** The base that was chosen; absent: one of the project's own will be. */
  readonly base?: string;
  /** What ignore rules leave of a folder of the workspace; absent: everything. */
  readonly filter?: PathFilter;
  /** What goes in of outputs that ignore rules name. Absent: all that does not look like a secret. */
  readonly outputs?: PathFilter;
}

/** One command: run without a shell, with the user's own tool chain and its caches. */
export interface BuildStep {
  /** Such as `go build ./cmd/server for linux/arm64`. */
  readonly title: string;
  /** Absent: for all platforms. */
  readonly platform?: string;
  /** A program found by PATH, or an absolute path (`…/gradlew`). */
  readonly command: string;
  readonly args: readonly string[];
  /** An absolute path. */
  readonly directory: string;
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Said where the command is not there: a sentence on how to get it. */
  readonly howToGet: string;
  /** Written before it runs, by absolute paths in the folder for outputs. */
  readonly files?: Readonly<Record<string, string>>;
  /** Said where the command fails: a sentence on what it may be for want of. */
  readonly ifItFails?: string;
}
