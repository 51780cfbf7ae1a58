import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { LocalFile } from '../localFile.ts';
import { readableEntries } from './folder/onDisk.ts';
import { type GoModule, moduleAbove, moduleIn } from './goModule.ts';
import { declaresMain, readGoHead } from './goSource.ts';
import type { FolderEntry, ProjectFolder } from './projectFolder.ts';

/** A package of a Go module that is a program. */
export interface GoProgram {
  readonly module: GoModule;
  /** Its folder below the folder that was looked at, with `/`; `.` for that itself. */
  readonly folder: string;
  readonly importPath: string;
  /** What the program is called: the last part of the import path, as ko names it. */
  readonly name: string;
}

const maxFolders = 5000;
const maxPrograms = 200;
/** Of a package: a program has its main function in one of the first files nearly always. */
const maxFiles = 200;
const headBytes = 64 << 10;
const sourceBytes = 1 << 20;
const skipped: ReadonlySet<string> = new Set(['vendor', 'testdata', 'node_modules']);

interface Place {
  readonly folder: string;
  readonly module: GoModule | undefined;
}

/** The programs of a folder's modules: at most 200, of the first 5,000 folders, those nearest to the top first. */
export async function findGoPrograms(folder: ProjectFolder, io: Io): Promise<readonly GoProgram[]> {
  const hasOwn = await folder.has('go.mod');
  const waiting: Place[] = [{ folder: '.', module: hasOwn ? undefined : await moduleAbove(folder, io) }];
  const found: GoProgram[] = [];
  let seen = 0;
  // A list that grows is iterated to its new end.
  for (const place of waiting) {
    if (seen++ >= maxFolders || found.length >= maxPrograms) break;
    const entries = await readableEntries(folder, place.folder, io);
    const isModule = entries.some(({ name, kind }) => name === 'go.mod' && kind === 'file');
    const module = isModule ? await moduleIn(folder, place.folder, io) : place.module;
    if (module !== undefined && (await isProgram(folder, place.folder, entries, io))) {
      found.push(programOf(folder, place.folder, module));
    }
    for (const { name, kind } of entries) {
      const isLookedAt = kind === 'folder' && !/^[._]/.test(name) && !skipped.has(name);
      if (isLookedAt) waiting.push({ folder: path.posix.join(place.folder, name), module });
    }
  }
  return found;
}

async function isProgram(
  folder: ProjectFolder,
  relative: string,
  entries: readonly FolderEntry[],
  io: Io,
): Promise<boolean> {
  const sources = entries.filter(({ name, kind }) => kind === 'file' && isSource(name)).map(({ name }) => name);
  sources.sort((a, b) => Number(b === 'main.go') - Number(a === 'main.go'));
  for (const name of sources.slice(0, maxFiles)) {
    const file = folder.path(path.posix.join(relative, name));
    const text = await start(file, headBytes, io);
    const head = readGoHead(text);
    if (head === undefined || head.isIgnored) continue;
    // All files of a folder are of one package.
    if (head.package !== 'main') return false;
    if (declaresMain(text) || declaresMain(await start(file, sourceBytes, io))) return true;
  }
  return false;
}

function isSource(name: string): boolean {
  return name.endsWith('.go') && !name.endsWith('_test.go') && !/^[._]/.test(name);
}

async function start(file: string, bytes: number, io: Io): Promise<string> {
  let source: LocalFile;
  try {
    source = await LocalFile.open(file, io);
  } catch (error) {
    if (isOciError(error)) return '';
    throw error;
  }
  try {
    return new TextDecoder().decode(await source.read(0, bytes, io));
  } finally {
    await source.close();
  }
}

function programOf(folder: ProjectFolder, relative: string, module: GoModule): GoProgram {
  const within = path.relative(module.root, folder.path(relative)).replaceAll(path.sep, '/');
  const importPath = within === '' ? module.path : `${module.path}/${within}`;
  const last = path.posix.basename(importPath);
  const name = /^[\w~+-][\w.~+-]*$/.test(last) ? last : 'ko-app';
  return { module, folder: relative, importPath, name };
}
