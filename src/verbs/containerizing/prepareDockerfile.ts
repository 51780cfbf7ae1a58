import path from 'node:path';
import { dockerfileBlueprint } from '../../containerize/dockerfile/dockerfileBlueprint.ts';
import { type StageBase, stageBase } from '../../containerize/dockerfile/stageBase.ts';
import { contextFilter } from '../../containerize/ignore/contextFilter.ts';
import { readIgnoreFile } from '../../containerize/ignore/readIgnoreFile.ts';
import { BaseFiles } from '../../containerize/preflight/baseFiles.ts';
import { ProjectFolder } from '../../containerize/recipes/projectFolder.ts';
import type { Io } from '../../content/store.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { ImageFiles } from '../../operations/imageFiles.ts';
import type { VerbContext } from '../verb.ts';
import type { Choices, Subject } from './choices.ts';
import type { Prepared } from './prepared.ts';

type DockerfileSubject = Extract<Subject, { readonly kind: 'dockerfile' }>;

/** The final stage of a Dockerfile. @throws SpecError with the line of what cannot be done without running something */
export async function prepareDockerfile(
  { dockerfile, folder }: DockerfileSubject,
  choices: Choices,
  context: VerbContext,
  io: Io,
): Promise<Prepared> {
  const opened = await ProjectFolder.open(folder ?? path.dirname(dockerfile));
  const { args, stages, gitignore, secrets } = choices;
  const rules = await ownRules(dockerfile, io);
  const ignoring = await contextFilter(
    { root: opened.root, gitignore, secrets, ...(rules === undefined ? {} : { dockerignore: rules }) },
    io,
  );
  const platforms = choices.platforms ?? [context.platforms()[0] ?? 'linux/amd64'];
  const blueprint = await dockerfileBlueprint(
    {
      dockerfile,
      context: opened.root,
      args,
      stages,
      platforms,
      filter: ignoring.filter,
      base: (reference, platform, inner) => readBase(choices.base ?? reference, platform, context, inner),
    },
    io,
  );
  return { blueprint, bases: [], builds: [], folder: opened.root, ignoring };
}

/** What a stage finds in its base: config, folders and accounts. */
async function readBase(reference: string, platform: string, context: VerbContext, io: Io): Promise<StageBase> {
  const { stores, layers } = context;
  const { store, identifier } = await stores.source(reference, io);
  const wanted = { platform: parsePlatform(platform) };
  const files = await ImageFiles.open(stores.remembered.over(store), identifier, wanted, layers, io);
  return stageBase(files.config?.json ?? {}, new BaseFiles(files, await files.filesystem({}, io)));
}

/** `NAME.dockerignore` beside the Dockerfile counts more than the one of the folder. */
async function ownRules(dockerfile: string, io: Io): Promise<string | undefined> {
  return readIgnoreFile(path.dirname(dockerfile), `${path.basename(dockerfile)}.dockerignore`, io);
}
