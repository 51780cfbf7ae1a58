import type { ElfFile } from '../elf/elfFile.ts';
import type { ElfDynamic } from '../elf/elfDynamic.ts';
import type { VersionNeed } from '../elf/elfVersions.ts';

/** A program or library that is loaded. */
export interface LoadedObject {
  /** As it was asked for. */
  readonly name: string;
  /** In the image, as it was found. */
  readonly path: string;
  /** What asked for it; undefined for the program. */
  readonly parent: LoadedObject | undefined;
  readonly elf: ElfFile;
  readonly dynamic: ElfDynamic | undefined;
  readonly needs: readonly VersionNeed[];
  /** Undefined where it has no versions. */
  readonly definitions: ReadonlySet<string> | undefined;
}

/** How the loader of one C library finds libraries. */
export interface Loader {
  readonly libc: 'glibc' | 'musl';
  /** True for a library that the loader is itself. */
  isBuiltIn(name: string): boolean;
  /** Where it looks for a library that `from` needs: absolute paths, in order. */
  places(name: string, from: LoadedObject): readonly string[];
}

/** `$ORIGIN`, `$LIB` and `$PLATFORM` of a path that an ELF file names. */
export type PathTokens = Readonly<Record<'ORIGIN' | 'LIB' | 'PLATFORM', string>>;

const maxFolders = 200;
/** Linux opens no longer path (PATH_MAX). */
const maxPath = 4096;

/** The folders of a list such as RUNPATH; those that are not absolute stand in `workdir`. */
export function foldersIn(list: string | undefined, tokens: PathTokens, workdir: string): readonly string[] {
  if (list === undefined || list === '') return [];
  const replaced = list.replace(/\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM)(?!\w))/g, (_, a, b) => {
    const token: unknown = a ?? b;
    return token === 'ORIGIN' || token === 'LIB' || token === 'PLATFORM' ? tokens[token] : '';
  });
  return replaced
    .split(':')
    .slice(0, maxFolders)
    .map((folder) => (folder.startsWith('/') ? folder : `${workdir}/${folder}`))
    .filter((folder) => folder.length < maxPath);
}

/** The folder of a path. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
