import type { RunOptions } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import type { VerbContext } from '../verb.ts';
import type { Choices } from './choices.ts';
import type { Prepared } from './prepared.ts';
import { prepareFiles } from './prepareFiles.ts';
import { prepareFolder } from './prepareFolder.ts';

/** Turns what the options name into a blueprint; builds what has to be built. @throws OciError, SpecError */
export async function prepare(choices: Choices, context: VerbContext, run: RunOptions, io: Io): Promise<Prepared> {
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
