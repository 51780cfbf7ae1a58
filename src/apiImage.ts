import type { PreflightReason } from './apiContainerize.ts';

/** Options and results of the verbs that make an image of the workspace's programs, projects and folders. */

/** How a project is turned into an image. */
export type RecipeName =
  'go' | 'rust' | 'java' | 'node' | 'deno' | 'bun' | 'python' | 'dotnet' | 'static-site' | 'binary' | 'folder';

/** Changes to the image config (image-spec config.md); absent members keep the base's value. */
export interface ConfigChanges {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** `NAME=value`; replaces the same name of the base. */
  readonly env?: readonly string[];
  /** Absolute folders, added to the end of PATH. */
  readonly path?: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** `8080`, `53/udp`; added to the base's. */
  readonly ports?: readonly string[];
  /** Absolute paths; added to the base's. */
  readonly volumes?: readonly string[];
  /** `SIGTERM`, `9`. */
  readonly stopSignal?: string;
  /** Docker's extension of config.md; null takes the base's away. */
  readonly healthcheck?: Healthcheck | null;
  /** Docker's extension of config.md: what runs commands in shell form. */
  readonly shell?: readonly string[];
  readonly author?: string;
}

/** Durations in nanoseconds, as docker stores them. */
export interface Healthcheck {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', command]`. */
  readonly test: readonly string[];
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}

/** What is made into an image: exactly one of `file`, `folder`, `spec` and `dockerfile`. */
export interface ContainerizeOptions {
  /** Absolute paths of programs: one, or one for each platform. */
  readonly file?: string | readonly string[];
  /** The absolute path of a project or of a folder with files. */
  readonly folder?: string;
  /** The absolute path of a gantry.yaml, jib.yaml or .ko.yaml. */
  readonly spec?: string;
  /** The absolute path of a Dockerfile, of which the final stage is made; its context is `folder`, default its own folder. */
  readonly dockerfile?: string;
  /** Of a folder. Default: the first that fits. */
  readonly recipe?: RecipeName;
  /** Which of the projects that `detectProjects` names. Default: the first. */
  readonly project?: string;
  /** A reference, `oci:PATH[:TAG]`, `scratch`. Default: what spec, recipe or Dockerfile name, else the smallest recommended. */
  readonly base?: string;
  /** A reference, `oci:PATH:TAG` or an archive. May be absent where a spec names it. */
  readonly target?: string;
  /** More tags of the target. */
  readonly tags?: readonly string[];
  /** Default: those of the programs; of a project those of the spec, else the settings' first. */
  readonly platforms?: readonly string[];
  /** The folder in the image for a file or folder. */
  readonly to?: string;
  /** Over what spec or recipe say. */
  readonly config?: ConfigChanges;
  /** Owner of added files, `uid[:gid]`. */
  readonly owner?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Run the recipe's build first. Default: true; false packs what is there. A dry run builds too. */
  readonly build?: boolean;
  /** Of a Dockerfile: folders that stand for what `COPY --from=NAME` copies from. */
  readonly stages?: Readonly<Record<string, string>>;
  /** Of a Dockerfile: values of ARGs. Of a spec: values of `${var.NAME}`. */
  readonly args?: Readonly<Record<string, string>>;
  /** Leave out what .gitignore ignores. Default: false. */
  readonly gitignore?: boolean;
  /** Put files that look like secrets into the image all the same. Default: false. */
  readonly secrets?: boolean;
  /** Attach an SPDX 2.3 document of what was added. Default: the setting `gantry.containerize.sbom`. */
  readonly sbom?: boolean;
  /** Attach an in-toto statement with SLSA provenance. Default: false. */
  readonly provenance?: boolean;
  /** Write the image although preflight found that a program of it will not run. Default: false, rejects with will-not-run. */
  readonly force?: boolean;
  readonly compression?: 'gzip' | 'zstd' | 'none';
  readonly overwrite?: boolean | string;
  /** Write only what has this digest: that of the plan which was agreed to. Rejects with content-mismatch. */
  readonly digest?: string;
  /** Plan only: builds and packs, writes nothing. */
  readonly dryRun?: boolean;
}

export interface ContainerizedLayer {
  /** What it holds, such as `dependencies`. */
  readonly name: string;
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
  /** True where the target had it already. */
  readonly reused: boolean;
  /** Files, folders and links in it. */
  readonly entries: number;
  /** Absent: in the images of all platforms. */
  readonly platform?: string;
}

export type WarningCode =
  | 'secret-left-out'
  | 'secret-included'
  | 'link-leaves-folder'
  | 'large-file'
  | 'platform-missing'
  | 'attestations-dropped'
  | 'runs-as-root'
  | 'old-output'
  | 'not-supported'
  | 'note';

export interface ContainerizeWarning {
  readonly code: WarningCode;
  /** A sentence. */
  readonly text: string;
  /** Paths in the image or on disk, at most 100. */
  readonly paths?: readonly string[];
}

/** One member of the image config that changes. */
export interface ConfigChange {
  readonly member: string;
  /** Null where there was none. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface BuildSummary {
  /** The command as a shell would take it. */
  readonly command: string;
  readonly directory: string;
  readonly platform?: string;
}

/** What was made, or with `dryRun` would be. */
export interface ContainerizeResult {
  readonly digest: string;
  readonly target: string;
  readonly tags: readonly string[];
  readonly layers: readonly ContainerizedLayer[];
  readonly bytesTransferred: number;
  /** `scratch` has no digest. */
  readonly base: { readonly reference: string; readonly digest: string | null };
  readonly platforms: readonly string[];
  /** Images of the base for which there is no program; they are left out. */
  readonly missingPlatforms: readonly string[];
  readonly config: readonly ConfigChange[];
  readonly warnings: readonly ContainerizeWarning[];
  readonly preflight: readonly PlatformPreflight[];
  readonly builds: readonly BuildSummary[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Digests of what was attached, by kind; empty in a plan. */
  readonly attached: readonly {
    readonly kind: 'sbom' | 'provenance';
    readonly subject: string;
    readonly digest: string;
  }[];
}

export interface PlatformPreflight {
  readonly platform: string;
  /** The path of the program in the image. */
  readonly program: string;
  readonly verdict: 'runs' | 'fails' | 'unknown';
  readonly reasons: readonly PreflightReason[];
}

export interface DetectProjectsOptions {
  /** An absolute path. */
  readonly folder: string;
}

/** Something in a folder that can be made into an image. */
export interface ProjectSummary {
  readonly recipe: RecipeName;
  /** Unique in the folder and the same each time: `cmd/server`. */
  readonly id: string;
  /** Such as `Go program ./cmd/server`. */
  readonly title: string;
  /** The bases that suit it, the best first. */
  readonly bases: readonly string[];
  readonly builds: readonly BuildSummary[];
}

export interface RecommendBasesOptions {
  /** The absolute path of a program. */
  readonly file: string;
  readonly platform?: string;
  /** Default: the setting `gantry.containerize.bases`. */
  readonly bases?: readonly string[];
}

/** Bases with what preflight says of each: those that pass first, of those the smallest. */
export interface RecommendedBase {
  readonly reference: string;
  readonly verdict: 'runs' | 'fails' | 'unknown' | 'unreachable';
  /** Why, in a sentence. */
  readonly reason: string;
  /** Bytes of the compressed layers; null where it could not be read. */
  readonly size: number | null;
  readonly digest: string | null;
}
