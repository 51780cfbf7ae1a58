import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { ProjectFolder } from './projectFolder.ts';

/** A Go module: a folder with a go.mod. */
export interface GoModule {
  /** Its absolute path. */
  readonly root: string;
  /** Such as `example.com/app/v2`. */
  readonly path: string;
}

const maxParents = 64;
const maxMembers = 1000;
const modulePath = /^[A-Za-z0-9._~!+-]+(?:\/[A-Za-z0-9._~!+-]+)*$/;

/** The module path that a go.mod names (Go modules reference, `module` directive); undefined where there is none. */
export function modulePathOf(goMod: string): string | undefined {
  return directives(goMod, 'module').find((text) => modulePath.test(text) && !text.split('/').includes('..'));
}

/** The folders that a go.work uses, as it writes them; at most 1,000. */
export function workFolders(goWork: string): readonly string[] {
  return directives(goWork, 'use').slice(0, maxMembers);
}

/** What stands behind a word: on its line, or on the lines of its block. */
function directives(text: string, word: string): readonly string[] {
  const found: string[] = [];
  let isInside = false;
  for (const line of text.split('\n')) {
    const code = line.split('//', 1)[0]?.trim() ?? '';
    if (isInside && code === ')') isInside = false;
    else if (isInside) found.push(unquoted(code));
    else if (code.startsWith(word) && /^[\s("`]/.test(code.slice(word.length))) {
      const rest = code.slice(word.length).trim();
      if (rest === '(') isInside = true;
      else found.push(unquoted(rest));
    }
  }
  return found.filter((entry) => entry !== '');
}

function unquoted(text: string): string {
  return /^(["`]).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

/** The module of a folder itself; undefined where it has no go.mod, or none with a module path. */
export async function moduleIn(folder: ProjectFolder, relative: string, io: Io): Promise<GoModule | undefined> {
  const text = await folder.text(path.posix.join(relative, 'go.mod'), io);
  const found = text === undefined ? undefined : modulePathOf(text);
  return found === undefined ? undefined : { root: folder.path(relative), path: found };
}

/** The module that a folder without a go.mod is in, as the go command looks for it: in the folders above. */
export async function moduleAbove(folder: ProjectFolder, io: Io): Promise<GoModule | undefined> {
  let at = folder.root;
  for (let level = 0; level < maxParents && path.dirname(at) !== at; level += 1) {
    at = path.dirname(at);
    const above = await ProjectFolder.open(at);
    if (await above.has('go.mod')) return moduleIn(above, '.', io);
  }
  return undefined;
}
