import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { isFile } from './folder/onDisk.ts';
import type { ProjectFolder } from './projectFolder.ts';

/** A command of a task or script that names a source file. */
export interface SourceCommand {
  /** What stands between the program and the file: a word such as `run`, and flags. */
  readonly before: readonly string[];
  /** The file, relative to the folder, with `/`. */
  readonly entry: string;
}

const maxLength = 4096;
/** Flags whose value is a source file too. */
const takesFile = /^--(?:include|preload|import|require)$/;

/** The command of `program` in the text of a task that names a source file; undefined where there is none. */
export function sourceCommand(text: string, program: string): SourceCommand | undefined {
  if (text.length > maxLength) return undefined;
  for (const part of text.split(/&&|\|\||[;|&]/)) {
    const words = part.split(/\s+/).flatMap((word) => (word === '' ? [] : [word.replace(/^(["'])(.*)\1$/, '$2')]));
    const first = words.findIndex((word) => !/^\w+=/.test(word));
    const at = words.findIndex(
      (word, index) => index > first && isSource(word) && !takesFile.test(words[index - 1] ?? ''),
    );
    const entry = words[at];
    if (words[first] === program && entry !== undefined) return { before: words.slice(first + 1, at), entry };
  }
  return undefined;
}

function isSource(word: string): boolean {
  return !word.startsWith('-') && /\.(?:[cm]?[jt]s|[jt]sx)$/.test(word);
}

/** The first of some files that is in a folder, relative, with `/`; what leads out of it is passed over. */
export async function firstThere(folder: ProjectFolder, names: readonly string[], io: Io): Promise<string | undefined> {
  for (const name of names) {
    if (name.includes('\0') || /^(?:[a-z]+:|[\\/])/i.test(name)) continue;
    const inside = path.posix.normalize(name.replaceAll('\\', '/'));
    if (/^\.\.?(?:\/|$)|\/$/.test(inside)) continue;
    io.signal.throwIfAborted();
    if (await isFile(folder, inside)) return inside;
  }
  return undefined;
}

/** What a program is called: the last part of a package's name, else of the folder's. */
export function programName(name: unknown, folder: ProjectFolder): string {
  const texts = [typeof name === 'string' ? name : '', path.basename(folder.root)];
  const last = texts.map((text) => text.slice(text.lastIndexOf('/') + 1));
  return last.find((text) => /^[A-Za-z0-9_][\w.-]{0,100}$/.test(text)) ?? 'app';
}
