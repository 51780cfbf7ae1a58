import type { PreflightReason, PreflightResult, RecommendedBase } from '../api.ts';
import type { IndexOptions } from '../archive/layers.ts';
import type { Io } from '../content/store.ts';
import { formatPlatform, matchesPlatform, type Platform } from '../oci/platform.ts';
import type { ImageFiles } from '../operations/imageFiles.ts';
import { BaseFiles } from './preflight/baseFiles.ts';
import { checkPlatform } from './preflight/checkPlatform.ts';
import { type Candidate, preflight } from './preflight/preflight.ts';
import { reasonOf } from './recommendReason.ts';

/** What is said of one base. */
export type BaseVerdict = Pick<RecommendedBase, 'verdict' | 'reason'>;

export interface RecommendOptions extends IndexOptions {
  /** For which platform the image is to be. Default: that of the base, which was chosen by the program's. */
  readonly platform?: Platform;
}

/**
 * Whether a program runs on a base, and why in a sentence. Layers are read only where manifest and config do not decide.
 * @param files the base; undefined is `scratch`
 * @throws OciError of the base's layers
 */
export async function recommendBase(
  candidate: Candidate,
  files: ImageFiles | undefined,
  { platform, ...reading }: RecommendOptions,
  io: Io,
): Promise<BaseVerdict> {
  if (platform !== undefined) {
    const unfit = checkWanted(candidate, files, platform);
    if (unfit !== undefined) return { verdict: 'fails', reason: unfit };
  }
  const bare = new BaseFiles(files);
  const first = await preflight(candidate, bare, io);
  if (files === undefined || isDecided(first.reasons)) {
    return { verdict: first.verdict, reason: reasonOf(candidate.binary, first, bare) };
  }
  const base = new BaseFiles(files, await files.filesystem(reading, io));
  const result = await preflight(candidate, base, io);
  return { verdict: result.verdict, reason: reasonOf(candidate.binary, result, base) };
}

/** Why the base or the program is not for the platform that was asked for. */
function checkWanted({ binary }: Candidate, files: ImageFiles | undefined, wanted: Platform): string | undefined {
  const offered = files?.config?.platform;
  if (offered !== undefined && !matchesPlatform(wanted, offered)) {
    return `The base has no image for ${formatPlatform(wanted)}.`;
  }
  return checkPlatform(binary, wanted).find(({ effect }) => effect === 'fails')?.text;
}

/** Reasons that no file of a base changes. */
const ofProgram: readonly PreflightReason['code'][] = [
  'wrong-platform',
  'not-a-program',
  'needs-wasm-runtime',
  'bad-shebang',
  'cpu-level',
];

/** True where a look without any file found nothing that files could give. */
function isDecided(reasons: PreflightResult['reasons']): boolean {
  const hindering = reasons.filter(({ effect }) => effect !== 'note');
  return hindering.every(({ code }) => ofProgram.includes(code));
}

const order: readonly RecommendedBase['verdict'][] = ['runs', 'unknown', 'fails', 'unreachable'];

/** Those that run it first, of those the smallest; the others as they were. */
export function sortBases(bases: readonly RecommendedBase[]): readonly RecommendedBase[] {
  return bases.toSorted((a, b) => {
    const byVerdict = order.indexOf(a.verdict) - order.indexOf(b.verdict);
    if (byVerdict !== 0 || a.verdict !== 'runs') return byVerdict;
    return (a.size ?? Infinity) - (b.size ?? Infinity);
  });
}
