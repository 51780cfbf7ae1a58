import type { RunOptions } from '../../api.ts';
import type { ImageBlueprint } from '../../containerize/blueprint.ts';
import type { Io } from '../../content/store.ts';
import type { VerbContext } from '../verb.ts';
import type { Choices } from './choices.ts';
import type { Prepared } from './prepared.ts';
import { prepareFiles } from './prepareFiles.ts';
import { prepareFolder } from './prepareFolder.ts';

/** Turns what the options name into a blueprint; builds what has to be built. @throws OciError, SpecError */
export async function prepare(choices: Choices, context: VerbContext, run: RunOptions, io: Io): Promise<Prepared> {
  const prepared = await prepareSubject(choices, context, run, io);
  return { ...prepared, blueprint: placed(prepared, choices) };
}

async function prepareSubject(choices: Choices, context: VerbContext, run: RunOptions, io: Io): Promise<Prepared> {
  const { subject } = choices;
  if (subject.kind === 'files') return prepareFiles(subject.files, choices, io);
  if (subject.kind === 'folder') return prepareFolder(subject.folder, choices, context, run, io);
  // Their parsers are large, and few need both.
  if (subject.kind === 'spec') {
    const { prepareSpec } = await import('./prepareSpec.ts');
    return prepareSpec(subject.spec, choices, context, run, io);
  }
  const { prepareDockerfile } = await import('./prepareDockerfile.ts');
  return prepareDockerfile(subject, choices, context, io);
}

/** With the owner that was asked for, and the files of a plain folder where they were asked for. */
function placed({ blueprint, project }: Prepared, { owner, to, subject }: Choices): ImageBlueprint {
  const moves = to !== undefined && subject.kind === 'folder' && project?.recipe === 'folder';
  if (owner === undefined && !moves) return blueprint;
  const at = moves ? movingTo(to) : (path: string): string => path;
  const layers = blueprint.layers.map((layer) => ({
    ...layer,
    files: layer.files.map((file) => ({ ...file, ...(file.uid === undefined ? owner : {}), to: at(file.to) })),
  }));
  const { entrypoint, workdir } = blueprint.config;
  const config = {
    ...blueprint.config,
    ...(entrypoint === undefined ? {} : { entrypoint: entrypoint.map(at) }),
    ...(workdir === undefined ? {} : { workdir: at(workdir) }),
  };
  const programs = blueprint.programs.map((program) => ({ ...program, path: at(program.path) }));
  return { ...blueprint, layers, config, programs };
}

/** What is at or below `/app`, at or below another folder. */
function movingTo(to: string): (path: string) => string {
  const root = to.replace(/(?<!\/)\/+$/, '');
  return (path) => {
    if (path === '/app') return root === '' ? '/' : root;
    return path.startsWith('/app/') ? `${root}${path.slice('/app'.length)}` : path;
  };
}
