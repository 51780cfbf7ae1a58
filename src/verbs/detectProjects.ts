import type { ProjectSummary } from '../api.ts';
import { detectProjects } from '../containerize/recipes/detectProjects.ts';
import { ProjectFolder } from '../containerize/recipes/projectFolder.ts';
import { buildSummary, outputFolder } from './containerizing/builds.ts';
import { OptionReader } from './options.ts';
import type { Verb } from './verb.ts';

/** `detectProjects {folder}`: what of a folder can be made into an image, the likeliest first. Runs nothing. */
export const detectProjectsVerb: Verb<readonly ProjectSummary[]> = async (value, context, _run, io) => {
  const folder = await ProjectFolder.open(new OptionReader('detectProjects', value).text('folder'));
  const found: ProjectSummary[] = [];
  for (const project of await detectProjects(folder, io)) {
    const platforms = project.platforms ?? [context.platforms()[0] ?? 'linux/amd64'];
    const output = outputFolder(context, `${folder.root}\n${project.recipe}\n${project.id}`);
    const builds = await project.builds({ platforms, output }, io);
    const { recipe, id, title, bases } = project;
    found.push({ recipe, id, title, bases, builds: builds.map(buildSummary) });
  }
  return found;
};
