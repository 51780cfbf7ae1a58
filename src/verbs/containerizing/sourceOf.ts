import type { GitSource } from '../../containerize/annotations.ts';
import { readGitRemote } from '../../containerize/provenanceSource.ts';
import type { Io } from '../../content/store.ts';
import type { VerbContext } from '../verb.ts';
import { gitFacts } from './gitFacts.ts';

/** Where the files of a folder come from. A commit is named only where nothing is known to have changed since. */
export async function sourceOf(folder: string, context: VerbContext, io: Io): Promise<GitSource> {
  const { commit, tags = [], isDirty } = await gitFacts(folder, context, io);
  const remote = await readGitRemote(folder, io);
  const [tag] = tags;
  const isExact = commit !== undefined && isDirty === false;
  return {
    ...(remote === undefined ? {} : { remote }),
    ...(isExact ? { commit } : {}),
    ...(isExact && tag !== undefined ? { tag } : {}),
  };
}
