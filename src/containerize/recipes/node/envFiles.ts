import type { ContainerizeWarning } from '../../../api.ts';
import type { PathFilter } from '../../../archive/pack.ts';
import { isFile } from '../folder/onDisk.ts';
import { inside, reaches } from './appLayer.ts';
import type { NodeProgram } from './nodeProgram.ts';
import { cleanPath, flagsWithValue, type Start } from './startCommand.ts';

/** A start command as it can be run in the image, and what is to be said of it. */
export interface KeptStart {
  readonly start: Start;
  readonly warnings: readonly ContainerizeWarning[];
}

/** The command without `--env-file` for files that are not in the image: Node does not start where one is missing. */
export async function withoutEnvFiles(
  { folder, at }: NodeProgram,
  start: Start,
  filter: PathFilter | undefined,
): Promise<KeptStart> {
  const words = [...(start.args ?? [])];
  const args: string[] = [];
  const left: string[] = [];
  while (words[0]?.startsWith('-') === true) {
    const flag = words.splice(0, flagsWithValue.has(words[0]) ? 2 : 1);
    const file = /^--env-file[=\n](.*)$/s.exec(flag.join('\n'))?.[1];
    const place = inside(at, cleanPath(file ?? '') ?? '..');
    if (file === undefined || ((await isFile(folder, place)) && reaches(filter, place))) args.push(...flag);
    else left.push(file);
  }
  if (left.length === 0) return { start, warnings: [] };
  const text =
    'The script "start" has Node read settings that are not in the image: set these variables where it runs.';
  return { start: { ...start, args: [...args, ...words] }, warnings: [{ code: 'note', text, paths: left }] };
}
