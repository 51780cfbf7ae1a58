import type { Io } from '../../content/store.ts';
import type { BaseFiles } from './baseFiles.ts';
import { readLibraryCache } from './libraryCache.ts';
import { folderOf, foldersIn, type LoadedObject, type Loader } from './loader.ts';

/** What AT_PLATFORM says, by the machine of the ELF header. */
const platformNames: Readonly<Record<number, string>> = { 3: 'i686', 40: 'v7l', 62: 'x86_64', 183: 'aarch64' };

/** glibc's loader, ld.so(8), as the base has it. */
export class GlibcLoader implements Loader {
  readonly libc = 'glibc';
  readonly #interpreter: LoadedObject;
  readonly #cache: ReadonlyMap<string, readonly string[]>;
  readonly #folders: readonly string[];
  readonly #base: BaseFiles;

  private constructor(
    base: BaseFiles,
    interpreter: LoadedObject,
    cache: ReadonlyMap<string, readonly string[]>,
    folders: readonly string[],
  ) {
    this.#base = base;
    this.#interpreter = interpreter;
    this.#cache = cache;
    this.#folders = folders;
  }

  static async open(base: BaseFiles, interpreter: LoadedObject, io: Io): Promise<GlibcLoader> {
    const { source, header } = interpreter.elf;
    const folders = builtInFolders(await source.read(0, Math.min(source.size, 1 << 20), io));
    const fallback = header.format.bits === 64 ? ['/lib64', '/usr/lib64'] : ['/lib', '/usr/lib'];
    const cache = await readLibraryCache(base, header.format, io);
    return new GlibcLoader(base, interpreter, cache, folders ?? fallback);
  }

  isBuiltIn(name: string): boolean {
    return name === this.#interpreter.dynamic?.soname;
  }

  places(name: string, from: LoadedObject): readonly string[] {
    const workdir = this.#base.config?.WorkingDir ?? '/';
    if (name.includes('/')) return foldersIn(name, this.#tokens(from), workdir);
    const list = (text: string | undefined, by: LoadedObject): readonly string[] =>
      foldersIn(text, this.#tokens(by), workdir).map((folder) => `${folder}/${name}`);
    const rpath = from.dynamic?.runpath === undefined ? this.#withParents(from) : [];
    const noDefault = from.dynamic?.noDefaultDirectories === true;
    const defaults = this.#folders.map((folder) => `${folder}/${name}`);
    const cached = this.#cache.get(name) ?? [];
    return [
      ...rpath.flatMap((by) => list(by.dynamic?.rpath, by)),
      ...list(this.#base.variable('LD_LIBRARY_PATH')?.replaceAll(';', ':'), from),
      ...list(from.dynamic?.runpath, from),
      ...(noDefault ? cached.filter((path) => !this.#folders.includes(folderOf(path))) : [...cached, ...defaults]),
    ];
  }

  /** RPATH, unlike RUNPATH, holds for what a library's libraries need too. */
  #withParents(from: LoadedObject): readonly LoadedObject[] {
    const all: LoadedObject[] = [];
    for (let by: LoadedObject | undefined = from; by !== undefined; by = by.parent) all.push(by);
    return all;
  }

  #tokens({ path, elf }: LoadedObject): Parameters<typeof foldersIn>[1] {
    const first = this.#folders.find((folder) => !folder.startsWith('/usr')) ?? '/lib64';
    return { ORIGIN: folderOf(path), LIB: first.slice(1), PLATFORM: platformNames[elf.header.machine] ?? '' };
  }
}

/** The default folders are compiled into the loader, one text after the other, each with a slash at its end. */
function builtInFolders(bytes: Uint8Array): readonly string[] | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const found = /\0((?:\/[\w.+/-]{1,200}\/\0){2,8})/.exec(text)?.[1];
  return found
    ?.split('\0')
    .filter((folder) => folder !== '')
    .map((folder) => folder.slice(0, -1));
}
