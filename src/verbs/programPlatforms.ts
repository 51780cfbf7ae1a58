import type { BinaryDescription } from '../api.ts';
import type { VerbContext } from './verb.ts';

/** Which image of an index is wanted first: one that the program is for, also where that names no variant; else the settings'. */
export function programPlatforms({ platforms }: BinaryDescription, context: VerbContext): readonly string[] {
  const own = platforms.flatMap((platform) => [platform, platform.split('/').slice(0, 2).join('/')]);
  return [...own, ...context.platforms()];
}
