import type { ProjectFolder } from '../projectFolder.ts';
import type { PackageJson } from './packageJson.ts';
import type { PackageManager } from './packageManager.ts';

/** A package that is started by node, and the workspace it is in. */
export interface NodeProgram {
  readonly folder: ProjectFolder;
  /** Relative to the folder; `.` for the folder itself. */
  readonly at: string;
  readonly json: PackageJson;
  /** The package.json of the folder. */
  readonly root: PackageJson;
  /** The packages of the workspace by their folders; empty where it is none. */
  readonly members: ReadonlyMap<string, PackageJson>;
  readonly manager: PackageManager;
}
