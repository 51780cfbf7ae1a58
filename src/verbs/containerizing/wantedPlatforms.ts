import type { ImageBlueprint } from '../../containerize/blueprint.ts';
import { OciError } from '../../errors.ts';
import { formatPlatform, matchesPlatform, parsePlatform, type Platform } from '../../oci/platform.ts';
import type { Choices } from './choices.ts';
import type { ChosenBase } from './chooseBase.ts';

/** For which platforms images are made. */
export interface WantedPlatforms {
  /** Absent: every image of the base. */
  readonly platforms?: readonly Platform[];
  /** Images of the base that are left out. */
  readonly missing: readonly string[];
}

/**
 * The platforms that were chosen, else those of the programs, else all of the base.
 * @throws OciError invalid-reference where a platform was chosen for which there is no program
 */
export function wantedPlatforms(choices: Choices, blueprint: ImageBlueprint, base: ChosenBase): WantedPlatforms {
  const own = [...new Set(blueprint.layers.flatMap(({ platform }) => platform ?? []))];
  const texts = choices.platforms ?? blueprint.platforms ?? (own.length > 0 ? own : undefined);
  if (texts === undefined) return { missing: [] };
  const platforms = texts.map(parsePlatform);
  for (const platform of platforms) assertProgram(platform, own);
  const missing = base.platforms.filter(
    (text) => !platforms.some((wanted) => matchesPlatform(wanted, parsePlatform(text))),
  );
  return { platforms, missing };
}

function assertProgram(platform: Platform, own: readonly string[]): void {
  if (own.length === 0 || own.some((text) => fits(text, platform))) return;
  throw new OciError(
    'invalid-reference',
    `There is no program for ${formatPlatform(platform)}: there are some for ${own.join(', ')}. Build one for it, or leave the platform out.`,
  );
}

/** True where what is for the platform of a blueprint is for this platform of an image too. */
export function fits(blueprint: string | undefined, platform: Platform): boolean {
  return blueprint === undefined || matchesPlatform(parsePlatform(blueprint), platform);
}
