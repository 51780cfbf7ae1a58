import path from 'node:path';
import type { BuildSummary, RunOptions } from '../../api.ts';
import { jibBlueprint, readJibConfig } from '../../containerize/jibConfig.ts';
import { chosenProject, detectProjects } from '../../containerize/recipes/detectProjects.ts';
import { ProjectFolder } from '../../containerize/recipes/projectFolder.ts';
import { type GantrySpec, maxSpecLength, readSpec } from '../../containerize/spec/gantrySpec.ts';
import { specBlueprint } from '../../containerize/spec/specBlueprint.ts';
import { parseYaml, type YamlDocument } from '../../containerize/spec/yamlDocument.ts';
import type { Io } from '../../content/store.ts';
import { OciError } from '../../errors.ts';
import { escapeText } from '../../oci/reference.ts';
import type { VerbContext } from '../verb.ts';
import type { Choices } from './choices.ts';
import { gitFacts } from './gitFacts.ts';
import { ignoringOf } from './ignoringOf.ts';
import type { Prepared } from './prepared.ts';
import { prepareFolder, prepareProject } from './prepareFolder.ts';

/** What a spec, a jib.yaml or a .ko.yaml describes. @throws SpecError with every problem at its line */
export async function prepareSpec(
  spec: string,
  choices: Choices,
  context: VerbContext,
  run: RunOptions,
  io: Io,
): Promise<Prepared> {
  const [folder, name] = [path.dirname(spec), path.basename(spec)];
  // ko reads its settings beside the project that they are for; so does the recipe.
  if (name.startsWith('.ko.')) return prepareFolder(folder, { ...choices, recipe: 'go' }, context, run, io);
  const document = await readDocument(spec, name, io);
  if (name.startsWith('jib.')) return prepareJib(document, folder, choices, io);
  return prepareGantry(readSpec(document), folder, choices, context, run, io);
}

async function readDocument(spec: string, name: string, io: Io): Promise<YamlDocument> {
  const text = await (await ProjectFolder.open(path.dirname(spec))).text(name, io);
  if (text !== undefined) return parseYaml(text, spec, { maxLength: maxSpecLength });
  throw new OciError('not-found', `there is no file ${escapeText(spec)}.`);
}

async function prepareJib(document: YamlDocument, folder: string, choices: Choices, io: Io): Promise<Prepared> {
  const { gitignore, secrets } = choices;
  const ignoring = await ignoringOf(choices.subject, { root: folder, gitignore, secrets }, io);
  const config = readJibConfig(document.value, document.file, (at) => document.at(at));
  const blueprint = await jibBlueprint(config, { folder, filter: ignoring.outputs }, io);
  return { blueprint, bases: [], builds: [], folder, ignoring };
}

async function prepareGantry(
  spec: GantrySpec,
  folder: string,
  given: Choices,
  context: VerbContext,
  run: RunOptions,
  io: Io,
): Promise<Prepared> {
  const choices = withSpec(given, spec);
  const { gitignore, secrets } = choices;
  const rules = {
    root: folder,
    gitignore,
    secrets,
    ...(spec.ignore.dockerignore === false ? { dockerignore: '' } : {}),
  };
  const ignoring = await ignoringOf(choices.subject, rules, io);
  const builds: BuildSummary[] = [];
  const bases: string[] = [];
  const opened = await ProjectFolder.open(folder);
  const project =
    spec.recipe === undefined ? undefined : chosenProject(await detectProjects(opened, io), spec.recipe, spec.project);
  const platforms = choices.platforms ?? project?.platforms ?? [context.platforms()[0] ?? 'linux/amd64'];
  const blueprint = await specBlueprint(
    spec,
    {
      folder,
      platforms,
      filter: ignoring.filter,
      args: choices.args,
      git: (at, inner) => gitFacts(at, context, inner),
      project: async () => {
        if (project === undefined) return { layers: [], config: {}, programs: [], warnings: [], materials: [] };
        const made = await prepareProject(project, opened.root, choices, context, run, io);
        builds.push(...made.builds);
        bases.push(...made.bases);
        return made.blueprint;
      },
    },
    io,
  );
  const { compression, sbom, provenance } = spec;
  return {
    blueprint,
    bases,
    builds,
    folder,
    ignoring,
    ...(compression === undefined ? {} : { compression }),
    ...(sbom === undefined ? {} : { sbom }),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

/** What the caller says counts more than the spec. */
function withSpec(choices: Choices, { platforms, ignore }: GantrySpec): Choices {
  const own = choices.platforms ?? platforms;
  return {
    ...choices,
    gitignore: choices.gitignore || ignore.gitignore === true,
    secrets: choices.secrets || ignore.secrets === true,
    ...(own === undefined ? {} : { platforms: own }),
  };
}
