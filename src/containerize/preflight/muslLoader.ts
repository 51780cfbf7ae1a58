import type { Io } from '../../content/store.ts';
import type { BaseFiles } from './baseFiles.ts';
import { folderOf, foldersIn, type LoadedObject, type Loader } from './loader.ts';

const defaultFolders = ['/lib', '/usr/local/lib', '/usr/lib'];
const maxPathFileBytes = 1 << 20;

/** musl's loader (ldso/dynlink.c), as the base has it. */
export class MuslLoader implements Loader {
  readonly libc = 'musl';
  readonly #base: BaseFiles;
  readonly #folders: readonly string[];

  private constructor(base: BaseFiles, folders: readonly string[]) {
    this.#base = base;
    this.#folders = folders;
  }

  /** @param interpreter as the program names it: /lib/ld-musl-x86_64.so.1 has its folders in /etc/ld-musl-x86_64.path */
  static async open(base: BaseFiles, interpreter: string, io: Io): Promise<MuslLoader> {
    const [, prefix = '', name = ''] = /^(.*)\/[^/]*\/(ld-musl-[\w.-]+)\.so\.\d+$/.exec(interpreter) ?? [];
    const text = await base.text(`${prefix}/etc/${name}.path`, maxPathFileBytes, io);
    const folders = text?.split(/[\n:]/).filter((folder) => folder !== '');
    return new MuslLoader(base, folders ?? defaultFolders);
  }

  isBuiltIn(name: string): boolean {
    return /^(?:lib(?:c|pthread|rt|m|dl|util|xnet)\.|ld-musl-)/.test(name);
  }

  places(name: string, from: LoadedObject): readonly string[] {
    if (name.includes('/')) return [name.startsWith('/') ? name : `${this.#base.config?.WorkingDir ?? ''}/${name}`];
    const folders = [...foldersIn(this.#base.variable('LD_LIBRARY_PATH')?.replaceAll('\n', ':'), noTokens, '')];
    for (let by: LoadedObject | undefined = from; by !== undefined; by = by.parent) {
      const tokens = { ...noTokens, ORIGIN: folderOf(by.path) };
      folders.push(...foldersIn(by.dynamic?.runpath ?? by.dynamic?.rpath, tokens, ''));
    }
    return [...folders, ...this.#folders].map((folder) => `${folder}/${name}`);
  }
}

const noTokens = { ORIGIN: '', LIB: '', PLATFORM: '' };
