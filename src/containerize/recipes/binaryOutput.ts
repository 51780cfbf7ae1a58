import type { Io } from '../../content/store.ts';
import { isOciError, OciError } from '../../errors.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import { escapeText } from '../../oci/reference.ts';
import { isElf } from '../elf/elfHeader.ts';
import { LocalFile } from '../localFile.ts';
import type { BuildStep } from './recipe.ts';

const headBytes = 64;

/** True for a regular file, links to it followed, that begins as an ELF file does. */
export async function isElfFile(file: string, io: Io): Promise<boolean> {
  try {
    return await beginsAsElf(file, io);
  } catch (error) {
    if (isOciError(error)) return false;
    throw error;
  }
}

/**
 * Checks that a build has left its program: what lies in its place may be a link to anything.
 * @throws OciError not-found naming the command that makes it; unsupported-media-type for what is no program for Linux; forbidden
 */
export async function assertBuilt(file: string, step: BuildStep | undefined, io: Io): Promise<void> {
  try {
    if (await beginsAsElf(file, io)) return;
  } catch (cause) {
    if (!isOciError(cause, 'not-found')) throw cause;
    const command = step === undefined ? 'its build' : `${step.command} ${step.args.join(' ')}`;
    const where = step === undefined ? '' : ` in ${escapeText(step.directory)}`;
    throw new OciError('not-found', `there is no ${escapeText(file)}. Run ${escapeText(command)}${where} first.`, {
      cause,
    });
  }
  throw new OciError('unsupported-media-type', `${escapeText(file)} is no program for Linux (ELF). Build it anew.`);
}

async function beginsAsElf(file: string, io: Io): Promise<boolean> {
  const source = await LocalFile.open(file, io);
  try {
    return isElf(await source.read(0, headBytes, io));
  } finally {
    await source.close();
  }
}

/** `linux/arm64` and `linux/arm64/v8` are one platform. */
export function eachPlatform(platforms: readonly string[]): readonly string[] {
  return [...new Set(platforms.map((platform) => formatPlatform(parsePlatform(platform))))];
}
