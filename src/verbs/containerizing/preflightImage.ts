import type { PlatformPreflight, PreflightReason } from '../../api.ts';
import type { Layers } from '../../archive/layers.ts';
import type { ImageProgram } from '../../containerize/blueprint.ts';
import { LocalFile } from '../../containerize/localFile.ts';
import { describeBinary } from '../../containerize/describeBinary.ts';
import { BaseFiles } from '../../containerize/preflight/baseFiles.ts';
import { checkEntrypoint } from '../../containerize/preflight/entrypoint.ts';
import { preflight } from '../../containerize/preflight/preflight.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { escapeText } from '../../oci/reference.ts';
import type { AppendPlan } from '../../operations/appendPlan.ts';
import { ImageFiles } from '../../operations/imageFiles.ts';
import { fits } from './wantedPlatforms.ts';

/**
 * Whether what a new image starts will run in it: looked up in all of its files, those that are added among them, as the user
 * that its config names. Nothing is run and nothing is written.
 */
export async function preflightImage(
  plan: AppendPlan,
  programs: readonly ImageProgram[],
  layers: Layers,
  io: Io,
): Promise<readonly PlatformPreflight[]> {
  const all: PlatformPreflight[] = [];
  for (const platform of [...new Set(plan.platforms)].sort()) {
    const wanted = { platform: parsePlatform(platform) };
    const own = programs.filter((program) => fits(program.platform, wanted.platform));
    const files = await ImageFiles.open(plan.source, plan.descriptor.digest, wanted, layers, io);
    const base = new BaseFiles(files, await files.filesystem({}, io));
    for (const { file, path } of own) all.push({ platform, program: path, ...(await check(file, path, base, io)) });
    const missing = own.length > 0 ? undefined : await checkEntrypoint(base, files.config, io);
    if (missing !== undefined) all.push({ platform, program: missing.program, ...verdictOf(missing.reason) });
  }
  return all;
}

/** @throws OciError will-not-run where a program fails */
export function assertRuns(found: readonly PlatformPreflight[], onto: string): void {
  const failing = found.find(({ verdict }) => verdict === 'fails');
  if (failing === undefined) return;
  const reason = failing.reasons.find(({ effect }) => effect === 'fails');
  throw new OciError(
    'will-not-run',
    `${escapeText(failing.program)} will not run on ${onto} (${failing.platform}): ${reason?.text ?? ''} ${reason?.fix ?? ''} ` +
      'Nothing was written. Choose another base, or set force to write it all the same.',
  );
}

async function check(
  file: string,
  path: string,
  base: BaseFiles,
  io: Io,
): Promise<Pick<PlatformPreflight, 'verdict' | 'reasons'>> {
  const source = await LocalFile.open(file, io);
  try {
    const binary = await describeBinary(source, file, io);
    const { verdict, reasons } = await preflight({ binary, source, path }, base, io);
    return { verdict, reasons };
  } finally {
    await source.close();
  }
}

function verdictOf(reason: PreflightReason): Pick<PlatformPreflight, 'verdict' | 'reasons'> {
  return { verdict: reason.effect === 'note' ? 'runs' : reason.effect, reasons: [reason] };
}
