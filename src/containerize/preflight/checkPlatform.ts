import type { BinaryDescription, PreflightReason } from '../../api.ts';
import { formatPlatform, normalizePlatform, parsePlatform, type Platform } from '../../oci/platform.ts';
import { escapeText } from '../../oci/reference.ts';
import { buildFor } from '../advice.ts';

/** What keeps a program from running on the platform of a base. */
export function checkPlatform(binary: BinaryDescription, wanted: Platform | undefined): readonly PreflightReason[] {
  const [own] = binary.platforms;
  if (own === undefined) return binary.format === 'elf' ? [unknownMachine] : [];
  const program = parsePlatform(own);
  // `scratch` is for whatever is put on it.
  const base = normalizePlatform(wanted ?? { ...program, os: 'linux' });
  const names = `The program is for ${own}, and the base for ${escapeText(formatPlatform(base)).slice(1, -1)}`;
  if (program.os === base.os && program.architecture === base.architecture) return levels(program, base, names);
  const text = `${names}.`;
  const pair = program.os === base.os ? `${program.architecture} on ${base.architecture}` : '';
  if (pair === '386 on amd64') return [{ code: 'wrong-platform', effect: 'note', text }];
  if (pair === 'arm on arm64') {
    const some = `${names}: not all such processors run it.`;
    return [{ code: 'wrong-platform', effect: 'unknown', text: some, fix: choose(own) }];
  }
  const build = base.os === 'linux' ? ` ${buildFor(binary, binary.file, base.architecture)}` : '';
  return [{ code: 'wrong-platform', effect: 'fails', text, fix: `${choose(own)}${build}` }];
}

const unknownMachine: PreflightReason = {
  code: 'wrong-platform',
  effect: 'fails',
  text: 'The program is for a machine that no image is for.',
};

/** Variants say what the processor must have: nothing that an image could. */
function levels(program: Platform, base: Platform, names: string): readonly PreflightReason[] {
  const [needed, offered] = [levelOf(program), levelOf(base)];
  if (needed <= offered) return [];
  const text = `${names}: it runs only on processors of that level.`;
  return [{ code: 'cpu-level', effect: 'note', text }];
}

function levelOf({ architecture, variant }: Platform): number {
  const level = Number(/^v(\d)/.exec(variant ?? '')?.[1] ?? NaN);
  if (!Number.isNaN(level)) return level;
  return architecture === 'arm' ? 7 : architecture === 'arm64' ? 8 : 1;
}

function choose(platform: string): string {
  return `Choose a base for ${platform}.`;
}
