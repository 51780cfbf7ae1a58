import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { type GitFolders, smallText } from './gitFiles.ts';
import { readCommitTime, readTagTarget } from './gitObjects.ts';
import { readHead, readRefs } from './gitRefs.ts';

/** What is known of the commit that a folder is at; a member that is absent is not known. */
export interface GitFacts {
  /** 40 or 64 hexadecimal digits. */
  readonly commit?: string;
  /** Absent too where a commit is checked out without a branch. */
  readonly branch?: string;
  /** Names of the tags that lead to the commit, versions in their order; empty where there is none. */
  readonly tags?: readonly string[];
  /** When the commit was made: seconds since 1970. */
  readonly commitTimestamp?: number;
  /** True where files differ from the commit. */
  readonly isDirty?: boolean;
  /** Why there is no commit, as the end of a sentence. */
  readonly problem?: string;
}

const maxParents = 64;

/**
 * What the files in `.git` say of the commit of a folder: git is not run, so whether files differ from it is not known. Commits
 * that are packed have no time here. Never throws for what the files hold.
 */
export async function readGitFacts(folder: string, io: Io): Promise<GitFacts> {
  const folders = await findGit(folder, io);
  if (folders === undefined) return { problem: 'the folder is in no git repository' };
  const { commit, branch, problem } = await readHead(folders, io);
  if (commit === undefined) return { ...(branch === undefined ? {} : { branch }), problem: problem ?? 'there is none' };
  const time = await readCommitTime(folders, commit, io);
  return {
    commit,
    ...(branch === undefined ? {} : { branch }),
    tags: await tagsOf(folders, commit, io),
    ...(time === undefined ? {} : { commitTimestamp: time }),
  };
}

/** The two, what the first leaves open taken from the second where both speak of the same commit. */
export function mergeGitFacts(first: GitFacts, second: GitFacts): GitFacts {
  if (first.commit === undefined) return second.commit === undefined ? first : second;
  return second.commit === first.commit ? { ...second, ...first } : first;
}

async function tagsOf(folders: GitFolders, commit: string, io: Io): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { name, target, peeled } of await readRefs(folders, 'refs/tags/', io)) {
    io.signal.throwIfAborted();
    const leadsTo = target === commit ? commit : (peeled ?? (await readTagTarget(folders, target, io)));
    if (leadsTo === commit) names.push(name.slice('refs/tags/'.length));
  }
  return names.sort(new Intl.Collator('en', { numeric: true }).compare);
}

/** The folders of the repository that a folder is in, which may be one above; undefined where it is in none. */
export async function findGit(folder: string, io: Io): Promise<GitFolders | undefined> {
  let at = path.resolve(folder);
  for (let level = 0; level < maxParents; level += 1) {
    const found = await gitAt(path.join(at, '.git'), io);
    if (found !== undefined) return found;
    if (path.dirname(at) === at) return undefined;
    at = path.dirname(at);
  }
  return undefined;
}

/** A repository's folder, or the file that worktrees and submodules have in its place. */
async function gitAt(place: string, io: Io): Promise<GitFolders | undefined> {
  if ((await smallText(path.join(place, 'HEAD'), io)) !== undefined) return { own: place, common: place };
  const file = await smallText(place, io);
  const named = file === undefined ? undefined : /^gitdir: ([^\r\n\0]+)\r?\n?$/.exec(file)?.[1];
  if (named === undefined || isRemote(named)) return undefined;
  const own = path.resolve(path.dirname(place), named);
  if ((await smallText(path.join(own, 'HEAD'), io)) === undefined) return undefined;
  const common = (await smallText(path.join(own, 'commondir'), io))?.trim();
  const isShared = common !== undefined && common !== '' && !common.includes('\0') && !isRemote(common);
  return { own, common: isShared ? path.resolve(own, common) : own };
}

/** Windows signs in to the machine that such a path names. */
function isRemote(named: string): boolean {
  return /^[\\/]{2}/.test(named);
}
