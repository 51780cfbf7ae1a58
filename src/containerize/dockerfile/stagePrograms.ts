import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigChanges } from '../../api.ts';
import type { LayerFile } from '../../archive/pack.ts';
import type { ImageProgram, LayerBlueprint } from '../blueprint.ts';

/** The program that a container of the image starts, where it is a file of this machine that a layer brings. */
export async function stagePrograms(
  config: ConfigChanges,
  layers: readonly LayerBlueprint[],
): Promise<readonly ImageProgram[]> {
  const [first] = config.entrypoint?.length ? config.entrypoint : (config.cmd ?? []);
  if (first?.includes('/') !== true) return [];
  const place = path.posix.resolve('/', config.workdir ?? '/', first);
  const programs: ImageProgram[] = [];
  for (const { files, platform } of layers.toReversed()) {
    const file = await sourceOf(place, files);
    const isHidden = programs.some((one) => one.platform === undefined || one.platform === platform);
    if (file !== undefined && !isHidden)
      programs.push({ file, path: place, ...(platform === undefined ? {} : { platform }) });
  }
  return programs;
}

async function sourceOf(place: string, files: readonly LayerFile[]): Promise<string | undefined> {
  for (const file of files) {
    if ('content' in file) continue;
    const relative = path.posix.relative(file.to, place);
    if (relative === '..' || relative.startsWith('../')) continue;
    if (relative !== '' && file.filter?.keeps(relative, false) === false) continue;
    const source = path.join(file.from, relative);
    const stat = await lstat(source).catch(() => undefined);
    if (stat?.isFile() === true) return source;
  }
  return undefined;
}
