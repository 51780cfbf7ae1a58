import path from 'node:path';
import type { ElfDescription } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { isFile } from './folder/onDisk.ts';
import { describedProgram } from './binaryPrograms.ts';
import type { ProjectFolder } from './projectFolder.ts';

/** A shared library that a project has built for its program. */
export interface OwnLibrary {
  /** An absolute path, no link. */
  readonly file: string;
  /** Its path beside the program in the image, with `/`: `libgreet.so.1`. */
  readonly place: string;
}

export interface OwnLibraries {
  readonly libraries: readonly OwnLibrary[];
  /** The loader finds some of them only where it is told: the folder of the program. */
  readonly needsPath: boolean;
}

interface Loaded {
  /** Below the project, with `/`. */
  readonly at: string;
  /** Below the folder of the program in the image. */
  readonly place: string;
  readonly elf: ElfDescription;
}

const maxLibraries = 200;

/** The libraries of a project that its program needs, and those need: others are the base's. */
export async function ownLibraries(
  folder: ProjectFolder,
  at: string,
  elf: ElfDescription,
  io: Io,
): Promise<OwnLibraries> {
  const found = new Map<string, OwnLibrary>();
  let needsPath = false;
  const waiting: Loaded[] = [{ at, place: path.posix.basename(at), elf }];
  for (const by of waiting) {
    for (const name of by.elf.needed) {
      const own = found.has(name) || found.size >= maxLibraries ? undefined : await find(folder, by, name);
      if (own === undefined) continue;
      const file = folder.path(own.at);
      const library = (await describedProgram(file, io))?.elf;
      if (library === undefined) continue;
      found.set(name, { file, place: own.place });
      needsPath ||= own.needsPath;
      waiting.push({ at: own.at, place: own.place, elf: library });
    }
  }
  return { libraries: [...found.values()], needsPath };
}

/** Along RPATH or RUNPATH, where build tools write the places of a project's own libraries, and beside what needs it. */
async function find(
  folder: ProjectFolder,
  { at, place, elf }: Loaded,
  name: string,
): Promise<{ readonly at: string; readonly place: string; readonly needsPath: boolean } | undefined> {
  if (name.includes('/')) return undefined;
  const origin = path.posix.dirname(at);
  for (const entry of [...(elf.runpath ?? elf.rpath ?? '').split(':'), '']) {
    const [, relative] = /^\$(?:ORIGIN|\{ORIGIN\})(?:\/(.*))?$/.exec(entry) ?? [];
    const isRelative = /^\$(?:ORIGIN|\{ORIGIN\})/.test(entry);
    const directory = isRelative || entry === '' ? path.posix.join(origin, relative ?? '') : below(folder, entry);
    const real = directory === undefined ? undefined : await realFile(folder, path.posix.join(directory, name));
    if (real === undefined) continue;
    const inImage = path.posix.join(path.posix.dirname(place), relative ?? '', name);
    const isKept = isRelative && !inImage.startsWith('../');
    return { at: real, place: isKept ? inImage : name, needsPath: !isKept };
  }
  return undefined;
}

/** An absolute folder of this machine, as it is below the project; undefined for others. */
function below({ root }: ProjectFolder, directory: string): string | undefined {
  const found = path.relative(root, directory).replaceAll(path.sep, '/');
  return path.isAbsolute(directory) && found !== '..' && !found.startsWith('../') ? found : undefined;
}

async function realFile(folder: ProjectFolder, at: string): Promise<string | undefined> {
  return at.startsWith('../') || !(await isFile(folder, at)) ? undefined : folder.real(at);
}
