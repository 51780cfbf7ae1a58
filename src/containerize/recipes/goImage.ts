import path from 'node:path';
import type { ContainerizeWarning } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import type { ImageBlueprint, LayerBlueprint } from '../blueprint.ts';
import { assertBuilt } from './binaryOutput.ts';
import { goData, koDataRoot, koMode } from './goData.ts';
import type { GoProgram } from './goPackages.ts';
import { goOutput } from './goSteps.ts';
import type { BuildContext, BuildStep } from './recipe.ts';

/** Where the program goes, as ko places it. */
const appFolder = '/ko-app';
export interface GoImageOptions {
  /** The folder of the workspace. */
  readonly root: string;
  /** The base that .ko.yaml names. */
  readonly base?: string;
  readonly warnings: readonly ContainerizeWarning[];
}

/**
 * The image that ko makes: static files in a layer below the program, which differs by platform.
 * @throws OciError not-found, unsupported-media-type for programs that have not been built; those of `goData`
 */
export async function goImage(
  program: GoProgram,
  steps: readonly BuildStep[],
  build: BuildContext,
  { root, base, warnings }: GoImageOptions,
  io: Io,
): Promise<ImageBlueprint> {
  const inImage = `${appFolder}/${program.name}`;
  const programs: { file: string; path: string; platform: string }[] = [];
  for (const step of steps) {
    const platform = step.platform ?? '';
    const file = goOutput(program, build.output, platform);
    await assertBuilt(file, step, io);
    programs.push({ file, path: inImage, platform });
  }
  const [first] = programs;
  const folder = path.join(root, program.folder, 'kodata');
  const filter = build.filter === undefined ? {} : { filter: build.filter };
  const empty = path.dirname(first?.file ?? build.output);
  const data = await goData({ folder, empty, root, ...filter }, io);
  return {
    ...(base === undefined ? {} : { base }),
    layers: [{ name: 'static files', files: data }, ...programs.map(({ file, platform }) => layerOf(file, platform))],
    config: { entrypoint: [inImage], env: [`KO_DATA_PATH=${koDataRoot}`], path: [appFolder] },
    programs,
    warnings,
    materials: [],
  };
}

/** The folder of the build stands for the folder in the image, which so has ko's mode too. */
function layerOf(file: string, platform: string): LayerBlueprint {
  const name = path.basename(file);
  const filter = { keeps: (entry: string) => entry === name, enters: () => false };
  const from = path.dirname(file);
  return {
    name: 'program',
    platform,
    files: [{ from, to: appFolder, mode: koMode, directoryMode: koMode, filter }],
  };
}
