import path from 'node:path';
import type { BinaryDescription } from '../api.ts';

/** Why files are no image of one program. */
export interface FilesProblem {
  readonly text: string;
  /** True where no image can be made of them all the same. */
  readonly isFatal: boolean;
}

/** Why files cannot be one image: a program, or one program for each platform. Undefined where they can. */
export function problemOf(all: readonly BinaryDescription[]): FilesProblem | undefined {
  return all.length === 1 ? unfit(all[0]) : severalProblem(all);
}

/** Why one file is no program for Linux. */
function unfit(binary: BinaryDescription | undefined): FilesProblem | undefined {
  if (binary === undefined || (binary.kind === 'program' && binary.advice === undefined)) return undefined;
  const { file, format, summary, advice = '' } = binary;
  const isFatal = format === 'mach-o' || format === 'pe';
  return { text: `${path.basename(file)} cannot be started by Linux. ${summary} ${advice}`.trim(), isFatal };
}

/** Why files are not one program for each platform. */
function severalProblem(all: readonly BinaryDescription[]): FilesProblem | undefined {
  const what = 'Several files become one image where they are one program, built once for each platform.';
  const [every, taken] = ['every platform', new Map<string, string>()];
  for (const binary of all) {
    const name = path.basename(binary.file);
    if (unfit(binary) !== undefined) return { text: `${what} ${name} is no program for Linux.`, isFatal: true };
    for (const platform of binary.platforms.length === 0 ? [every] : binary.platforms) {
      const any = platform === every ? taken.values().next().value : taken.get(every);
      const other = taken.get(platform) ?? any;
      if (other !== undefined) return { text: `${what} ${other} and ${name} are both for ${platform}.`, isFatal: true };
      taken.set(platform, name);
    }
  }
  return undefined;
}
