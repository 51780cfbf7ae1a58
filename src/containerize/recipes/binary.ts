import path from 'node:path';
import { OciError } from '../../errors.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import { escapeText } from '../../oci/reference.ts';
import type { ImageBlueprint, LayerBlueprint } from '../blueprint.ts';

/** A program of this machine. */
export interface ProgramFile {
  /** An absolute path. */
  readonly file: string;
  /** Absent: for the images of all platforms, as a script is. */
  readonly platform?: string;
}

export interface ProgramPlacement {
  /** The absolute path of the folder in the image. */
  readonly to: string;
  /** Default: 0. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * The image of a program: one file for each platform, all under the name of the first in one place.
 * @throws OciError invalid-reference for two files for one platform, and for none
 */
export function blueprintOfFiles(files: readonly ProgramFile[], { to, owner }: ProgramPlacement): ImageBlueprint {
  const [first] = files;
  if (first === undefined) throw new OciError('invalid-reference', 'There is no program. Name at least one file.');
  const inImage = `${to.replace(/(?<!\/)\/+$/, '')}/${path.basename(first.file)}`;
  const programs = files.map(({ file, platform }) => ({
    file,
    path: inImage,
    ...(platform === undefined ? {} : { platform: formatPlatform(parsePlatform(platform)) }),
  }));
  assertApart(programs);
  const layers = programs.map(({ file, platform }): LayerBlueprint => {
    const placed = { from: file, to: inImage, mode: 0o755, ...owner };
    return { name: 'program', files: [placed], ...(platform === undefined ? {} : { platform }) };
  });
  const platforms = programs.flatMap(({ platform }) => (platform === undefined ? [] : [platform]));
  return {
    layers,
    config: { entrypoint: [inImage] },
    programs,
    ...(platforms.length === 0 ? {} : { platforms }),
    warnings: [],
    materials: [],
  };
}

/** One that is for all platforms leaves no place for another. */
function assertApart(programs: readonly ProgramFile[]): void {
  const byPlatform = new Map<string | undefined, string>();
  const all = programs.find(({ platform }) => platform === undefined);
  for (const program of programs) {
    const other = byPlatform.get(program.platform) ?? (all === program ? undefined : all?.file);
    if (other !== undefined) {
      const platform = program.platform ?? 'all platforms';
      throw new OciError(
        'invalid-reference',
        `${escapeText(other)} and ${escapeText(program.file)} are both for ${platform}. Name one file for each platform.`,
      );
    }
    byPlatform.set(program.platform, program.file);
  }
}
