import { type GitFacts, mergeGitFacts, readGitFacts } from '../../containerize/spec/gitFacts.ts';
import type { Io } from '../../content/store.ts';
import type { VerbContext } from '../verb.ts';

/** What the files of `.git` say, and what the editor knows beside. */
export async function gitFacts(folder: string, { git }: VerbContext, io: Io): Promise<GitFacts> {
  const facts = await readGitFacts(folder, io);
  return git === undefined ? facts : mergeGitFacts(facts, await git(folder));
}
