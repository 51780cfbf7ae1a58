import type { Io } from '../../../content/store.ts';
import type { ImageBlueprint } from '../../blueprint.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { BuildContext, Project, Recipe } from '../recipe.ts';
import { onlyProgram } from './onlyProgram.ts';
import { both, withoutNames } from './pathFilters.ts';

const to = '/app';
const histories = withoutNames(new Set(['.git', '.hg', '.svn']));

/** The files of any folder as they are. They are started where exactly one of them is a program. Fits every folder. */
export const folderRecipe: Recipe = {
  name: 'folder',
  detect: async (folder) => [project(folder)],
};

function project(folder: ProjectFolder): Project {
  return {
    recipe: 'folder',
    id: '.',
    title: 'Files of the folder',
    bases: ['gcr.io/distroless/base-debian13:nonroot', 'debian:stable-slim', 'scratch'],
    builds: async () => [],
    image: async (build, io) => image(folder, build, io),
  };
}

async function image(folder: ProjectFolder, build: BuildContext, io: Io): Promise<ImageBlueprint> {
  const filter = both(build.filter, histories);
  const program = await onlyProgram(folder, filter, io);
  const files = { name: 'files', files: [{ from: folder.root, to, filter }] };
  const rest = { layers: [files], warnings: [], materials: [] };
  if (program === undefined) return { ...rest, config: { workdir: to }, programs: [] };
  const { path, platforms } = program;
  const one = { file: folder.path(path), path: `${to}/${path}` };
  const programs = platforms.length === 0 ? [one] : platforms.map((platform) => ({ ...one, platform }));
  return {
    ...rest,
    config: { workdir: to, entrypoint: [one.path] },
    programs,
    ...(platforms.length === 0 ? {} : { platforms }),
  };
}
