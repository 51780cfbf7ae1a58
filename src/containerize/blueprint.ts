import type { ConfigChanges, ContainerizeWarning } from '../api.ts';
import type { LayerFile } from '../archive/pack.ts';

/** What goes into one new layer. */
export interface LayerBlueprint {
  /** What it holds, for people and for the history: `dependencies`, `classes`, … */
  readonly name: string;
  readonly files: readonly LayerFile[];
  /** Only for images of this platform, such as `linux/arm64`. Absent: for all. */
  readonly platform?: string;
}

/** A program that the image will start: what preflight looks at. */
export interface ImageProgram {
  /** Its absolute path on this machine. */
  readonly file: string;
  /** Its absolute path in the image. */
  readonly path: string;
  /** Absent: in the images of all platforms. */
  readonly platform?: string;
}

/** An image that is still to be packed: what files, recipes, specs and Dockerfiles come to. */
export interface ImageBlueprint {
  /** A reference, `oci:PATH[:TAG]` or `scratch`. Absent: one is recommended. */
  readonly base?: string;
  /** In the order they lie on each other: what changes least first. */
  readonly layers: readonly LayerBlueprint[];
  readonly config: ConfigChanges;
  readonly programs: readonly ImageProgram[];
  /** Absent: every image of the base that the programs can run on. */
  readonly platforms?: readonly string[];
  readonly target?: string;
  readonly tags?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Seconds since 1970 that image and files are dated. Absent: SOURCE_DATE_EPOCH, else 0. */
  readonly epoch?: number;
  readonly warnings: readonly ContainerizeWarning[];
  /** Folders and files that say what was put in, for the SBOM: lock files, folders with packages. */
  readonly materials: readonly string[];
  /** Lock files that know more of what the materials name: checksums, and where it comes from. */
  readonly lockFiles?: readonly string[];
}
