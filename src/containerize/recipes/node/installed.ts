import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathBelow } from '../../pathBelow.ts';
import type { ProjectFolder } from '../projectFolder.ts';

/** A package as Node finds it. Paths are relative to the project's folder, with `/`. */
export interface Found {
  /** Where Node sees it: its real path, but for a link that an image cannot keep. */
  readonly place: string;
  /** Its real path. */
  readonly from: string;
  /** Links on the way to it, which the image needs too. */
  readonly links: readonly string[];
}

/** Where Node does not find a package, or only outside of the folder. */
export type NotFound = 'missing' | 'outside';

const maxHops = 16;
const packageName = /^(?:@[\w~.-]{1,214}\/)?[\w~-][\w~.-]{0,213}$/;

/** Finds packages in the node_modules folders of a project, as `require` does (Node's modules.html, "Loading from node_modules folders"). */
export class InstalledPackages {
  readonly #folder: ProjectFolder;
  readonly #seen = new Map<string, Promise<Found | NotFound>>();

  constructor(folder: ProjectFolder) {
    this.#folder = folder;
  }

  /** The package of that name for code in the folder `from`. */
  async find(name: string, from: string): Promise<Found | NotFound> {
    if (!packageName.test(name)) return 'missing';
    let worst: NotFound = 'missing';
    for (const folder of lookupFolders(from)) {
      const candidate = `${folder}/${name}`;
      const seen = this.#seen.get(candidate) ?? this.#follow(candidate);
      this.#seen.set(candidate, seen);
      const found = await seen;
      if (typeof found !== 'string') return found;
      if (found === 'outside') worst = found;
    }
    return worst;
  }

  /** Links in the folder `.bin` of a node_modules folder, with the paths they lead to. */
  async commands(modules: string): Promise<readonly { readonly link: string; readonly target: string }[]> {
    const entries = await readdir(this.#folder.path(`${modules}/.bin`), { withFileTypes: true }).catch(() => []);
    const found: { link: string; target: string }[] = [];
    for (const entry of entries.filter((one) => one.isSymbolicLink())) {
      const link = `${modules}/.bin/${entry.name}`;
      const text = await readlink(this.#folder.path(link)).catch(() => '');
      const target = path.isAbsolute(text) ? undefined : this.#targetOf(link, text);
      if (target !== undefined) found.push({ link, target });
    }
    return found;
  }

  async #follow(candidate: string): Promise<Found | NotFound> {
    const links: string[] = [];
    let at = candidate;
    for (let hop = 0; hop < maxHops; hop++) {
      const file = this.#folder.path(at);
      const stat = await lstat(file).catch(() => undefined);
      if (stat === undefined) return 'missing';
      const real = await realpath(file).catch(() => undefined);
      const inside = real === undefined ? undefined : pathBelow(this.#folder.root, real);
      if (real === undefined) return 'missing';
      if (inside === undefined || inside === '') return 'outside';
      if (stat.isDirectory() && real === file) return { place: at, from: at, links };
      const text = stat.isSymbolicLink() ? await readlink(file) : '';
      const next = text === '' || path.isAbsolute(text) ? undefined : this.#targetOf(at, text);
      // A link that names a path of this machine, or a folder behind a link: the content itself goes where the link is.
      if (next === undefined) return (await isFolder(real)) ? { place: candidate, from: inside, links: [] } : 'missing';
      links.push(at);
      at = next;
    }
    return 'missing';
  }

  #targetOf(link: string, text: string): string | undefined {
    return pathBelow(this.#folder.root, path.resolve(path.dirname(this.#folder.path(link)), text));
  }
}

/** The node_modules folders that Node looks into, the nearest first, up to the project's own. */
export function lookupFolders(from: string): readonly string[] {
  const parts = from === '.' || from === '' ? [] : from.split('/');
  const found: string[] = [];
  for (let length = parts.length; length >= 0; length--) {
    if (length > 0 && parts[length - 1] === 'node_modules') continue;
    found.push([...parts.slice(0, length), 'node_modules'].join('/'));
  }
  return found;
}

async function isFolder(file: string): Promise<boolean> {
  return lstat(file).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
}
