import type { RunOptions } from '../../api.ts';
import { chosenProject, detectProjects } from '../../containerize/recipes/detectProjects.ts';
import { ProjectFolder } from '../../containerize/recipes/projectFolder.ts';
import type { Project } from '../../containerize/recipes/recipe.ts';
import type { Io } from '../../content/store.ts';
import type { VerbContext } from '../verb.ts';
import { buildSummary, outputFolder, runBuilds } from './builds.ts';
import type { Choices } from './choices.ts';
import { ignoringOf } from './ignoringOf.ts';
import type { Prepared } from './prepared.ts';

/** Builds a project of a folder by its recipe, and says what its image is made of. @throws OciError */
export async function prepareFolder(
  folder: string,
  choices: Choices,
  context: VerbContext,
  run: RunOptions,
  io: Io,
): Promise<Prepared> {
  const opened = await ProjectFolder.open(folder);
  const projects = await detectProjects(opened, io);
  const project = chosenProject(projects, choices.recipe, choices.project);
  return prepareProject(project, opened.root, choices, context, run, io);
}

/** The same for a project that is known, on the platforms that the choices or the project name. */
export async function prepareProject(
  project: Project,
  root: string,
  choices: Choices,
  context: VerbContext,
  run: RunOptions,
  io: Io,
): Promise<Prepared> {
  const { gitignore, secrets } = choices;
  const ignoring = await ignoringOf(choices.subject, { root, gitignore, secrets }, io);
  const platforms = choices.platforms ?? project.platforms ?? [context.platforms()[0] ?? 'linux/amd64'];
  const output = outputFolder(context, `${root}\n${project.recipe}\n${project.id}`);
  const { base } = choices;
  const build = {
    platforms,
    output,
    filter: ignoring.filter,
    outputs: ignoring.outputs,
    ...(base === undefined ? {} : { base }),
  };
  const steps = choices.build ? await project.builds(build, io) : [];
  await runBuilds(steps, context, run, io);
  const made = await project.image(build, io);
  // What is the same everywhere goes onto every image of the base.
  const chosen = choices.platforms ?? project.platforms;
  const blueprint = { ...(chosen === undefined ? {} : { platforms: chosen }), ...made };
  const { recipe, id, bases } = project;
  return { blueprint, bases, builds: steps.map(buildSummary), folder: root, project: { recipe, id }, ignoring };
}
