import path from 'node:path';
import type { Io } from '../../../content/store.ts';
import { readableText } from '../folder/onDisk.ts';
import type { ProjectFolder } from '../projectFolder.ts';

const maxFiles = 100;
/** Names that are looked for, there or not. */
const maxTried = 1000;

/**
 * A requirements file and those that it names by `-r` and `-c`, and so on, by their paths in the project: at most 100, none
 * outside of it (pip, Requirements File Format).
 */
export async function requirementFiles(
  folder: ProjectFolder,
  first: string,
  io: Io,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const waiting = [first];
  // A list that grows is iterated to its new end.
  for (const [tried, file] of waiting.entries()) {
    if (tried >= maxTried || found.size >= maxFiles) break;
    const text = found.has(file) ? undefined : await readableText(folder, file, io);
    if (text === undefined) continue;
    found.set(file, text);
    for (const [, name = ''] of text.matchAll(
      /^[ \t]*(?:-[rc][ \t]*|--(?:requirement|constraint)(?:[ \t]+|=))(\S+)/gm,
    )) {
      waiting.push(path.posix.join(path.posix.dirname(file), name));
    }
  }
  return found;
}
