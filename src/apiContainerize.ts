/** Options and results of the verbs that turn programs into images. */

export interface DescribeBinaryOptions {
  /** An absolute path on this machine. */
  readonly file: string;
}

/** `unknown`: nothing that this program knows; `text`: no shebang says what runs it. */
export type BinaryFormat =
  'elf' | 'pe' | 'mach-o' | 'script' | 'jar' | 'class' | 'wasm' | 'dotnet' | 'text' | 'unknown';

/** What a file is, derived from its own bytes. */
export interface BinaryDescription {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  readonly format: BinaryFormat;
  /** `program`: it can be started. */
  readonly kind: 'program' | 'library' | 'object' | 'other';
  /** What it runs on, such as `linux/arm/v7`; empty where that is open (scripts, JARs) or not known. */
  readonly platforms: readonly string[];
  /** One sentence. */
  readonly summary: string;
  /** What to do to have it as a program for Linux: a sentence with a command. Absent where it is one, or may be. */
  readonly advice?: string;
  /** The tools that made it, as they signed: `GCC: (Debian 12.2.0-14) 12.2.0`. */
  readonly tools: readonly string[];
  readonly elf?: ElfDescription;
  readonly go?: GoDescription;
  /** Of programs that are Rust: the compiler's version where it is known. */
  readonly rust?: { readonly version: string | null };
  readonly script?: ScriptDescription;
  readonly java?: JavaDescription;
  readonly dotnet?: DotnetDescription;
  readonly wasm?: WasmDescription;
  /** Of PE and Mach-O: libraries it loads. */
  readonly libraries?: readonly string[];
  /** What is damaged, or could not be read, in sentences. */
  readonly problems: readonly string[];
}

export interface ElfDescription {
  readonly bits: 32 | 64;
  readonly endian: 'little' | 'big';
  /** e_machine of the ELF header. */
  readonly machine: number;
  readonly linkage: 'static' | 'dynamic';
  /** What loads it; null for static programs and libraries. */
  readonly interpreter: string | null;
  /** The C library that the interpreter belongs to; null where there is none, or it is another. */
  readonly libc: 'glibc' | 'musl' | null;
  readonly needed: readonly string[];
  readonly soname: string | null;
  readonly rpath: string | null;
  readonly runpath: string | null;
  /** The newest version of each kind that it asks for: `{GLIBC: '2.34', GLIBCXX: '3.4.30'}`. */
  readonly newestVersions: Readonly<Record<string, string>>;
  /** For musl, which has no versions: the oldest musl known to have every function that it uses; null where all do. */
  readonly oldestMusl: string | null;
  /** Neither names of its functions nor debug information are in it. */
  readonly stripped: boolean;
  /** The oldest Linux, where it says so. */
  readonly oldestKernel: string | null;
  readonly buildId: string | null;
}

export interface GoDescription {
  readonly version: string;
  /** The import path of the main package. */
  readonly path: string | null;
  readonly module: string | null;
  /** As the go command recorded them: GOOS, CGO_ENABLED, vcs.revision, … */
  readonly settings: Readonly<Record<string, string>>;
  /** The modules that were built into it, at most 20,000. */
  readonly dependencies: readonly GoDependency[];
}

/** A module that was built into a Go program. */
export interface GoDependency {
  /** The module path; of a replacement by a folder that folder, such as `../fork`. */
  readonly path: string;
  /** Such as `v1.9.3`; empty for a folder. */
  readonly version: string;
  /** As go.sum has it: `h1:…`. */
  readonly sum?: string;
  /** The module that this one was built in place of, `path@version`. */
  readonly replaces?: string;
}

export interface ScriptDescription {
  readonly interpreter: string;
  /** What stands behind it: one argument, as Linux passes it. */
  readonly argument: string | null;
  /** What is found by PATH: `python3` of `#!/usr/bin/env python3`. */
  readonly command: string | null;
}

export interface JavaDescription {
  /** The class that `java -jar` starts. */
  readonly mainClass: string | null;
  /** The major version of the class file: 61 is Java 17; null where it is not known. */
  readonly classVersion: number | null;
  /** The oldest Java that runs it. */
  readonly release: number | null;
}

export interface DotnetDescription {
  /** Such as `.NETCoreApp,Version=v8.0`. */
  readonly framework: string | null;
}

export interface WasmDescription {
  readonly kind: 'module' | 'component';
  /** Modules it imports from, such as `wasi_snapshot_preview1`. */
  readonly imports: readonly string[];
}

export interface PreflightOptions {
  /** An absolute path on this machine. */
  readonly file: string;
  /** A registry reference, `oci:PATH[:TAG]`, an archive, or `scratch`. */
  readonly base: string;
  /** Which image of an index. Default: the one that the file is for. */
  readonly platform?: string;
  /** Where the file will be in the image. Default: in `/app`. */
  readonly to?: string;
}

export type PreflightCode =
  | 'wrong-platform'
  | 'not-a-program'
  | 'damaged-file'
  | 'no-interpreter'
  | 'no-library'
  | 'damaged-library'
  | 'no-version'
  | 'no-symbol'
  | 'not-permitted'
  | 'no-user'
  | 'bad-shebang'
  | 'no-command'
  | 'no-java'
  | 'old-java'
  | 'no-dotnet'
  | 'needs-wasm-runtime'
  | 'cpu-level'
  | 'not-checked'
  | 'no-ca-certificates'
  | 'no-time-zones';

export interface PreflightReason {
  readonly code: PreflightCode;
  /** What follows from it. `note`: nothing for the verdict. */
  readonly effect: 'fails' | 'unknown' | 'note';
  /** A sentence. */
  readonly text: string;
  /** What helps: a sentence. */
  readonly fix?: string;
}

export interface PreflightResult {
  /** `runs`: nothing that is missing was found; `unknown`: the reasons say what could not be told. */
  readonly verdict: 'runs' | 'fails' | 'unknown';
  /** Those that decide first. */
  readonly reasons: readonly PreflightReason[];
  /** Of the base, with the full spelling of its reference; `scratch` has no digest. */
  readonly base: { readonly reference: string; readonly digest: string | null; readonly platform: string | null };
  readonly binary: BinaryDescription;
}
